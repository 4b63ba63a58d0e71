import { setTimeout as sleep } from 'node:timers/promises';

export type QuotaKind = 'read' | 'write';

/** Requests that may be sent to Google: 60 reads and 60 writes a minute for a service account. */
export interface Quota {
  /** Resolves when one more request may be sent; rejects when the signal aborts. */
  take(kind: QuotaKind, signal?: AbortSignal): Promise<void>;
  /** Google said that the quota is used up: nobody sends one of that kind for so long. */
  pause(kind: QuotaKind, ms: number): Promise<void>;
}

/**
 * Six at once and one more every 1.15 s: at most 58 in any minute, so that the real limit of 60 is never met.
 * Source: Sheets API, usage limits ("60 per minute per user per project"); a batch counts as one.
 */
export const quotaBurst = 6;
export const quotaIntervalMs = 1150;

/** The quota for one process that has the service account to itself. */
export class LocalQuota implements Quota {
  /** When the bucket would be empty of debt, by the generic cell rate algorithm. */
  readonly #fullAt: Record<QuotaKind, number> = { read: 0, write: 0 };
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async take(kind: QuotaKind, signal?: AbortSignal): Promise<void> {
    const now = this.#now();
    const fullAt = Math.max(this.#fullAt[kind], now);
    const waitMs = fullAt - now - (quotaBurst - 1) * quotaIntervalMs;
    // Taken before the wait, so that two callers never take the same place in the line.
    this.#fullAt[kind] = fullAt + quotaIntervalMs;
    if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  }

  pause(kind: QuotaKind, ms: number): Promise<void> {
    this.#fullAt[kind] = Math.max(this.#fullAt[kind], this.#now() + ms + (quotaBurst - 1) * quotaIntervalMs);
    return Promise.resolve();
  }
}
