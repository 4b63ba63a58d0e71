import {
  currencyDecimals,
  incomeOf,
  orderLines,
  settledLines,
  type OrderDetail,
  type OrderLine,
  type SettledLine,
} from '@shopee-webhook/shopee';
import type { Cell, DetailRows } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { shareOut, toCell } from './cells.ts';
import { rowBase, sharedCells, type ShopTarget } from './order-row.ts';
import type { FetchedOrder } from './order-source.ts';

/** One row per order line in Items, keyed `shop:order:line`; a line's key is stable across fetches. */
export function itemRows(shop: ShopTarget, fetched: FetchedOrder): ReportRow[] {
  const { order, escrow } = fetched;
  const lines = settledLines(order, escrow);
  const shares = netShares(fetched, lines);
  return lines.map((settled, n) => ({
    ...rowBase(shop, fetched),
    tab: 'Items',
    key: lineRowKey(shop, order, settled.line),
    cells: {
      ...sharedCells(shop, order),
      ...goodsCells(settled),
      ...priceCells(settled),
      net_share: toCell(shares?.[n]),
    },
  }));
}

/** What the Items tab holds of an order: a line that Shopee no longer lists is marked and counts nothing. */
export function lineRows(shop: ShopTarget, { order }: FetchedOrder): DetailRows | undefined {
  const lines = orderLines(order, undefined);
  // An order has lines: an answer without any tells nothing of them.
  if (lines.length === 0) return undefined;
  return { tab: 'Items', keys: lines.map((line) => lineRowKey(shop, order, line)), cellsIfGone };
}

const cellsIfGone: Record<string, Cell> = {
  order_status: 'REMOVED',
  quantity: 0,
  line_total: 0,
  seller_discount: 0,
  shopee_discount: 0,
  discount_from_voucher_seller: 0,
  discount_from_voucher_shopee: 0,
  discount_from_coin: 0,
  ams_commission_fee: 0,
  net_share: 0,
};

/** The order's final amount shared out over its lines by their value; undefined until it is known. */
function netShares({ order, escrow }: FetchedOrder, lines: readonly SettledLine[]): number[] | undefined {
  if (escrow === undefined) return undefined;
  const net = incomeOf(escrow, order.order_status).amounts.escrow_amount_after_adjustment;
  if (net === undefined) return undefined;
  const values = lines.map(({ line, settled }) => Math.max(0, settled?.discounted_price ?? line.lineTotal ?? 0));
  return shareOut(net, values, Math.max(currencyDecimals(order.currency), 2));
}

function lineRowKey(shop: ShopTarget, order: OrderDetail, line: OrderLine): string {
  return `${shop.shopId}:${order.order_sn}:${line.key}`;
}

function goodsCells({ item, line }: SettledLine): Record<string, Cell> {
  return {
    item_name: line.name,
    model_name: toCell(line.variation),
    sku: toCell(line.sku),
    quantity: line.quantity,
    promotion_type: toCell(item.promotion_type),
    cancelled_quantity: toCell(item.cancelled_qty),
    returned_quantity: toCell(item.returned_qty),
    item_id: toCell(line.itemId),
    model_id: toCell(line.modelId),
  };
}

/** Prices are per unit in the order and for the whole line in the escrow (captured: 15 with quantity 2, and 30). */
function priceCells({ line, settled }: SettledLine): Record<string, Cell> {
  return {
    original_unit_price: toCell(line.originalPrice),
    unit_price: toCell(line.unitPrice),
    line_total: toCell(settled?.discounted_price ?? line.lineTotal),
    seller_discount: toCell(settled?.seller_discount),
    shopee_discount: toCell(settled?.shopee_discount),
    discount_from_voucher_seller: toCell(settled?.discount_from_voucher_seller),
    discount_from_voucher_shopee: toCell(settled?.discount_from_voucher_shopee),
    discount_from_coin: toCell(settled?.discount_from_coin),
    ams_commission_fee: toCell(settled?.ams_commission_fee),
  };
}
