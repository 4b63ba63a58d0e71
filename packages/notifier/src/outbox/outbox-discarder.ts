import { randomBytes } from 'node:crypto';
import type { Logger } from '@shopee-webhook/runtime';
import type { Outbox } from './outbox.ts';
import { systemClock } from '../clock.ts';

/** Empties an outbox where no bot is set: nobody will ever read it, and it must not fill Redis or the disk. */
export class OutboxDiscarder {
  readonly #outbox: Outbox;
  readonly #logger: Logger;
  readonly #consumer = `drain-${randomBytes(6).toString('base64url')}`;
  #stop: AbortController | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: { outbox: Outbox; logger: Logger }) {
    this.#outbox = parts.outbox;
    this.#logger = parts.logger;
  }

  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    this.#loop = this.#run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#loop;
    this.#stop = undefined;
  }

  /** Takes and drops what is there; gives how many. */
  async runOnce(blockMs = 1, signal?: AbortSignal): Promise<number> {
    const deliveries = await this.#outbox.dequeue(this.#consumer, { max: 200, blockMs, signal });
    await this.#outbox.settle(
      this.#consumer,
      deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' } })),
    );
    return deliveries.length;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let isTroubled = false;
    while (!signal.aborted) {
      try {
        await this.runOnce(5_000, signal);
        isTroubled = false;
      } catch (err) {
        if (!isTroubled) this.#logger.warn({ err }, 'outbox cannot be read');
        isTroubled = true;
        await systemClock.sleep(2_000, signal);
      }
    }
    // Else what it may still hold comes back only after the lease.
    await this.#outbox.releaseConsumer?.(this.#consumer).catch((err: unknown) => {
      this.#logger.debug({ err }, 'lease not ended');
    });
  }
}
