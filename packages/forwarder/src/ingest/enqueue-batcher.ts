import type { EnqueueResult, EnqueueRequest } from '@shopee-webhook/store';

interface PendingEnqueue {
  request: EnqueueRequest;
  resolve: (enqueued: EnqueueResult) => void;
  reject: (error: unknown) => void;
}

/** Redis does nothing else meanwhile, so a batch takes some milliseconds only. */
const maxBatchPushes = 500;
/** Characters; a push may be as large as 1 MiB. */
const maxBatchChars = 4 * 1024 * 1024;

/**
 * Group commit: pushes that arrive while a write is in flight go to Redis together, as one script and one fsync; a push
 * that comes alone goes at once.
 */
export class EnqueueBatcher {
  readonly #send: (requests: readonly EnqueueRequest[]) => Promise<EnqueueResult[]>;
  #pending: PendingEnqueue[] = [];
  #sending = false;

  /** `send` enqueues all of a batch or none. */
  constructor(send: (requests: readonly EnqueueRequest[]) => Promise<EnqueueResult[]>) {
    this.#send = send;
  }

  /** Resolves when Redis has it; rejects with the error of its whole batch. */
  enqueue(request: EnqueueRequest): Promise<EnqueueResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ request, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      // Pushes of the same turn of the event loop go together.
      setImmediate(() => void this.#drain());
    });
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#nextBatch();
      try {
        const results = await this.#send(batch.map(({ request }) => request));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const enqueued = results[index];
          if (enqueued === undefined) reject(new Error('Redis returned no result for a message'));
          else resolve(enqueued);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }

  #nextBatch(): PendingEnqueue[] {
    let text = 0;
    const end = this.#pending.findIndex(({ request }, index) => {
      text += request.payloadText.length;
      return index > 0 && (index >= maxBatchPushes || text > maxBatchChars);
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }
}
