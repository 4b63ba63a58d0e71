import type { OrderDetail } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { toCell, joinDistinct, sum, splitMasked } from './cells.ts';
import { incomeCells } from './income.ts';
import type { FetchedOrder } from './order-source.ts';

/** The shop of a row and its spreadsheet. */
export interface ShopTarget {
  shopId: string;
  shopName?: string | undefined;
  spreadsheetId: string;
}

/** Fields shared by all rows of an order; `update_time` is their version. */
export function rowBase(
  shop: ShopTarget,
  { order, escrowError, requestedAt }: FetchedOrder,
): Omit<ReportRow, 'tab' | 'key' | 'cells'> {
  return {
    spreadsheetId: shop.spreadsheetId,
    version: order.update_time ?? 0,
    shopId: shop.shopId,
    // Without its income it must not keep out one that has it.
    ...(escrowError === undefined ? { requestedAt } : {}),
  };
}

/** Cells shared by all rows of an order. */
export function sharedCells(shop: ShopTarget, order: OrderDetail): Record<string, Cell> {
  return {
    order_sn: order.order_sn,
    shop: shop.shopName ?? shop.shopId,
    shop_id: shop.shopId,
    order_status: toCell(order.order_status),
    create_time: toCell(order.create_time),
    currency: toCell(order.currency),
  };
}

/** The order's row in Orders; its key is `shop:order`. */
export function orderRow(shop: ShopTarget, fetched: FetchedOrder): ReportRow {
  const { order } = fetched;
  return {
    ...rowBase(shop, fetched),
    tab: 'Orders',
    key: `${shop.shopId}:${order.order_sn}`,
    ...splitMasked({
      ...sharedCells(shop, order),
      region: toCell(order.region),
      pay_time: toCell(order.pay_time),
      ship_by_date: toCell(order.ship_by_date),
      pickup_done_time: toCell(order.pickup_done_time),
      update_time: toCell(order.update_time),
      ...goodsCells(order),
      ...incomeCells(fetched),
      income_state: incomeState(fetched),
      ...payoutCells(fetched.payout),
      ...buyerCells(order),
      ...parcelCells(order, fetched.trackingNumbers ?? []),
      cancel_by: toCell(order.cancel_by),
      cancel_reason: toCell(order.cancel_reason || order.buyer_cancel_reason),
    }),
  };
}

function goodsCells(order: OrderDetail): Record<string, Cell> {
  const lines = order.item_list.map((item) => {
    const sku = item.model_sku || item.item_sku;
    const name = joinDistinct([item.item_name, item.model_name]) ?? '';
    return `${String(item.model_quantity_purchased ?? '?')} × ${name}${sku ? ` [${sku}]` : ''}`;
  });
  return {
    items: toCell(lines.length === 0 ? undefined : lines.join('\n')),
    units: toCell(sum(order.item_list.map((item) => item.model_quantity_purchased))),
    total_amount: toCell(order.total_amount),
  };
}

/** Why the income is missing; cleared once it was read. While Shopee has no escrow yet the cell stays as it is. */
function incomeState({ escrow, escrowError }: FetchedOrder): Cell {
  if (escrowError !== undefined) return `not read: ${escrowError}`;
  return escrow === undefined ? null : '';
}

function payoutCells(payout: FetchedOrder['payout']): Record<string, Cell> {
  return payout === undefined ? {} : { payout_amount: payout.amount, escrow_release_time: payout.releasedAt };
}

function buyerCells(order: OrderDetail): Record<string, Cell> {
  const address = order.recipient_address;
  return {
    payment_method: toCell(order.payment_method),
    buyer_username: toCell(order.buyer_username),
    recipient_name: toCell(address?.name),
    recipient_phone: toCell(address?.phone),
    recipient_address: toCell(address?.full_address),
    message_to_seller: toCell(order.message_to_seller),
    note: toCell(order.note),
  };
}

function parcelCells(order: OrderDetail, trackingNumbers: readonly string[]): Record<string, Cell> {
  const parcels = order.package_list;
  return {
    shipping_carrier: toCell(order.shipping_carrier || joinDistinct(parcels.map((parcel) => parcel.shipping_carrier))),
    tracking_number: toCell(joinDistinct(trackingNumbers)),
    package_number: toCell(joinDistinct(parcels.map((parcel) => parcel.package_number))),
    logistics_status: toCell(joinDistinct(parcels.map(({ logistics_status: status }) => stripLogisticsPrefix(status)))),
  };
}

/** LOGISTICS_READY → READY. */
export function stripLogisticsPrefix(status: string | undefined): string | undefined {
  return status?.replace(/^LOGISTICS_/, '');
}
