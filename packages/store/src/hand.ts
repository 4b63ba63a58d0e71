import { blockingConnection, type RedisConnection } from './connection.ts';

/**
 * What this process knows of one consumer: its own connection for blocking, and which messages it was really handed.
 * A message in its processing list that it was not handed (the reply was lost, a settle failed) would wait for ever while
 * the consumer lives; so after any such doubt the list is compared with this before the next take.
 */
export class Hand {
  /** Messages handed out and not yet settled, by their text; equal texts are counted. */
  readonly #held = new Map<string, number>();
  /** The processing list may hold what was not handed out. */
  doubtful = false;
  /** False until the first take, which finds what an earlier process of the same name left. */
  begun = false;
  #connection: RedisConnection | undefined;

  get size(): number {
    let size = 0;
    for (const count of this.#held.values()) size += count;
    return size;
  }

  hold(raw: string): void {
    this.#held.set(raw, (this.#held.get(raw) ?? 0) + 1);
  }

  release(raw: string): void {
    const count = this.#held.get(raw) ?? 0;
    if (count > 1) this.#held.set(raw, count - 1);
    else this.#held.delete(raw);
  }

  /** Those of `texts` that were not handed out. */
  strangers(texts: Buffer[]): Buffer[] {
    const held = new Map(this.#held);
    return texts.filter((text) => {
      const key = text.toString('utf8');
      const count = held.get(key) ?? 0;
      held.set(key, count - 1);
      return count <= 0;
    });
  }

  /** The consumer's own connection, opened when first needed. */
  connection(redis: RedisConnection): RedisConnection {
    this.#connection ??= blockingConnection(redis);
    return this.#connection;
  }

  /** Breaks off what is waiting; Redis then moves nothing any more. */
  disconnect(): void {
    this.#connection?.disconnect();
    this.#connection = undefined;
  }
}
