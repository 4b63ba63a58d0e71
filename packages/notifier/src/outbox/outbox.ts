import type { Delivery, Queue, ReclaimResult, Settlement, DequeueOptions } from '@shopee-webhook/store';

/**
 * Where Telegram messages wait: in Redis (store's Queue on the notification keys) or, for what came up while Redis was
 * away, in spool.db. Same life in both: take, settle as ack, retry or dead letter. What concerns several processes
 * (leases, giving back) is absent where only one can take.
 */
export type Outbox = Pick<Queue, 'dequeue' | 'settle'> &
  Partial<Pick<Queue, 'requeue' | 'heartbeat' | 'releaseConsumer' | 'reap' | 'promoteDue'>>;

/**
 * The outbox in Redis, without notifications that the spool has delivered already: when Redis froze with a push in its
 * socket, the push may come to life there after it was handled through the spool, and be handled a second time.
 */
export class DeduplicatingOutbox implements Outbox {
  readonly #inner: Queue;
  readonly #wasHandled: (messageId: string) => boolean;

  constructor(deps: { inner: Queue; wasHandled: (messageId: string) => boolean }) {
    this.#inner = deps.inner;
    this.#wasHandled = deps.wasHandled;
  }

  async dequeue(consumer: string, options: DequeueOptions): Promise<Delivery[]> {
    const deliveries = await this.#inner.dequeue(consumer, options);
    const duplicates = deliveries.filter((delivery) => this.#isDuplicate(delivery));
    if (duplicates.length === 0) return deliveries;
    await this.#inner.settle(
      consumer,
      duplicates.map((delivery) => ({ delivery, outcome: { kind: 'ack' } })),
    );
    return deliveries.filter((delivery) => !duplicates.includes(delivery));
  }

  settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    return this.#inner.settle(consumer, settlements);
  }

  requeue(consumer: string, deliveries: Delivery[]): Promise<number> {
    return this.#inner.requeue(consumer, deliveries);
  }

  heartbeat(consumers: string | string[]): Promise<void> {
    return this.#inner.heartbeat(consumers);
  }

  releaseConsumer(consumer: string): Promise<void> {
    return this.#inner.releaseConsumer(consumer);
  }

  reap(): Promise<ReclaimResult> {
    return this.#inner.reap();
  }

  promoteDue(max?: number): Promise<number> {
    return this.#inner.promoteDue(max);
  }

  /** Not what was moved here from the spool: that is the one to be told. */
  #isDuplicate({ payloadText, metadata }: Delivery): boolean {
    if (metadata.source === 'spool') return false;
    const id = /"messageId":"([\w-]+)"/.exec(payloadText)?.[1];
    try {
      return id !== undefined && this.#wasHandled(id);
    } catch {
      // The spool cannot be read, which is one of the things to be told: twice is better than not at all.
      return false;
    }
  }
}
