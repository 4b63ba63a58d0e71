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
  // Every one of many orders answered with "later", or with an error documented nowhere: that is Shopee, not the orders.
  if (errors.length > 1 && errors.every(isNobodysFault)) {
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
  return orderError(error) ?? (mayBeOfOneOrder(error) ? new RefusedOrderError(error) : undefined);
}

function isNobodysFault(error: unknown): boolean {
  return error instanceof RefusedOrderError || (error instanceof ShopeeError && !error.recognised);
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

/** Enough to find the one of 50 that is odd. */
const mostEscrowCalls = 16;

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
    fetchEscrows(options, shopId, orderSns),
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

/**
 * An order whose escrow is not there, or may not be read, is written without its income. An odd answer may pass, or be one
 * order's doing: the others are asked for apart from it, within a number of calls.
 */
async function fetchEscrows(
  options: OrderFetcherOptions,
  shopId: string,
  orderSns: readonly string[],
): Promise<{ escrows: Map<string, Escrow>; escrowAt: number }> {
  const escrowAt = performance.now();
  const escrows = new Map<string, Escrow>();
  const parts = [orderSns];
  const askedTwice = new Set<string>();
  for (let calls = 1; calls <= mostEscrowCalls; calls += 1) {
    const part = parts.shift();
    if (part === undefined) break;
    try {
      const found = await options.keeper.use(shopId, (auth) => options.shopee.getEscrowDetails(auth, part));
      options.onEscrow(shopId, undefined);
      for (const [sn, escrow] of found) escrows.set(sn, escrow);
    } catch (error) {
      if (!(error instanceof ShopeeError)) throw error;
      if (error.kind === 'operator') {
        options.onEscrow(shopId, error);
        break;
      }
      if (shopOutageOf(error) !== undefined) throw error;
      const [sn = ''] = part;
      if (part.length > 1) parts.push(...halvesOf(part));
      else if (!error.recognised && !askedTwice.has(sn)) parts.push(part);
      if (part.length === 1) askedTwice.add(sn);
    }
  }
  return { escrows, escrowAt };
}
