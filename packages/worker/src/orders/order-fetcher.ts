import { ShopeeError, type Escrow, type OrderDetail, type ShopeeClient } from '@shopee-webhook/shopee';
import { OrderNotFoundError, RefusedOrderError, SideUnavailableError } from '../errors.ts';
import { shopSide } from '../outages/gates.ts';
import { mayBeOfOneOrder, shopOutageOf } from '../outages/side-outages.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';

/** What Shopee gave for one order number. */
export type Fetched =
  { order: OrderDetail; escrow: Escrow | undefined; escrowAt?: number | undefined } | { error: unknown };

export interface OrderFetcherOptions {
  shopee: Pick<ShopeeClient, 'getOrderDetail' | 'getEscrowDetails'>;
  keeper: Pick<TokenKeeper, 'use'>;
  /** Hears whether escrow may be read: Shopee's app categories differ, and some may read orders only. */
  onEscrow: (shopId: string, refusal: ShopeeError | undefined) => void;
  /** By shop, the order that was fetched last: while it can be fetched again, an error is another order's doing. */
  served: Map<string, string>;
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
  const fetched = await fetchHalving(options, shopId, orderSns, orderError).catch(async (error: unknown) => {
    if (!mayBeOfOneOrder(error) || !(await servesOthers(options, shopId, orderSns))) throw error;
    return fetchHalving(options, shopId, orderSns, refusalOf);
  });
  const errors = [...fetched.values()].map((result) => ('error' in result ? result.error : undefined));
  // Every one of many orders answered with an error that Shopee documents nowhere: that is Shopee, not the orders.
  if (errors.length > 1 && errors.every((error) => error instanceof ShopeeError && !error.recognised)) {
    throw new SideUnavailableError(shopSide(shopId), 'outage', { cause: errors[0] });
  }
  for (const [sn, result] of fetched) if ('order' in result) options.served.set(shopId, sn);
  return fetched;
}

/** What is an order's own error; undefined for an outage. */
function orderError(error: unknown): unknown {
  return shopOutageOf(error) === undefined ? error : undefined;
}

/** The same where Shopee is known to serve the shop. */
function refusalOf(error: unknown): unknown {
  return mayBeOfOneOrder(error) && error.recognised ? new RefusedOrderError(error) : orderError(error);
}

/** Whether Shopee serves this shop's other orders: the one that was served last, else one half of those that were asked for. */
async function servesOthers(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<boolean> {
  const served = options.served.get(shopId);
  const others = served !== undefined && !orderSns.includes(served) ? [[served]] : halvesOf(orderSns);
  for (const some of others) {
    // It failed: the next tells, or nobody does.
    const worked = await fetchTogether(options, shopId, some).then(
      () => true,
      () => false,
    );
    if (worked) return true;
  }
  return false;
}

/** One order that Shopee or our schemas stumble over must not take 49 others with it: halve until it stands alone. */
async function fetchHalving(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
  ownErrorOf: (error: unknown) => unknown,
): Promise<Map<string, Fetched>> {
  try {
    return await fetchTogether(options, shopId, orderSns);
  } catch (error) {
    const own = ownErrorOf(error);
    if (own === undefined) throw error;
    if (orderSns.length === 1) return new Map(orderSns.map((sn) => [sn, { error: own }]));
  }
  const fetched = new Map<string, Fetched>();
  for (const half of halvesOf(orderSns)) {
    for (const [sn, result] of await fetchHalving(options, shopId, half, ownErrorOf)) fetched.set(sn, result);
  }
  return fetched;
}

/** None of a single one. */
function halvesOf(orderSns: readonly string[]): (readonly string[])[] {
  const middle = Math.ceil(orderSns.length / 2);
  return orderSns.length < 2 ? [] : [orderSns.slice(0, middle), orderSns.slice(middle)];
}

async function fetchTogether(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, Fetched>> {
  const sns = [...orderSns];
  const [orders, { escrows, escrowAt }] = await Promise.all([
    options.keeper.use(shopId, (auth) => options.shopee.getOrderDetail(auth, sns)),
    fetchEscrows(options, shopId, sns),
  ]);
  const bySn = new Map(orders.map((order) => [order.order_sn, order]));
  return new Map(
    orderSns.map((sn): [string, Fetched] => {
      const order = bySn.get(sn);
      if (order === undefined) return [sn, { error: new OrderNotFoundError(sn) }];
      return [sn, { order, escrow: escrows.get(sn), escrowAt }];
    }),
  );
}

/** An order whose escrow is not there, or may not be read, is written without its income. */
async function fetchEscrows(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: string[],
): Promise<{ escrows: Map<string, Escrow>; escrowAt?: number }> {
  try {
    const asked = await options.keeper.use(shopId, async (auth) => {
      const escrowAt = performance.now();
      return { escrowAt, escrows: await options.shopee.getEscrowDetails(auth, orderSns) };
    });
    options.onEscrow(shopId, undefined);
    return asked;
  } catch (error) {
    if (!(error instanceof ShopeeError)) throw error;
    if (error.kind === 'operator') options.onEscrow(shopId, error);
    // Of several it may be one that has none; halving finds it.
    else if (error.kind !== 'bad-request' || !error.recognised || orderSns.length > 1) throw error;
    return { escrows: new Map() };
  }
}
