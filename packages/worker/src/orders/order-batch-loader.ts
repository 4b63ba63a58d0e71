import type { FetchResult } from './order-source.ts';

export interface OrderBatchLoaderOptions {
  /** Fetches up to `maxOrders` orders of a shop. */
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, FetchResult>>;
  /** Shopee's detail and escrow calls take 50. */
  maxOrders?: number;
  /** Concurrent fetches per shop. */
  maxInFlight?: number;
}

interface Request {
  orderSns: readonly string[];
  resolve: (fetched: Map<string, FetchResult>) => void;
  reject: (error: unknown) => void;
}

interface ShopQueue {
  inFlight: number;
  waiting: Request[];
}

/**
 * Batches requests that arrive while fetches are in flight (group commit). A single order is fetched at once; in a burst,
 * where consumers take orders one by one, waiting requests share full calls. Without it a burst costs two calls per order,
 * more than Shopee's rate limit allows. Not dataloader: its batches end with the tick and have no limit of concurrent calls.
 */
export class OrderBatchLoader {
  readonly #fetch: OrderBatchLoaderOptions['fetch'];
  readonly #maxOrders: number;
  readonly #maxInFlight: number;
  readonly #shops = new Map<string, ShopQueue>();

  constructor(options: OrderBatchLoaderOptions) {
    this.#fetch = options.fetch;
    this.#maxOrders = options.maxOrders ?? 50;
    this.#maxInFlight = options.maxInFlight ?? 4;
  }

  /** At least the requested orders, fetched after this call. Rejects as the fetch does. */
  load(shopId: string, orderSns: readonly string[]): Promise<Map<string, FetchResult>> {
    const { promise, resolve, reject } = Promise.withResolvers<Map<string, FetchResult>>();
    const lane = this.#shops.get(shopId) ?? { inFlight: 0, waiting: [] };
    this.#shops.set(shopId, lane);
    lane.waiting.push({ orderSns, resolve, reject });
    this.#pump(shopId, lane);
    return promise;
  }

  #pump(shopId: string, lane: ShopQueue): void {
    while (lane.waiting.length > 0 && lane.inFlight < this.#maxInFlight) {
      lane.inFlight += 1;
      void this.#fetchBatch(shopId, this.#nextBatch(lane)).finally(() => {
        lane.inFlight -= 1;
        this.#pump(shopId, lane);
      });
    }
    if (lane.inFlight === 0) this.#shops.delete(shopId);
  }

  /** Requests in order, as many as fit into one fetch, at least one. */
  #nextBatch(lane: ShopQueue): Request[] {
    const orders = new Set<string>();
    const fits = lane.waiting.findIndex(({ orderSns }, at) => {
      const more = orderSns.filter((sn) => !orders.has(sn));
      if (at > 0 && orders.size + more.length > this.#maxOrders) return true;
      for (const sn of more) orders.add(sn);
      return false;
    });
    return lane.waiting.splice(0, fits === -1 ? lane.waiting.length : fits);
  }

  async #fetchBatch(shopId: string, requests: readonly Request[]): Promise<void> {
    const orderSns = [...new Set(requests.flatMap((request) => request.orderSns))];
    try {
      const fetched = await this.#fetch(shopId, orderSns);
      for (const { resolve } of requests) resolve(fetched);
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }
}
