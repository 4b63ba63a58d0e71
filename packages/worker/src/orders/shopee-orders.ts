import { systemClock } from '@shopee-webhook/runtime';
import {
  inSettlementCurrency,
  mayBeAdjusted,
  ShopeeError,
  type Escrow,
  type OrderDetail,
  type ReturnDetail,
  type ShopeeClient,
} from '@shopee-webhook/shopee';
import { OrderNotFoundError, RejectedOrderError, UpstreamUnavailableError } from '../upstreams/errors.ts';
import type { AlertEngine } from '@shopee-webhook/store';
import type { AccessTokens } from '../shops/access-tokens.ts';
import { shopUpstream } from '../upstreams/circuit-breakers.ts';
import { classifyShopError, mayBeOrderSpecific, rethrowOrderSpecific } from '../upstreams/classify-outage.ts';
import type { ErasedBuyers } from './erasure.ts';
import { OrderBatchLoader } from './order-batch-loader.ts';
import type { FetchResult, OrderSource } from './order-source.ts';

export interface ShopeeOrdersDeps {
  shopee: Pick<
    ShopeeClient,
    'getOrderDetail' | 'getEscrowDetail' | 'getEscrowDetails' | 'getReturnDetail' | 'getTrackingNumber'
  >;
  accessTokens: Pick<AccessTokens, 'withToken' | 'getTokens'>;
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  erasedBuyers: Pick<ErasedBuyers, 'has' | 'redact'>;
}

/** Unix ms: so that workers can compare the times of their requests, and a step of the clock does not reorder ours. */
const startedAt = systemClock.wallMs() - systemClock.monotonicMs();

/** Enough to find the one of 50 that fails. */
const maxEscrowCalls = 16;

/** Calls for one order each that are made at once; how many a second is the limiter's to say. */
const maxSingleCalls = 8;

/** What was read of the orders' income. */
interface Escrows {
  found: Map<string, Escrow>;
  /** Order → what could not be read of it. */
  errors: Map<string, string>;
  /** The last error. */
  failure: ShopeeError | undefined;
}

/** Orders from Shopee's Open API, batched per shop, without the data of erased buyers. */
export class ShopeeOrders implements OrderSource {
  readonly #deps: ShopeeOrdersDeps;
  readonly #batches: OrderBatchLoader;
  /** By shop, the order fetched last: while it can be fetched again, an error concerns the requested orders only. */
  readonly #lastFetched = new Map<string, string>();

  constructor(deps: ShopeeOrdersDeps) {
    this.#deps = deps;
    this.#batches = new OrderBatchLoader({ fetch: (shopId, orderSns) => this.#fetch(shopId, orderSns) });
  }

