import { randomUUID } from 'node:crypto';
import { HttpError } from '@shopee-webhook/runtime';
import { orderSnOf, parsePush } from '@shopee-webhook/shopee';
import { newMessageId, type Queue } from '@shopee-webhook/store';
import type { Spool } from '../spool/spool.ts';

export interface ReprocessDeps {
  /** undefined: REDIS_ENABLED=false. */
  redis: { queue: Queue; isAvailable: () => boolean; maxRetries: number } | undefined;
  spool: Pick<Spool, 'add'>;
  orderEventCodes: () => readonly number[];
  now?: () => number;
}

/** Puts events back into the line because a person asked for it. Nobody is alerted of them once more. */
export class Reprocess {
  readonly #deps: ReprocessDeps;

  constructor(deps: ReprocessDeps) {
    this.#deps = deps;
  }

  /** Lets a push be handled again, as the same event. */
  async reprocess(id: string, payloadText: string): Promise<{ id: string }> {
    const push = parsePush(payloadText);
    const { code, shopId: shop } = push;
    const sn = orderSnOf(push);
    const { redis, spool } = this.#deps;
    if (redis === undefined) {
      // A digest of its own: it is meant to be a repeat.
      await spool.add({ id, digest: `again:${randomUUID()}`, payloadText, code, shop, sn, uncertain: false });
      return { id };
    }
    if (!redis.isAvailable()) throw new HttpError(503, 'redis_away', 'Redis cannot be used now: try again in a moment');
    const { maxRetries } = redis;
    await redis.queue.enqueue(payloadText, { id, maxRetries, source: 'refresh', activity: { code, shop, sn } });
    return { id };
  }

  /** Fetches an order anew, as if Shopee had pushed it. */
  async refreshOrder(shop: string, sn: string): Promise<{ id: string }> {
    const { orderEventCodes, now = Date.now } = this.#deps;
    const codes = orderEventCodes();
    const code = codes.includes(3) ? 3 : (codes[0] ?? 3);
    const timestamp = Math.floor(now() / 1000);
    // By hand: a shop's id is a number in a push, and may be larger than JavaScript's.
    const payloadText = `{"code":${String(code)},"shop_id":${shop},"timestamp":${String(timestamp)},"data":{"ordersn":${JSON.stringify(sn)}}}`;
    return this.reprocess(newMessageId(), payloadText);
  }
}
