import type { Delivery, Queue, Settlement, TakeOptions } from '@shopee-webhook/store';

/**
 * Where Telegram messages wait: in Redis (store's Queue on the notification keys) or, for what came up while Redis was
 * away, in spool.db. Same life in both: take, settle as ack, retry or dead letter.
 */
export type Outbox = Pick<Queue, 'take' | 'settle'>;

/**
 * The outbox in Redis, without notifications that the spool has delivered already: when Redis froze with a push in its
 * socket, the push may come to life there after it was handled through the spool, and be handled a second time.
 */
export class FilteredOutbox implements Outbox {
  readonly #inner: Outbox;
  readonly #wasHandled: (messageId: string) => boolean;

  constructor(inner: Outbox, wasHandled: (messageId: string) => boolean) {
    this.#inner = inner;
    this.#wasHandled = wasHandled;
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

  #isRepeat({ payloadText }: Delivery): boolean {
    const id = /"messageId":"([\w-]+)"/.exec(payloadText)?.[1];
    return id !== undefined && this.#wasHandled(id);
  }
}
