import type { Outcome } from '@shopee-webhook/store';

/** Maximum deferred notifications of unreachable chats; some 20 MB of Redis memory. */
const maxWaiting = 50_000;
/** How long a notification is deferred. */
export const deferMs = 5 * 60_000;

/**
 * Notifications of unreachable chats beyond the in-flight maximum: they return to the outbox for a while, so that those
 * behind them are served. Past the maximum the oldest are dropped, because they must not fill the Redis that
 * pushes need; the events themselves are in the sheet and on the dashboard.
 */
export class Deferrals {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The outcome of a delivery that cannot be held: a retry, or an ack when it is dropped. */
  defer(id: string): Outcome {
    // A redelivered one is older than those that arrived since.
    if (this.#ids.size > maxWaiting && this.#ids.delete(id)) return { kind: 'ack' };
    this.#ids.add(id);
    return { kind: 'retry', delayMs: deferMs, reason: 'chat-unreachable', error: '', countsAsFailure: false };
  }

  /** It is in flight now. */
  remove(id: string): void {
    this.#ids.delete(id);
  }
}
