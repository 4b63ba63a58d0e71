import { settledLines, type SettledLine } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { toCell } from './cells.ts';
import { rowBase, sharedCells, type ShopTarget } from './order-row.ts';
import type { FetchedOrder } from './order-source.ts';

/** One row per order line in Items, keyed `shop:order:line`; a line's key is stable across fetches. */
export function itemRows(shop: ShopTarget, fetched: FetchedOrder): ReportRow[] {
  const { order, escrow } = fetched;
  return settledLines(order, escrow).map((settled) => ({
    ...rowBase(shop, fetched),
    tab: 'Items',
    key: `${shop.shopId}:${order.order_sn}:${settled.line.key}`,
    cells: { ...sharedCells(shop, order), ...goodsCells(settled), ...priceCells(settled) },
  }));
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
