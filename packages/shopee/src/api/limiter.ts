import { setTimeout as delay } from 'node:timers/promises';
import { ShopeeError, nextMidnightUtc8 } from './errors.ts';
import { type RateLimits, AdaptiveTokenBucket } from './adaptive-rate.ts';

/** Live calls go before those of backfill and reconcile. */
export type Priority = 'live' | 'backfill';

/** Whose call it is; public calls name no shop. */
export interface CallScope {
  shopId?: string | undefined;
  priority: Priority;
}

/** Decides when a call goes out. */
export interface CallLimiter {
  run<T>(scope: CallScope, call: () => Promise<T>): Promise<T>;
}

/** Time, for tests to hold in hand. Milliseconds. */
export interface LimiterClock {
  now(): number;
  wait(ms: number): Promise<void>;
}

export interface LimiterOptions {
  clock?: LimiterClock;
  /** Of one shop; Shopee publishes no figure. */
  shop?: Partial<RateLimits>;
  /** Of all shops together. */
  app?: Partial<RateLimits>;
  /** How often a call that was one too many goes out in all, before its caller hears of it. */
  attempts?: number;
}

/** What the limiter has learnt, for people to see. */
export interface LimiterStatus {
  perSecond: number;
  /** The daily limit was reached: nothing goes out before this time, ms epoch. */
  pausedUntil: number | undefined;
  waiting: number;
  shops: { shopId: string; perSecond: number; pausedUntil: number }[];
}

interface Waiter {
  start: () => void;
  reject: (error: ShopeeError) => void;
}

type WaitQueue = Record<Priority, Waiter[]>;

/** A wall clock that never steps: pauses must not last longer because the system clock was set back. */
const systemClock: LimiterClock = { now: () => performance.timeOrigin + performance.now(), wait: (ms) => delay(ms) };
const shopDefaults: RateLimits = { startPerSecond: 20, minPerSecond: 0.5, maxPerSecond: 100 };
const appDefaults: RateLimits = { startPerSecond: 100, minPerSecond: 1, maxPerSecond: 500 };

/** Public calls wait in a lane of their own, so that they stop no shop. */
const noShop = '';

/** Two shops limited within this time: the app is at its limit, not a shop. */
const coalesceMs = 10_000;

/**
 * Paces calls per shop and for the whole app. It learns from `error_rate_limit` (halve, then recover slowly), sends
 * nothing after `error_limit` until 00:00 UTC+8, lets live calls go first, and no shop's trouble slows another's calls.
 */
export class Limiter implements CallLimiter {
  readonly #clock: LimiterClock;
  readonly #shopLimits: RateLimits;
  readonly #attempts: number;
  readonly #app: AdaptiveTokenBucket;
  readonly #buckets = new Map<string, AdaptiveTokenBucket>();
  /** In order of turn: a shop that was served goes to the end. */
  readonly #queues = new Map<string, WaitQueue>();
  #pausedUntil = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lastLimited: { shopId: string; at: number } | undefined;

  constructor(options: LimiterOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#shopLimits = { ...shopDefaults, ...options.shop };
    this.#attempts = options.attempts ?? 3;
    this.#app = new AdaptiveTokenBucket({ ...appDefaults, ...options.app }, this.#clock.now());
  }

  /** Makes the call in its turn. Rejects as the call does, or with `retry-tomorrow` when the day's calls are used up. */
  async run<T>(scope: CallScope, call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#acquire(scope);
      const startedAt = this.#clock.now();
      try {
        const result = await call();
        this.#app.increase();
        this.#getBucket(scope.shopId).increase();
        return result;
      } catch (error) {
        if (!this.#recordFailure(scope, startedAt, error) || attempt >= this.#attempts) throw error;
      }
    }
  }

