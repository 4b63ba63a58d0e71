import { blockingConnection, waitUntilReady, type RedisConnection } from '../redis/connection.ts';

/** So many batches of suspects are as small as isolates a killer fastest; a killer is mostly among them. */
const carefulBatches = 4;
/** From then on each may be so many times as large as the one before. */
const growth = 8;

/**
 * What this process knows of one consumer: its own connection for blocking, and which messages were delivered to it. A message
 * in its processing list that was not delivered (the reply was lost, a settle failed) would wait forever while the consumer is
 * alive; so whenever that may be, the list is compared with this before the next take.
 */
export class InFlight {
  /** The processing list may hold what was not delivered. */
  outOfSync = false;
  /** False until the first take, which finds what an earlier process of the same name left. */
  initialized = false;
  /** Messages delivered and not yet settled, by their text; equal texts are counted. */
  readonly #raws = new Map<string, number>();
  /** Batches of suspects in a row that this process outlived, with the one in flight. */
  #suspectBatches = 0;
  #connection: RedisConnection | undefined;

  /** How many messages are in flight. */
  get size(): number {
    return [...this.#raws.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Compares the length of the processing list, without what is being delivered now. */
  compareLength(length: number): void {
    // Shorter is no reason: a settlement may be done whose reply is still on its way.
    this.outOfSync = length > this.size;
  }

  /** A batch of suspects was taken; none is taken before the one before is settled. */
  onSuspects(count: number, listed: number): void {
    if (count > 0) this.#suspectBatches += 1;
    else if (listed === 0) this.#suspectBatches = 0;
  }

  /**
   * How many times as many suspects as would isolate a killer may come together: more and more when batch after batch crashed
   * nothing, so that all have their turn soon after crashes of another cause, however often they were in flight.
   */
  suspectsFactor(): number {
    return growth ** Math.max(0, this.#suspectBatches - carefulBatches);
  }

  add(raw: string): void {
    this.#raws.set(raw, (this.#raws.get(raw) ?? 0) + 1);
  }

  remove(raw: string): void {
    const count = this.#raws.get(raw) ?? 0;
    if (count > 1) this.#raws.set(raw, count - 1);
    else this.#raws.delete(raw);
  }

  /** Those of `texts` that were not delivered. */
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
   * 'full': Redis has no memory left, and only a script that is allowed to run then can move it.
   */
  async blockingMove(
    redis: RedisConnection,
    move: { from: string; to: string; blockMs: number; signal: AbortSignal | undefined },
  ): Promise<Buffer | undefined | 'aborted' | 'full'> {
    const { from, to, blockMs, signal } = move;
    // Checked here, where nothing can happen between the check and the listener.
    const aborted = () => signal?.aborted === true;
    if (aborted()) return 'aborted';
    this.#connection ??= blockingConnection(redis);
    const connection = this.#connection;
    // After a disconnect Redis moves nothing any more.
    const abort = () => this.disconnect();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await waitUntilReady(connection, 5_000, signal);
      return (await connection.blmoveBuffer(from, to, 'RIGHT', 'LEFT', Math.max(blockMs, 1) / 1000)) ?? undefined;
    } catch (error) {
      // BLMOVE counts as a command that needs memory, and is rejected when there is none.
      if (error instanceof Error && error.message.startsWith('OOM')) return 'full';
      // A late reply would be lost: this connection is not used again.
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
