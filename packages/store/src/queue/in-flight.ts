import { blockingConnection, waitUntilReady, type RedisConnection } from '../redis/connection.ts';

/**
 * What this process knows of one consumer: its own connection for blocking, and which messages it was really handed.
 * A message in its processing list that it was not handed (the reply was lost, a settle failed) would wait for ever while
 * the consumer lives; so after any such doubt the list is compared with this before the next take.
 */
export class InFlight {
  /** The processing list may hold what was not handed out. */
  outOfSync = false;
  /** False until the first take, which finds what an earlier process of the same name left. */
  initialized = false;
  /** Messages handed out and not yet settled, by their text; equal texts are counted. */
  readonly #raws = new Map<string, number>();
  #connection: RedisConnection | undefined;

  /** How many messages are in hand. */
  get size(): number {
    return [...this.#raws.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Told how long the processing list is apart from what is being handed out now. */
  compareLength(length: number): void {
    // Shorter is no reason: a settlement may be done whose reply is still on its way.
    this.outOfSync = length > this.size;
  }

  add(raw: string): void {
    this.#raws.set(raw, (this.#raws.get(raw) ?? 0) + 1);
  }

  remove(raw: string): void {
    const count = this.#raws.get(raw) ?? 0;
    if (count > 1) this.#raws.set(raw, count - 1);
    else this.#raws.delete(raw);
  }

  /** Those of `texts` that were not handed out. */
  untracked(texts: Buffer[]): Buffer[] {
    const held = new Map(this.#raws);
    return texts.filter((text) => {
      const key = text.toString('utf8');
      const count = held.get(key) ?? 0;
      held.set(key, count - 1);
      return count <= 0;
    });
  }

  /**
   * Moves the next message to the processing list and waits for it, on a connection of its own; undefined when none came.
   * 'full': Redis has no memory left, and a script that may run all the same has to take it.
   */
  async blockingMove(
    redis: RedisConnection,
    move: { from: string; to: string; blockMs: number; signal: AbortSignal | undefined },
  ): Promise<Buffer | undefined | 'aborted' | 'full'> {
    const { from, to, blockMs, signal } = move;
    // Asked here, where nothing can come between the question and the listening.
    const aborted = () => signal?.aborted === true;
    if (aborted()) return 'aborted';
    this.#connection ??= blockingConnection(redis);
    const connection = this.#connection;
    // Broken off, Redis moves nothing any more.
    const abort = () => this.disconnect();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await waitUntilReady(connection, 5_000, signal);
      return (await connection.blmoveBuffer(from, to, 'RIGHT', 'LEFT', Math.max(blockMs, 1) / 1000)) ?? undefined;
    } catch (error) {
      // BLMOVE counts as a command that needs memory, and is refused when there is none.
      if (error instanceof Error && error.message.startsWith('OOM')) return 'full';
      // A late reply would come to nobody: this connection is not asked again.
      this.disconnect();
      if (aborted()) return 'aborted';
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  disconnect(): void {
    this.#connection?.disconnect();
    this.#connection = undefined;
  }
}