  status(): LimiterStatus {
    const now = this.#clock.now();
    return {
      perSecond: this.#app.perSecond,
      pausedUntil: this.#pausedUntil > now ? this.#pausedUntil : undefined,
      waiting: [...this.#queues.values()].reduce((sum, { live, backfill }) => sum + live.length + backfill.length, 0),
      shops: [...this.#buckets]
        .filter(([shopId]) => shopId !== noShop)
        .map(([shopId, { perSecond, pausedUntil }]) => ({ shopId, perSecond, pausedUntil })),
    };
  }

  /** Takes note of a failure; true when the call may go out again. */
  #recordFailure({ shopId = noShop }: CallScope, startedAt: number, error: unknown): boolean {
    if (!(error instanceof ShopeeError)) return false;
    const now = this.#clock.now();
    if (error.kind === 'retry-tomorrow') this.#pauseUntilReset(error.retryAt ?? nextMidnightUtc8(now));
    if (!isRateLimit(error)) return false;

    this.#getBucket(shopId).backOff(startedAt, now, error.retryAt);
    const last = this.#lastLimited;
    const isApps = shopId === noShop || (last !== undefined && last.shopId !== shopId && now - last.at < coalesceMs);
    if (isApps) this.#app.backOff(startedAt, now);
    this.#lastLimited = { shopId, at: now };
    return true;
  }

  #pauseUntilReset(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    for (const { live, backfill } of this.#queues.values()) {
      for (const waiter of [...live, ...backfill]) waiter.reject(this.#quotaExhausted());
    }
    this.#queues.clear();
  }

  async #acquire({ shopId = noShop, priority }: CallScope): Promise<void> {
    if (this.#pausedUntil > this.#clock.now()) throw this.#quotaExhausted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#queues.get(shopId) ?? { live: [], backfill: [] };
    waiting[priority].push({ start: resolve, reject: reject });
    this.#queues.set(shopId, waiting);
    this.#dispatch();
    await promise;
  }

  /** Lets every call go whose turn it is, and wakes itself for the next. */
  #dispatch(): void {
    const now = this.#clock.now();
    while (this.#dispatchNext(now, 'live') || this.#dispatchNext(now, 'backfill'));
    const next = this.#nextDispatchAt(now);
    if (next < this.#wakeAt) void this.#wake(next, next - now);
  }

  #dispatchNext(now: number, priority: Priority): boolean {
    const reserve = priority === 'live' ? 0 : 1;
    if (this.#app.availableAt(now, reserve) > now) return false;
    for (const [shopId, waiting] of this.#queues) {
      const [first] = waiting[priority];
      if (first === undefined || this.#getBucket(shopId).availableAt(now, reserve) > now) continue;
      waiting[priority].shift();
      this.#queues.delete(shopId);
      if (waiting.live.length + waiting.backfill.length > 0) this.#queues.set(shopId, waiting);
      this.#app.takeToken(now);
      this.#getBucket(shopId).takeToken(now);
      first.start();
      return true;
    }
    return false;
  }

  #nextDispatchAt(now: number): number {
    const turns = [...this.#queues].map(([shopId, { live }]) => {
      const reserve = live.length > 0 ? 0 : 1;
      return Math.max(this.#app.availableAt(now, reserve), this.#getBucket(shopId).availableAt(now, reserve));
    });
    return Math.min(Number.POSITIVE_INFINITY, ...turns);
  }

  async #wake(at: number, ms: number): Promise<void> {
    this.#wakeAt = at;
    await this.#clock.wait(Math.max(1, ms));
    // A nearer wake-up may have been set since; then that one has the word.
    if (this.#wakeAt === at) this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#dispatch();
  }

  #getBucket(shopId: string = noShop): AdaptiveTokenBucket {
    let lane = this.#buckets.get(shopId);
    if (lane === undefined) {
      lane = new AdaptiveTokenBucket(this.#shopLimits, this.#clock.now());
      this.#buckets.set(shopId, lane);
    }
    return lane;
  }

  #quotaExhausted(): ShopeeError {
    return new ShopeeError({
      kind: 'retry-tomorrow',
      isDocumented: true,
      code: 'error_limit',
      detail: `the daily call limit is reached; nothing is asked before ${new Date(this.#pausedUntil).toISOString()}`,
      path: '(not sent)',
      retryAt: this.#pausedUntil,
    });
  }
}

function isRateLimit(error: ShopeeError): boolean {
  return error.code === 'error_rate_limit' || error.httpStatus === 429;
}