  async shopName(shopId: string): Promise<string | undefined> {
    return (await this.#deps.accessTokens.getTokens(shopId)).shopName;
  }

  async fetchOrders(shopId: string, orderSns: readonly string[]): Promise<Map<string, FetchResult>> {
    return this.#deps.erasedBuyers.redact(await this.#batches.load(shopId, orderSns));
  }

  async fetchReturn(shopId: string, orderSn: string, returnSn: string): Promise<ReturnDetail> {
    const { accessTokens, shopee, erasedBuyers } = this.#deps;
    const detail = await accessTokens
      .withToken(shopId, (auth) => shopee.getReturnDetail(auth, returnSn))
      .catch(rethrowOrderSpecific);
    return erasedBuyers.has(orderSn) ? { ...detail, text_reason: undefined } : detail;
  }

  async fetchTrackingNumbers(order: OrderDetail): Promise<string[]> {
    const { accessTokens, shopee } = this.#deps;
    const numbers: string[] = [];
    for (const { package_number: packageNumber } of order.package_list) {
      if (packageNumber === undefined) continue;
      try {
        const tracking = await accessTokens.withToken(order.shop_id, (auth) =>
          shopee.getTrackingNumber(auth, order.order_sn, packageNumber),
        );
        if (tracking.tracking_number) numbers.push(tracking.tracking_number);
      } catch (error) {
        // A package without a number yet is rejected in several ways, also as "being allocated"; its own push will follow.
        const hasNone =
          error instanceof ShopeeError && (error.code.endsWith('error_param') || error.kind === 'configuration');
        if (!hasNone && classifyShopError(error) !== undefined) rethrowOrderSpecific(error);
      }
    }
    return numbers;
  }

  async #fetch(shopId: string, orderSns: readonly string[]): Promise<Map<string, FetchResult>> {
    const fetched = await this.#fetchWithBisection(shopId, orderSns, orderSpecificError).catch(
      async (error: unknown) => {
        if (!mayBeOrderSpecific(error) || !(await this.#isShopReachable(shopId, orderSns))) throw error;
        return this.#fetchWithBisection(shopId, orderSns, rejectionOf);
      },
    );
    const errors = [...fetched.values()].map((result) => ('error' in result ? result.error : undefined));
    // Every one of several orders failed with "later" or an undocumented error: then Shopee fails, not the orders.
    if (errors.length > 1 && errors.every(isSystemic)) {
      throw new UpstreamUnavailableError(shopUpstream(shopId), 'outage', { cause: errors[0] });
    }
    for (const [sn, result] of fetched) if ('order' in result) this.#lastFetched.set(shopId, sn);
    return fetched;
  }

  /** Whether Shopee serves the shop's other orders: the one fetched last, else one half of the requested ones. */
  async #isShopReachable(shopId: string, orderSns: readonly string[]): Promise<boolean> {
    const last = this.#lastFetched.get(shopId);
    const others = last !== undefined && !orderSns.includes(last) ? [[last]] : bisect(orderSns);
    for (const some of others) {
      // A failure says nothing: the next one decides.
      const isServed = await this.#fetchBatch(shopId, some).then(
        () => true,
        () => false,
      );
      if (isServed) return true;
    }
    return false;
  }

  /** One order that fails at Shopee or in our schemas must not take 49 others with it: bisect until it stands alone. */
  async #fetchWithBisection(
    shopId: string,
    orderSns: readonly string[],
    toOwnError: (error: unknown) => unknown,
  ): Promise<Map<string, FetchResult>> {
    try {
      return await this.#fetchBatch(shopId, orderSns);
    } catch (error) {
      const own = toOwnError(error);
      if (own === undefined) throw error;
      if (orderSns.length === 1) return new Map(orderSns.map((sn) => [sn, { error: own }]));
    }
    const fetched = new Map<string, FetchResult>();
    for (const half of bisect(orderSns)) {
      for (const [sn, result] of await this.#fetchWithBisection(shopId, half, toOwnError)) fetched.set(sn, result);
    }
    return fetched;
  }

  async #fetchBatch(shopId: string, orderSns: readonly string[]): Promise<Map<string, FetchResult>> {
    const { accessTokens, shopee } = this.#deps;
    const requestedAt = startedAt + systemClock.monotonicMs();
    const [orders, escrows] = await Promise.all([
      accessTokens.withToken(shopId, (auth) => shopee.getOrderDetail(auth, [...orderSns])),
      this.#fetchEscrows(shopId, orderSns),
    ]);
    await this.#fetchAdjustments(shopId, orders, escrows);
    this.#reportEscrow(shopId, escrows.errors.size === 0 ? undefined : escrows.failure);
    const bySn = new Map(orders.map((order) => [order.order_sn, order]));
    return new Map(
      orderSns.map((sn): [string, FetchResult] => {
        const order = bySn.get(sn);
        if (order === undefined) return [sn, { error: new OrderNotFoundError(sn) }];
        const escrow = escrows.found.get(sn);
        const escrowError = escrows.errors.get(sn);
        return [sn, { order: inSettlementCurrency(order, escrow), requestedAt, escrow, escrowError }];
      }),
    );
  }

  /**
   * An order whose escrow does not exist yet, or cannot be read, is written without its income. An unexpected error may be
   * transient or concern one order: the others are requested apart from it, within a number of calls.
   */
  async #fetchEscrows(shopId: string, orderSns: readonly string[]): Promise<Escrows> {
    const { accessTokens, shopee } = this.#deps;
    const found = new Map<string, Escrow>();
    const errors = new Map<string, string>();
    const parts = [orderSns];
    const retried = new Set<string>();
    let failure: ShopeeError | undefined;
    for (let calls = 1; calls <= maxEscrowCalls; calls += 1) {
      const part = parts.shift();
      if (part === undefined) break;
      try {
        const escrows = await accessTokens.withToken(shopId, (auth) => shopee.getEscrowDetails(auth, part));
        for (const [sn, escrow] of escrows) found.set(sn, escrow);
      } catch (error) {
        if (!(error instanceof ShopeeError)) throw error;
        const isForbidden = error.kind === 'configuration';
        if (!isForbidden && classifyShopError(error) !== undefined) throw error;
        const [sn = ''] = part;
        if (!isForbidden && part.length === 1 && error.kind === 'not-found') continue;
        failure = error;
        if (isForbidden) parts.unshift(part);
        else if (part.length > 1) parts.push(...bisect(part));
        else if (error.isDocumented || retried.has(sn)) errors.set(sn, error.message);
        else parts.push(part);
        if (part.length === 1) retried.add(sn);
        if (isForbidden) break;
      }
    }
    for (const sn of parts.flat()) errors.set(sn, failure?.message ?? 'not requested');
    return { found, errors, failure };
  }

  /**
   * The batch call may leave adjustments out, which looks as if there were none: the escrow of an order that may have some
   * is then requested by itself.
   */
  async #fetchAdjustments(shopId: string, orders: readonly OrderDetail[], escrows: Escrows): Promise<void> {
    const { accessTokens, shopee } = this.#deps;
    const waiting = orders.filter(({ order_sn: sn, order_status: status }) => {
      const income = escrows.found.get(sn)?.order_income;
      return income?.escrow_amount !== undefined && !income.has_adjustments && mayBeAdjusted(status);
    });
    const fetchNext = async (): Promise<void> => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        const sn = order.order_sn;
        try {
          escrows.found.set(sn, await accessTokens.withToken(shopId, (auth) => shopee.getEscrowDetail(auth, sn)));
        } catch (error) {
          if (!(error instanceof ShopeeError)) throw error;
          if (error.kind !== 'configuration' && classifyShopError(error) !== undefined) throw error;
          escrows.failure = error;
          escrows.errors.set(sn, `adjustments: ${error.message}`);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(maxSingleCalls, waiting.length) }, fetchNext));
  }

  /** Orders without their income are complete in everything else: an alert says that and why. */
  #reportEscrow(shopId: string, failure: ShopeeError | undefined): void {
    const { alerts } = this.#deps;
    const key = `escrow:${shopId}`;
    if (failure === undefined) {
      void alerts.resolve(key);
      return;
    }
    const isForbidden = failure.kind === 'configuration';
    const advice = isForbidden
      ? 'Check the app’s category and permissions.'
      : 'The column “Income state” names the orders; they are fetched again with their next event or reconciliation.';
    void alerts.raise(key, {
      severity: 'warning',
      title: `Shop ${shopId}: ${isForbidden ? 'no permission to read escrow' : 'escrow cannot be read'}`,
      text: `Orders are written without their income, or without its adjustments. ${failure.message}. ${advice}`,
    });
  }
}

/** An error that concerns the requested orders; undefined for an outage. */
function orderSpecificError(error: unknown): unknown {
  return classifyShopError(error) === undefined ? error : undefined;
}

/** The same while Shopee serves the shop's other orders. */
function rejectionOf(error: unknown): unknown {
  return orderSpecificError(error) ?? (mayBeOrderSpecific(error) ? new RejectedOrderError(error) : undefined);
}

function isSystemic(error: unknown): boolean {
  return error instanceof RejectedOrderError || (error instanceof ShopeeError && !error.isDocumented);
}

/** Two halves; none of a single one. */
function bisect(orderSns: readonly string[]): (readonly string[])[] {
  const middle = Math.ceil(orderSns.length / 2);
  return orderSns.length < 2 ? [] : [orderSns.slice(0, middle), orderSns.slice(middle)];
}
