import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { RedisTokenBucket, type Keys, type RedisConnection } from '@shopee-webhook/store';

export type QuotaKind = 'read' | 'write';

/** Requests that may be sent to Google: 60 reads and 60 writes a minute for a service account. */
export interface Quota {
  /** Resolves when one more request may be sent; rejects when the signal aborts. */
  acquire(kind: QuotaKind, signal?: AbortSignal): Promise<void>;
  /** Google said that the quota is used up: nobody sends one of that kind for so long. */
  pause(kind: QuotaKind, ms: number): Promise<void>;
  /** How many may be sent at once; takes none. */
  remaining(kind: QuotaKind): Promise<number>;
}

/**
 * Six at once and one more every 1.15 s: at most 58 in any minute, so that the real limit of 60 is never met.
 * Source: Sheets API, usage limits ("60 per minute per user per project"); a batch counts as one.
 */
export const quotaBurst = 6;
export const quotaIntervalMs = 1150;

/** Waiting that ends with an error when the signal aborts. */
export interface QuotaClock {
  monotonicMs: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The quota for one process that has the service account to itself. */
export class LocalQuota implements Quota {
  /** When each bucket will be full again, by the generic cell rate algorithm. */
  readonly #fullAt: Record<QuotaKind, number> = { read: 0, write: 0 };
  readonly #clock: QuotaClock;

  constructor(clock: QuotaClock = { monotonicMs: systemClock.monotonicMs, sleep: sleepFor }) {
    this.#clock = clock;
  }

  async acquire(kind: QuotaKind, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.monotonicMs();
    const fullAt = Math.max(this.#fullAt[kind], now);
    // Taken before the wait, so that two callers never take the same place in the line.
    this.#fullAt[kind] = fullAt + quotaIntervalMs;
    await this.#clock.sleep(Math.max(0, fullAt - now - (quotaBurst - 1) * quotaIntervalMs), signal);
  }

  pause(kind: QuotaKind, ms: number): Promise<void> {
    const until = this.#clock.monotonicMs() + ms + (quotaBurst - 1) * quotaIntervalMs;
    this.#fullAt[kind] = Math.max(this.#fullAt[kind], until);
    return Promise.resolve();
  }

  remaining(kind: QuotaKind): Promise<number> {
    const taken = Math.max(0, this.#fullAt[kind] - this.#clock.monotonicMs()) / quotaIntervalMs;
    return Promise.resolve(Math.max(0, Math.floor(quotaBurst - taken)));
  }
}

/** The quota over all workers of one service account. While Redis is unavailable each counts for itself. */
export class SharedQuota implements Quota {
  readonly #buckets: Record<QuotaKind, RedisTokenBucket>;
  readonly #fallback = new LocalQuota();

  constructor(parts: { redis: RedisConnection; keys: Keys; email: string }) {
    const { redis, keys, email } = parts;
    const bucket = (kind: QuotaKind) =>
      new RedisTokenBucket({
        redis,
        key: keys.tokenBucket(`sheets:${kind}:${email}`),
        burst: quotaBurst,
        intervalMs: quotaIntervalMs,
      });
    this.#buckets = { read: bucket('read'), write: bucket('write') };
  }

  async acquire(kind: QuotaKind, signal?: AbortSignal): Promise<void> {
    const waitMs = await this.#buckets[kind].takeToken().catch(() => undefined);
    if (waitMs === undefined) await this.#fallback.acquire(kind, signal);
    else await sleepFor(waitMs, signal);
  }

  async pause(kind: QuotaKind, ms: number): Promise<void> {
    await this.#fallback.pause(kind, ms);
    // Without Redis our own pause is all that there is.
    await this.#buckets[kind].pause(ms).catch(() => undefined);
  }

  remaining(kind: QuotaKind): Promise<number> {
    return this.#buckets[kind].remaining().catch(() => this.#fallback.remaining(kind));
  }
}

/** Requests of the burst that background work leaves to live events and people. */
const backgroundReserve = 3;
/** However busy the sheet is, background work gets a turn after this long. */
const maxBackgroundWaitMs = 20_000;

/** The same quota for background work: one request at a time, and only while more than the reserve is left. */
export class BackgroundQuota implements Quota {
  readonly #quota: Quota;
  #turn: Promise<void> = Promise.resolve();

  constructor(quota: Quota) {
    this.#quota = quota;
  }

  acquire(kind: QuotaKind, signal?: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#acquire(kind, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  pause(kind: QuotaKind, ms: number): Promise<void> {
    return this.#quota.pause(kind, ms);
  }

  remaining(kind: QuotaKind): Promise<number> {
    return this.#quota.remaining(kind);
  }

  async #acquire(kind: QuotaKind, signal?: AbortSignal): Promise<void> {
    const until = systemClock.monotonicMs() + maxBackgroundWaitMs;
    while ((await this.#quota.remaining(kind)) <= backgroundReserve && systemClock.monotonicMs() < until) {
      await sleepFor(quotaIntervalMs, signal);
    }
    await this.#quota.acquire(kind, signal);
  }
}

async function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, signal === undefined ? {} : { signal });
}
