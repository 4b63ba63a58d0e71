import { ShopeeError, type Escrow, type OrderDetail, type ShopeeClient } from '@shopee-webhook/shopee';
import { OrderNotFoundError, RejectedOrderError, UpstreamUnavailableError } from '../consumer/errors.ts';
import { shopUpstream } from '../upstreams/circuit-breakers.ts';
import { mayBeOrderSpecific, classifyShopError } from '../upstreams/classify-outage.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';

/** What Shopee gave for one order number. */
export type FetchResult =
  { order: OrderDetail; escrow: Escrow | undefined; escrowAt?: number | undefined } | { error: unknown };

export interface OrderFetcherDeps {
  shopee: Pick<ShopeeClient, 'getOrderDetail' | 'getEscrowDetails'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  /** Hears whether escrow may be read: Shopee's app categories differ, and some may read orders only. */
  onEscrow: (shopId: string, refusal: ShopeeError | undefined) => void;
  /** By shop, the order that was fetched last: while it can be fetched again, an error is another order's doing. */
  lastFetched: Map<string, string>;
}

/**
 * Fetches orders with their escrow: two calls, side by side, for up to 50 orders. Throws when the shop's side cannot
 * serve us now; what is wrong with one order is that order's result and nobody else's.
 */
export async function fetchOrders(
  options: OrderFetcherDeps,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, FetchResult>> {
  const fetched = await fetchWithBisection(options, shopId, orderSns, orderSpecificError).catch(
    async (error: unknown) => {
      if (!mayBeOrderSpecific(error) || !(await isShopReachable(options, shopId, orderSns))) throw error;
      return fetchWithBisection(options, shopId, orderSns, rejectionOf);
    },
  );
  const errors = [...fetched.values()].map((result) => ('error' in result ? result.error : undefined));
  // Every one of many orders answered with "later", or with an error documented nowhere: that is Shopee, not the orders.
  if (errors.length > 1 && errors.every(isSystemic)) {
    throw new UpstreamUnavailableError(shopUpstream(shopId), 'outage', { cause: errors[0] });
  }
  for (const [sn, result] of fetched) if ('order' in result) options.lastFetched.set(shopId, sn);
  return fetched;
}

/** What is an order's own error; undefined for an outage. */
function orderSpecificError(error: unknown): unknown {
  return classifyShopError(error) === undefined ? error : undefined;
}

/** The same where Shopee is known to serve the shop. */
function rejectionOf(error: unknown): unknown {
  return orderSpecificError(error) ?? (mayBeOrderSpecific(error) ? new RejectedOrderError(error) : undefined);
}

function isSystemic(error: unknown): boolean {
  return error instanceof RejectedOrderError || (error instanceof ShopeeError && !error.isDocumented);
}

/** Whether Shopee serves this shop's other orders: the one that was served last, else one half of those that were asked for. */
async function isShopReachable(
  options: OrderFetcherDeps,
  shopId: string,
  orderSns: readonly string[],
): Promise<boolean> {
  const served = options.lastFetched.get(shopId);
  const others = served !== undefined && !orderSns.includes(served) ? [[served]] : bisect(orderSns);
  for (const some of others) {
    // It failed: the next tells, or nobody does.
    const worked = await fetchBatch(options, shopId, some).then(
      () => true,
      () => false,
    );
    if (worked) return true;
  }
  return false;
}

/** Enough to find the one of 50 that is odd. */
const maxEscrowCalls = 16;

/** One order that Shopee or our schemas stumble over must not take 49 others with it: halve until it stands alone. */
async function fetchWithBisection(
  options: OrderFetcherDeps,
  shopId: string,
  orderSns: readonly string[],
  ownErrorOf: (error: unknown) => unknown,
): Promise<Map<string, FetchResult>> {
  try {
    return await fetchBatch(options, shopId, orderSns);
  } catch (error) {
    const own = ownErrorOf(error);
    if (own === undefined) throw error;
    if (orderSns.length === 1) return new Map(orderSns.map((sn) => [sn, { error: own }]));
  }
  const fetched = new Map<string, FetchResult>();
  for (const half of bisect(orderSns)) {
    for (const [sn, result] of await fetchWithBisection(options, shopId, half, ownErrorOf)) fetched.set(sn, result);
  }
  return fetched;
}

/** None of a single one. */
function bisect(orderSns: readonly string[]): (readonly string[])[] {
  const middle = Math.ceil(orderSns.length / 2);
  return orderSns.length < 2 ? [] : [orderSns.slice(0, middle), orderSns.slice(middle)];
}

async function fetchBatch(
  options: OrderFetcherDeps,
  shopId: string,
  orderSns: readonly string[],
): Promise<Map<string, FetchResult>> {
  const sns = [...orderSns];
  const [orders, { escrows, escrowAt }] = await Promise.all([
    options.accessTokens.withToken(shopId, (auth) => options.shopee.getOrderDetail(auth, sns)),
    fetchEscrows(options, shopId, orderSns),
  ]);
  const bySn = new Map(orders.map((order) => [order.order_sn, order]));
  return new Map(
    orderSns.map((sn): [string, FetchResult] => {
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
  options: OrderFetcherDeps,
  shopId: string,
  orderSns: readonly string[],
): Promise<{ escrows: Map<string, Escrow>; escrowAt: number }> {
  const escrowAt = performance.now();
  const escrows = new Map<string, Escrow>();
  const parts = [orderSns];
  const retried = new Set<string>();
  for (let calls = 1; calls <= maxEscrowCalls; calls += 1) {
    const part = parts.shift();
    if (part === undefined) break;
    try {
      const found = await options.accessTokens.withToken(shopId, (auth) => options.shopee.getEscrowDetails(auth, part));
      options.onEscrow(shopId, undefined);
      for (const [sn, escrow] of found) escrows.set(sn, escrow);
    } catch (error) {
      if (!(error instanceof ShopeeError)) throw error;
      if (error.kind === 'configuration') {
        options.onEscrow(shopId, error);
        break;
      }
      if (classifyShopError(error) !== undefined) throw error;
      const [sn = ''] = part;
      if (part.length > 1) parts.push(...bisect(part));
      else if (!error.isDocumented && !retried.has(sn)) parts.push(part);
      if (part.length === 1) retried.add(sn);
    }
  }
  return { escrows, escrowAt };
}
