import type { Delivery, Queue, ReclaimResult, Settlement, TakeOptions } from '@shopee-webhook/store';

/**
 * Where notifications wait: in Redis (store's Queue on the notification keys) or, for those raised while Redis was
 * unavailable, in spool.db. Same life in both: take, settle as ack, retry or dead letter. What concerns several
 * processes (leases, requeueing) is absent where only one can take.
 */
export type Outbox = Pick<Queue, 'take' | 'settle'> &
  Partial<Pick<Queue, 'takeSuspects' | 'requeue' | 'heartbeat' | 'releaseConsumer' | 'reap' | 'promoteDue'>>;

/**
 * The outbox in Redis, without notifications that the spool delivered already: when Redis froze with a push in its
 * socket, the push may reappear there after it was handled through the spool, and be handled twice.
 */
export class DeduplicatingOutbox implements Outbox {
  readonly #inner: Queue;
  readonly #wasHandled: (messageId: string) => boolean;

  constructor(deps: { inner: Queue; wasHandled: (messageId: string) => boolean }) {
    this.#inner = deps.inner;
    this.#wasHandled = deps.wasHandled;
  }

  async take(consumer: string, options: TakeOptions): Promise<Delivery[]> {
    return this.#withoutDuplicates(consumer, await this.#inner.take(consumer, options));
  }

  async takeSuspects(consumer: string, options: TakeOptions): Promise<Delivery[]> {
    return this.#withoutDuplicates(consumer, await this.#inner.takeSuspects(consumer, options));
  }

  async #withoutDuplicates(consumer: string, deliveries: Delivery[]): Promise<Delivery[]> {
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

  /** Not what was relayed from the spool: that is the original. */
  #isDuplicate({ payloadText, metadata }: Delivery): boolean {
    if (metadata.source === 'spool') return false;
    const id = /"messageId":"([\w-]+)"/.exec(payloadText)?.[1];
    try {
      return id !== undefined && this.#wasHandled(id);
    } catch {
      // The spool is unreadable: a duplicate is better than nothing.
      return false;
    }
  }
}
