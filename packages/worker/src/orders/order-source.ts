import type { Escrow, OrderDetail, ReturnDetail } from '@shopee-webhook/shopee';

/** An order as it was fetched, with the data that only its pushes carry. */
export interface FetchedOrder {
  order: OrderDetail;
  escrow?: Escrow | undefined;
  /** Why the escrow could not be read; undefined also when Shopee has none yet. */
  escrowError?: string | undefined;
  /** When Shopee was asked, unix ms. */
  requestedAt?: number | undefined;
  /** From pushes with code 4; the order detail does not contain it. */
  trackingNumbers?: readonly string[] | undefined;
  /** From get_escrow_list, once the order is paid out. */
  payout?: { amount: number; releasedAt: number } | undefined;
}

/** Shopee's result for one order number. */
export type FetchResult = FetchedOrder | { error: unknown };

/**
 * Where orders come from. Every method throws when the shop's API cannot serve us now; what is wrong with one order is
 * that order's result.
 */
export interface OrderSource {
  /** The shop's display name, if known. Throws for a shop without valid tokens. */
  shopName(shopId: string): Promise<string | undefined>;
  /** Orders with their escrow. */
  fetchOrders(shopId: string, orderSns: readonly string[]): Promise<Map<string, FetchResult>>;
  fetchReturn(shopId: string, orderSn: string, returnSn: string): Promise<ReturnDetail>;
  /** The tracking numbers of an order's packages that have one. */
  fetchTrackingNumbers(order: OrderDetail): Promise<string[]>;
}
