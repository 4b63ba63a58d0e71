import type { Outcome } from '@shopee-webhook/store';

/** What chats that are lost for days may leave in the outbox; some 20 MB of Redis' store. */
const maxWaiting = 50_000;
/** For no longer is a notification put off. */
export const deferMs = 5 * 60_000;

/**
 * Notifications of lost chats that cannot be held as well: they go back into the outbox for a while, so that those
 * behind them have their turn. When far too many wait the oldest are thrown away, for they must not fill the Redis that
 * the pushes need; the events themselves are in the sheet and on the dashboard.
 */
export class Deferrals {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** How a delivery that cannot be held now is settled: a retry, or an ack when it is thrown away. */
  defer(id: string): Outcome {
    // One that comes again is older than those that came for the first time since.
    if (this.#ids.size > maxWaiting && this.#ids.delete(id)) return { kind: 'ack' };
    this.#ids.add(id);
    return { kind: 'retry', delayMs: deferMs, reason: 'chat-unreachable', error: '', countsAsFailure: false };
  }

  /** It is held now. */
  remove(id: string): void {
    this.#ids.delete(id);
  }
}
