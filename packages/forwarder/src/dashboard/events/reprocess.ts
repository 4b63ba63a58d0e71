import { randomUUID } from 'node:crypto';
import { HttpError, systemClock } from '@shopee-webhook/runtime';
import { orderSnOf, parsePush } from '@shopee-webhook/shopee';
import { newMessageId, type Queue } from '@shopee-webhook/store';
import type { Spool } from '../../spool/spool.ts';

export interface ReprocessDeps {
  /** undefined: REDIS_ENABLED=false. */
  redis: { queue: Queue; isAvailable: () => boolean; maxRetries: number } | undefined;
  spool: Pick<Spool, 'add'>;
  orderEventCodes: () => readonly number[];
  now?: () => number;
}

/** Requeues events at an operator's request. They send no second notification. */
export class Reprocess {
  readonly #deps: ReprocessDeps;

  constructor(deps: ReprocessDeps) {
    this.#deps = deps;
  }

  /** Requeues a push, as the same event. */
  async reprocess(id: string, payloadText: string): Promise<{ id: string }> {
    const push = parsePush(payloadText);
    const { code, shopId: shop } = push;
    const sn = orderSnOf(push);
    const { redis, spool } = this.#deps;
    if (redis === undefined) {
      // A digest of its own: it is meant to be a duplicate.
      await spool.add({ id, digest: `reprocess:${randomUUID()}`, payloadText, code, shop, sn, uncertain: false });
      return { id };
    }
    if (!redis.isAvailable())
      throw new HttpError(503, 'redis_unavailable', 'Redis is unavailable: try again in a moment');
    const { maxRetries } = redis;
    await redis.queue.enqueue(payloadText, { id, maxRetries, source: 'refresh', activity: { code, shop, sn } });
    return { id };
  }

  /** Fetches an order again, as if Shopee had pushed it. */
  async refreshOrder(shop: string, sn: string): Promise<{ id: string }> {
    const { orderEventCodes, now = systemClock.wallMs } = this.#deps;
    const codes = orderEventCodes();
    const code = codes.includes(3) ? 3 : (codes[0] ?? 3);
    const timestamp = Math.floor(now() / 1000);
    // Without JSON.stringify: a shop id is a number in a push, and may exceed JavaScript's.
    const payloadText = `{"code":${String(code)},"shop_id":${shop},"timestamp":${String(timestamp)},"data":{"ordersn":${JSON.stringify(sn)}}}`;
    return this.reprocess(newMessageId(), payloadText);
  }
}
