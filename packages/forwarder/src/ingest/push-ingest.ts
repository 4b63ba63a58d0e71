import type { Logger } from '@shopee-webhook/runtime';
import { orderSnOf, pushDigest, type Push } from '@shopee-webhook/shopee';
import { newMessageId, type EnqueueBatcher } from '@shopee-webhook/store';
import type { NewEvent, Spool } from '../spool/spool.ts';
import { DedupCache } from './dedup-cache.ts';

/** Where a push is now. `unavailable`: nowhere durable; Shopee must send it again. */
export type IngestResult =
  /** `digest`: of one that Redis has, to be remembered. */
  { kind: 'queued' | 'spooled' | 'duplicate'; id: string; digest?: string } | { kind: 'unavailable' };

export interface PushIngestDeps {
  /** The queue in Redis; undefined: REDIS_ENABLED=false. */
  queue: EnqueueBatcher | undefined;
  maxRetries: number;
  spool: Pick<Spool, 'add'>;
  logger: Logger;
}

/** Makes genuine pushes durable: in Redis, or on disk when Redis cannot take them now. */
export class PushIngest {
  readonly #deps: PushIngestDeps;
  readonly #dedup = new DedupCache();

  constructor(deps: PushIngestDeps) {
    this.#deps = deps;
  }

  /** Resolves when the push survives a power cut, or cannot be persisted. Never rejects. */
  async accept(push: Push): Promise<IngestResult> {
    const id = newMessageId();
    const event: NewEvent = {
      id,
      // One that is never a repeat still goes in once, where Redis or the spool is asked again.
      digest: pushDigest(push) ?? `once:${id}`,
      payloadText: push.raw,
      code: push.code,
      shop: push.shopId,
      sn: orderSnOf(push),
      uncertain: false,
    };
    return (await this.#enqueue(event)) ?? (await this.#spool(event));
  }

  /** To be called after the response: a repeat of this push is recognized while Redis is unavailable. */
  remember(digest: string): void {
    this.#dedup.add(digest);
  }

  /** undefined: not in Redis, or not known to be. */
  async #enqueue(event: NewEvent): Promise<IngestResult | undefined> {
    const { queue, maxRetries, logger } = this.#deps;
    const { id, digest, code, shop, sn, payloadText } = event;
    if (queue === undefined) return undefined;
    try {
      const activity = { code, shop, sn };
      const result = await queue.enqueue({ payloadText, id, digest, maxRetries, source: 'push', activity });
      return { kind: result.kind === 'enqueued' ? 'queued' : 'duplicate', id: result.id, digest };
    } catch (err) {
      event.uncertain = isOutcomeUnknown(err);
      logger.debug({ err, id, uncertain: event.uncertain }, 'push not queued');
      return undefined;
    }
  }

  async #spool(event: NewEvent): Promise<IngestResult> {
    const { id, digest, code, shop } = event;
    // Redis has it, and cannot say so now.
    if (this.#dedup.has(digest)) return { kind: 'duplicate', id };
    try {
      return { kind: await this.#deps.spool.add(event), id };
    } catch (err) {
      this.#deps.logger.error({ err, code, shop }, 'push not persisted (redis and spool failed)');
      return { kind: 'unavailable' };
    }
  }
}

/** Whether Redis may still apply the write: not when it rejected it, nor when it was never asked. */
function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const { name, message } = error;
  return name !== 'BreakerOpenError' && name !== 'ReplyError' && !message.includes('enableOfflineQueue');
}
