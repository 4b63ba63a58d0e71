import type { Enqueued, EnqueueRequest } from '@shopee-webhook/store';

interface Waiting {
  request: EnqueueRequest;
  resolve: (enqueued: Enqueued) => void;
  reject: (error: unknown) => void;
}

/** Redis does nothing else meanwhile, so a group is done within some milliseconds. */
const mostPushes = 500;
/** Characters; a push may be as large as 1 MiB. */
const mostText = 4 * 1024 * 1024;

/**
 * Group commit: what comes in while Redis has the last group in hand goes to it together, as one script and one fsync; a
 * push that comes alone goes at once.
 */
export class EnqueueGroups {
  readonly #send: (requests: readonly EnqueueRequest[]) => Promise<Enqueued[]>;
  #waiting: Waiting[] = [];
  #sending = false;

  /** `send` enqueues all of a group or none. */
  constructor(send: (requests: readonly EnqueueRequest[]) => Promise<Enqueued[]>) {
    this.#send = send;
  }

  /** Resolves when Redis has it; rejects with what its whole group was refused with. */
  enqueue(request: EnqueueRequest): Promise<Enqueued> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      // Whoever comes in the same turn of the event loop comes along.
      setImmediate(() => void this.#sendAll());
    });
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        const done = await this.#send(group.map(({ request }) => request));
        for (const [index, { resolve, reject }] of group.entries()) {
          const enqueued = done[index];
          if (enqueued === undefined) reject(new Error('Redis gave no answer for a message'));
          else resolve(enqueued);
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#sending = false;
  }

  #nextGroup(): Waiting[] {
    let text = 0;
    const end = this.#waiting.findIndex(({ request }, index) => {
      text += request.payloadText.length;
      return index > 0 && (index >= mostPushes || text > mostText);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}
