import type { Logger } from '@shopee-webhook/runtime';
import { orderSnOf, pushDigest, type Push } from '@shopee-webhook/shopee';
import { newMessageId } from '@shopee-webhook/store';
import { BreakerOpenError } from '../redis/circuit-breaker.ts';
import type { EnqueueBatcher } from './enqueue-batcher.ts';
import type { EventLog } from './event-log.ts';
import { DedupCache } from './dedup-cache.ts';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { NewEvent, Spool } from '../spool/spool.ts';

/** Where a push is now. `unavailable`: nowhere durable; Shopee must send it again. */
export type IngestResult = { kind: 'queued' | 'spooled' | 'duplicate'; id: string } | { kind: 'unavailable' };

export interface PushIngestDeps {
  /** undefined: REDIS_ENABLED=false. */
  redis: { monitor: RedisMonitor; batcher: EnqueueBatcher; maxRetries: number } | undefined;
  spool: Spool;
  eventLog: EventLog;
  logger: Logger;
}

/** Makes genuine pushes durable: in Redis, or on disk when Redis cannot take them now. */
export class PushIngest {
  readonly #deps: PushIngestDeps;
  readonly #dedup = new DedupCache();

  constructor(deps: PushIngestDeps) {
    this.#deps = deps;
  }

  /** Resolves when the push survives a power cut, or can be kept nowhere. Never rejects. */
  async accept(push: Push): Promise<IngestResult> {
    const event: NewEvent = {
      id: newMessageId(),
      digest: pushDigest(push),
      payloadText: push.raw,
      code: push.code,
      shop: push.shopId,
      sn: orderSnOf(push),
      uncertain: false,
    };
    const result = (await this.#enqueue(event)) ?? (await this.#spool(event));
    if (result.kind === 'queued' || result.kind === 'spooled') this.#log(result.kind, event);
    return result;
  }

  /** undefined: not in Redis, or not known to be. */
  async #enqueue(event: NewEvent): Promise<IngestResult | undefined> {
    const { redis, logger } = this.#deps;
    if (redis === undefined || !redis.monitor.isAvailable) return undefined;
    const { id, digest, code, shop, sn, payloadText } = event;
    try {
      const enqueued = await redis.batcher.enqueue({
        payloadText,
        id,
        digest,
        maxRetries: redis.maxRetries,
        source: 'push',
        activity: { code, shop, sn },
      });
      this.#dedup.add(digest);
      return { kind: enqueued.kind === 'enqueued' ? 'queued' : 'duplicate', id: enqueued.id };
    } catch (err) {
      event.uncertain = isOutcomeUnknown(err);
      logger.debug({ err, id, uncertain: event.uncertain }, 'not queued');
      return undefined;
    }
  }

  async #spool(event: NewEvent): Promise<IngestResult> {
    const { id, digest } = event;
    // Redis has it, and cannot say so now.
    if (this.#dedup.has(digest)) return { kind: 'duplicate', id };
    try {
      return { kind: await this.#deps.spool.add(event), id };
    } catch (err) {
      this.#deps.logger.error({ err, code: event.code, shop: event.shop }, 'push could be kept nowhere');
      return { kind: 'unavailable' };
    }
  }

  #log(outcome: 'queued' | 'spooled', { id, code, shop, payloadText }: NewEvent): void {
    this.#deps.eventLog.append({ id, outcome, code, shop, pushText: payloadText });
  }
}

/** Whether Redis may do yet what it was asked: not when it refused in words, nor when it was never asked. */
function isOutcomeUnknown(error: unknown): boolean {
  if (error instanceof BreakerOpenError) return false;
  return !(error instanceof Error && (error.name === 'ReplyError' || error.message.includes('enableOfflineQueue')));
}
