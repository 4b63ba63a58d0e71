import { randomBytes } from 'node:crypto';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { Notifier } from './notifier.ts';
import type { NotifierStatus } from './dispatch/notifier-stats.ts';
import type { Outbox } from './outbox/outbox.ts';

/** The notifier without a bot: empties the outboxes, which would otherwise fill Redis or the disk. */
export class DiscardingNotifier implements Notifier {
  readonly #outboxes: readonly Outbox[];
  readonly #logger: Logger;
  readonly #consumer = `discard-${randomBytes(6).toString('base64url')}`;
  #stop: AbortController | undefined;
  #loops: Promise<unknown> | undefined;

  constructor(deps: { outboxes: readonly Outbox[]; logger: Logger }) {
    this.#outboxes = deps.outboxes;
    this.#logger = deps.logger;
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const { signal } = (this.#stop = new AbortController());
    this.#loops = Promise.all(this.#outboxes.map((outbox) => this.#run(outbox, signal)));
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#loops;
    this.#stop = undefined;
  }

  forceStop(): void {
    this.#stop?.abort();
  }

  async runOnce(): Promise<boolean> {
    for (const outbox of this.#outboxes) while ((await this.#discard(outbox, 1)) > 0);
    return true;
  }

  status(): NotifierStatus {
    const sent = { messages: 0, events: 0, digests: 0, rejected: 0 };
    return { enabled: false, isLeader: false, chats: [], sent, maxUrgentMs: 0 };
  }

  /** Discards one batch and returns its size. */
  async #discard(outbox: Outbox, blockMs: number, signal?: AbortSignal): Promise<number> {
    const suspects = await outbox.takeSuspects?.(this.#consumer, { max: 200, blockMs: 0, signal });
    const deliveries = suspects?.length ? suspects : await outbox.take(this.#consumer, { max: 200, blockMs, signal });
    await outbox.settle(
      this.#consumer,
      deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' } })),
    );
    return deliveries.length;
  }

  async #run(outbox: Outbox, signal: AbortSignal): Promise<void> {
    let hasError = false;
    while (!signal.aborted) {
      try {
        await this.#discard(outbox, 5_000, signal);
        hasError = false;
      } catch (err) {
        if (!hasError) this.#logger.warn({ err }, 'outbox unavailable, retrying');
        hasError = true;
        await systemClock.sleep(2_000, signal);
      }
    }
    // Otherwise its in-flight batch is redelivered only after the lease.
    await outbox.releaseConsumer?.(this.#consumer).catch((err: unknown) => {
      this.#logger.debug({ err }, 'could not end lease');
    });
  }
}
