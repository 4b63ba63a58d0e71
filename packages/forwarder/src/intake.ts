import type { Logger } from '@shopee-webhook/runtime';
import { orderSnOf, pushDigest, type Push } from '@shopee-webhook/shopee';
import { newMessageId } from '@shopee-webhook/store';
import { BreakerOpenError } from './breaker.ts';
import type { EnqueueGroups } from './enqueue-groups.ts';
import type { EventLog } from './event-log.ts';
import { RecentDigests } from './recent-digests.ts';
import type { RedisGate } from './redis-gate.ts';
import type { NewEvent, Spool } from './spool/spool.ts';

/** Where a push is now. `unavailable`: nowhere durable; Shopee must send it again. */
export type Acceptance = { kind: 'queued' | 'spooled' | 'duplicate'; id: string } | { kind: 'unavailable' };

export interface IntakeOptions {
  /** undefined: REDIS_ENABLED=false. */
  redis: { gate: RedisGate; groups: EnqueueGroups; maxRetries: number } | undefined;
  spool: Spool;
  eventLog: EventLog;
  logger: Logger;
}

/** Makes genuine pushes durable: in Redis, or on disk when Redis cannot take them now. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #recent = new RecentDigests();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Resolves when the push survives a power cut, or can be kept nowhere. Never rejects. */
  async accept(push: Push): Promise<Acceptance> {
    const event: NewEvent = {
      id: newMessageId(),
      digest: pushDigest(push),
      payloadText: push.raw,
      code: push.code,
      shop: push.shopId,
      sn: orderSnOf(push),
      uncertain: false,
    };
    const acceptance = (await this.#enqueue(event)) ?? (await this.#spool(event));
    if (acceptance.kind === 'queued' || acceptance.kind === 'spooled') this.#log(acceptance.kind, event);
    return acceptance;
  }

  /** undefined: not in Redis, or not known to be. */
  async #enqueue(event: NewEvent): Promise<Acceptance | undefined> {
    const { redis, logger } = this.#options;
    if (redis === undefined || !redis.gate.usable) return undefined;
    const { id, digest, code, shop, sn, payloadText } = event;
    try {
      const known = await redis.groups.enqueue({
        payloadText,
        id,
        digest,
        maxRetries: redis.maxRetries,
        source: 'push',
        activity: { code, shop, sn },
      });
      this.#recent.add(digest);
      return { kind: known.kind === 'enqueued' ? 'queued' : 'duplicate', id: known.id };
    } catch (err) {
      event.uncertain = mayBeApplied(err);
      logger.debug({ err, id, uncertain: event.uncertain }, 'not queued');
      return undefined;
    }
  }

  async #spool(event: NewEvent): Promise<Acceptance> {
    const { id, digest } = event;
    // Redis has it, and cannot say so now.
    if (this.#recent.has(digest)) return { kind: 'duplicate', id };
    try {
      return { kind: await this.#options.spool.add(event), id };
    } catch (err) {
      this.#options.logger.error({ err, code: event.code, shop: event.shop }, 'push could be kept nowhere');
      return { kind: 'unavailable' };
    }
  }

  #log(outcome: 'queued' | 'spooled', { id, code, shop, payloadText }: NewEvent): void {
    this.#options.eventLog.append({ id, outcome, code, shop, pushText: payloadText });
  }
}

/** Whether Redis may do yet what it was asked: not when it refused in words, nor when it was never asked. */
function mayBeApplied(error: unknown): boolean {
  if (error instanceof BreakerOpenError) return false;
  return !(error instanceof Error && (error.name === 'ReplyError' || error.message.includes('enableOfflineQueue')));
}
