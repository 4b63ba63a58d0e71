import type { Delivery, Queue, Returned, Settlement, TakeOptions } from '@shopee-webhook/store';

/**
 * Where Telegram messages wait: in Redis (store's Queue on the notification keys) or, for what came up while Redis was
 * away, in spool.db. Same life in both: take, settle as ack, retry or dead letter. What concerns several processes
 * (leases, giving back) is absent where only one can take.
 */
export type Outbox = Pick<Queue, 'take' | 'settle'> &
  Partial<Pick<Queue, 'giveBack' | 'heartbeat' | 'clearHeartbeat' | 'reap' | 'promote'>>;

/**
 * The outbox in Redis, without notifications that the spool has delivered already: when Redis froze with a push in its
 * socket, the push may come to life there after it was handled through the spool, and be handled a second time.
 */
export class FilteredOutbox implements Outbox {
  readonly #inner: Queue;
  readonly #wasHandled: (messageId: string) => boolean;

  constructor(parts: { inner: Queue; wasHandled: (messageId: string) => boolean }) {
    this.#inner = parts.inner;
    this.#wasHandled = parts.wasHandled;
  }

  async take(consumer: string, options: TakeOptions): Promise<Delivery[]> {
    const deliveries = await this.#inner.take(consumer, options);
    const repeats = deliveries.filter((delivery) => this.#isRepeat(delivery));
    if (repeats.length === 0) return deliveries;
    await this.#inner.settle(
      consumer,
      repeats.map((delivery) => ({ delivery, outcome: { kind: 'ack' } })),
    );
    return deliveries.filter((delivery) => !repeats.includes(delivery));
  }

  settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    return this.#inner.settle(consumer, settlements);
  }

  giveBack(consumer: string, deliveries: Delivery[]): Promise<number> {
    return this.#inner.giveBack(consumer, deliveries);
  }

  heartbeat(consumers: string | string[]): Promise<void> {
    return this.#inner.heartbeat(consumers);
  }

  clearHeartbeat(consumer: string): Promise<void> {
    return this.#inner.clearHeartbeat(consumer);
  }

  reap(): Promise<Returned> {
    return this.#inner.reap();
  }

  promote(max?: number): Promise<number> {
    return this.#inner.promote(max);
  }

  /** Not what was moved here from the spool: that is the one to be told. */
  #isRepeat({ payloadText, metadata }: Delivery): boolean {
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
