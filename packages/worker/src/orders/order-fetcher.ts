import { ShopeeError, type Escrow, type OrderDetail, type ShopeeClient } from '@shopee-webhook/shopee';
import { OrderNotFoundError, SideUnavailableError } from '../errors.ts';
import { shopSide } from '../outages/gates.ts';
import { shopOutageOf } from '../outages/side-outages.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';

/** What Shopee gave for one order number. */
export type Fetched = { order: OrderDetail; escrow: Escrow | undefined } | { error: unknown };

export interface OrderFetcherOptions {
  shopee: Pick<ShopeeClient, 'getOrderDetail' | 'getEscrowDetails'>;
  keeper: Pick<TokenKeeper, 'use'>;
  /** Hears whether escrow may be read: Shopee's app categories differ, and some may read orders only. */
  onEscrow: (shopId: string, refusal: ShopeeError | undefined) => void;
}

/**
 * Fetches orders with their escrow: two calls, side by side, for up to 50 orders. Throws when the shop's side cannot
 * serve us now; what is wrong with one order is that order's result and nobody else's.
 */
export async function fetchOrders(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, Fetched>> {
  const fetched = await fetchHalving(options, shopId, orderSns);
  const errors = [...fetched.values()].map((result) => ('error' in result ? result.error : undefined));
  // Every one of many orders answered with an error that Shopee documents nowhere: that is Shopee, not the orders.
  if (errors.length > 1 && errors.every((error) => error instanceof ShopeeError && !error.recognised)) {
    throw new SideUnavailableError(shopSide(shopId), 'outage', { cause: errors[0] });
  }
  return fetched;
}

/** One order that Shopee or our schemas stumble over must not take 49 others with it: halve until it stands alone. */
async function fetchHalving(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, Fetched>> {
  try {
    return await fetchTogether(options, shopId, orderSns);
  } catch (error) {
    if (shopOutageOf(error) !== undefined) throw error;
    if (orderSns.length === 1) return new Map(orderSns.map((sn) => [sn, { error }]));
  }
  const middle = Math.ceil(orderSns.length / 2);
  const first = await fetchHalving(options, shopId, orderSns.slice(0, middle));
  const second = await fetchHalving(options, shopId, orderSns.slice(middle));
  return new Map([...first, ...second]);
}

async function fetchTogether(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, Fetched>> {
  const sns = [...orderSns];
  const [orders, escrows] = await Promise.all([
    options.keeper.use(shopId, (auth) => options.shopee.getOrderDetail(auth, sns)),
    fetchEscrows(options, shopId, sns),
  ]);
  const bySn = new Map(orders.map((order) => [order.order_sn, order]));
  return new Map(
    orderSns.map((sn): [string, Fetched] => {
      const order = bySn.get(sn);
      return [sn, order === undefined ? { error: new OrderNotFoundError(sn) } : { order, escrow: escrows.get(sn) }];
    }),
  );
}

/** An order whose escrow is not there, or may not be read, is written without its income. */
async function fetchEscrows(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: string[],
): Promise<Map<string, Escrow>> {
  try {
    const escrows = await options.keeper.use(shopId, (auth) => options.shopee.getEscrowDetails(auth, orderSns));
    options.onEscrow(shopId, undefined);
    return escrows;
  } catch (error) {
    if (!(error instanceof ShopeeError)) throw error;
    if (error.kind === 'operator') options.onEscrow(shopId, error);
    else if (shopOutageOf(error) !== undefined) throw error;
    return new Map();
  }
}
