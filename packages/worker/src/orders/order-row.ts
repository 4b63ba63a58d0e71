import type { Escrow, OrderDetail } from '@shopee-webhook/shopee';
import { cellOf, joined, sumOf, withoutMasked } from './cells.ts';
import type { Cell, SheetRow } from '../columns.ts';
import { incomeCells } from './income.ts';

/** Whose row it is and where it goes. */
export interface ShopTarget {
  shopId: string;
  shopName?: string | undefined;
  spreadsheetId: string;
}

/** An order as it was fetched, with what the pushes for it told beside. */
export interface FetchedOrder {
  order: OrderDetail;
  escrow?: Escrow | undefined;
  /** When the worker set out to ask Shopee for the escrow, by `performance.now()`. */
  escrowAt?: number | undefined;
  /** From pushes with code 4; the order detail does not hold it. */
  trackingNumbers?: readonly string[] | undefined;
  /** From get_escrow_list, when the order was paid out. */
  payout?: { amount: number; releasedAt: number } | undefined;
}

/** What all rows of an order have in common; `update_time` is the version that later ones must not fall behind. */
export function rowBase(
  shop: ShopTarget,
  { order, escrow, escrowAt }: FetchedOrder,
): Omit<SheetRow, 'tab' | 'key' | 'cells'> {
  return {
    spreadsheetId: shop.spreadsheetId,
    version: order.update_time ?? 0,
    shopId: shop.shopId,
    ...(escrow === undefined ? {} : { incomeAt: escrowAt }),
  };
}

/** Cells that stand in each row of an order. */
export function sharedCells(shop: ShopTarget, order: OrderDetail): Record<string, Cell> {
  return {
    order_sn: order.order_sn,
    shop: shop.shopName ?? shop.shopId,
    shop_id: shop.shopId,
    order_status: cellOf(order.order_status),
    create_time: cellOf(order.create_time),
    currency: cellOf(order.currency),
  };
}

/** The order's row in Orders; its key is `shop:order`. */
export function orderRow(shop: ShopTarget, fetched: FetchedOrder): SheetRow {
  const { order } = fetched;
  return {
    ...rowBase(shop, fetched),
    tab: 'Orders',
    key: `${shop.shopId}:${order.order_sn}`,
    ...withoutMasked({
      ...sharedCells(shop, order),
      region: cellOf(order.region),
      pay_time: cellOf(order.pay_time),
      ship_by_date: cellOf(order.ship_by_date),
      pickup_done_time: cellOf(order.pickup_done_time),
      update_time: cellOf(order.update_time),
      ...goodsCells(order),
      ...incomeCells(fetched.escrow),
      ...payoutCells(fetched.payout),
      ...buyerCells(order),
      ...parcelCells(order, fetched.trackingNumbers ?? []),
      cancel_by: cellOf(order.cancel_by),
      cancel_reason: cellOf(order.cancel_reason || order.buyer_cancel_reason),
    }),
  };
}

function goodsCells(order: OrderDetail): Record<string, Cell> {
  const lines = order.item_list.map((item) => {
    const sku = item.model_sku || item.item_sku;
    const name = joined([item.item_name, item.model_name]) ?? '';
    return `${String(item.model_quantity_purchased ?? '?')} × ${name}${sku ? ` [${sku}]` : ''}`;
  });
  return {
    items: cellOf(lines.length === 0 ? undefined : lines.join('\n')),
    units: cellOf(sumOf(order.item_list.map((item) => item.model_quantity_purchased))),
    total_amount: cellOf(order.total_amount),
  };
}

function payoutCells(payout: FetchedOrder['payout']): Record<string, Cell> {
  return payout === undefined ? {} : { payout_amount: payout.amount, escrow_release_time: payout.releasedAt };
}

function buyerCells(order: OrderDetail): Record<string, Cell> {
  const address = order.recipient_address;
  return {
    payment_method: cellOf(order.payment_method),
    buyer_username: cellOf(order.buyer_username),
    recipient_name: cellOf(address?.name),
    recipient_phone: cellOf(address?.phone),
    recipient_address: cellOf(address?.full_address),
    message_to_seller: cellOf(order.message_to_seller),
    note: cellOf(order.note),
  };
}

function parcelCells(order: OrderDetail, trackingNumbers: readonly string[]): Record<string, Cell> {
  const parcels = order.package_list;
  return {
    shipping_carrier: cellOf(order.shipping_carrier || joined(parcels.map((parcel) => parcel.shipping_carrier))),
    tracking_number: cellOf(joined(trackingNumbers)),
    package_number: cellOf(joined(parcels.map((parcel) => parcel.package_number))),
    logistics_status: cellOf(joined(parcels.map(({ logistics_status: status }) => withoutPrefix(status)))),
  };
}

/** LOGISTICS_READY → READY. */
export function withoutPrefix(status: string | undefined): string | undefined {
  return status?.replace(/^LOGISTICS_/, '');
}
