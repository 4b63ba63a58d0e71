import type { Fetched } from './order-fetcher.ts';

export interface FetchGathererOptions {
  /** Fetches up to `maxOrders` orders of a shop. */
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, Fetched>>;
  /** Shopee's detail and escrow calls take 50. */
  maxOrders?: number;
  /** Fetches of one shop at a time. */
  maxUnderWay?: number;
}

interface Request {
  orderSns: readonly string[];
  resolve: (fetched: Map<string, Fetched>) => void;
  reject: (error: unknown) => void;
}

interface Lane {
  underWay: number;
  waiting: Request[];
}

/**
 * Gathers what is asked for while fetches are under way, as a database gathers commits. A single order is fetched at
 * once; in a burst, where each consumer takes orders one by one as they come, those that wait go together in full
 * calls. Without it a burst costs two calls an order, more than Shopee's rate limit lets through.
 */
export class FetchGatherer {
  readonly #fetch: FetchGathererOptions['fetch'];
  readonly #maxOrders: number;
  readonly #maxUnderWay: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(options: FetchGathererOptions) {
    this.#fetch = options.fetch;
    this.#maxOrders = options.maxOrders ?? 50;
    this.#maxUnderWay = options.maxUnderWay ?? 4;
  }

  /** At least the orders that were asked for; fetched after this was called. Rejects as the fetch does. */
  fetch(shopId: string, orderSns: readonly string[]): Promise<Map<string, Fetched>> {
    const { promise, resolve, reject } = Promise.withResolvers<Map<string, Fetched>>();
    const lane = this.#lanes.get(shopId) ?? { underWay: 0, waiting: [] };
    this.#lanes.set(shopId, lane);
    lane.waiting.push({ orderSns, resolve, reject });
    this.#pump(shopId, lane);
    return promise;
  }

  #pump(shopId: string, lane: Lane): void {
    while (lane.waiting.length > 0 && lane.underWay < this.#maxUnderWay) {
      lane.underWay += 1;
      void this.#run(shopId, this.#take(lane)).finally(() => {
        lane.underWay -= 1;
        this.#pump(shopId, lane);
      });
    }
    if (lane.underWay === 0) this.#lanes.delete(shopId);
  }

  /** Requests in their order, as many as fit into one fetch, and at least one. */
  #take(lane: Lane): Request[] {
    const orders = new Set<string>();
    const fits = lane.waiting.findIndex(({ orderSns }, at) => {
      const more = orderSns.filter((sn) => !orders.has(sn));
      if (at > 0 && orders.size + more.length > this.#maxOrders) return true;
      for (const sn of more) orders.add(sn);
      return false;
    });
    return lane.waiting.splice(0, fits === -1 ? lane.waiting.length : fits);
  }

  async #run(shopId: string, requests: readonly Request[]): Promise<void> {
    const orderSns = [...new Set(requests.flatMap((request) => request.orderSns))];
    try {
      const fetched = await this.#fetch(shopId, orderSns);
      for (const { resolve } of requests) resolve(fetched);
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }
}
