import { type ApiClock, systemClock } from './clock.ts';
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

export interface LimiterOptions {
  clock?: ApiClock;
  /** Of one shop; Shopee publishes no figure. */
  shop?: Partial<RateLimits>;
  /** Of all shops together. */
  app?: Partial<RateLimits>;
  /** How often a rate-limited call is made in all before its error is thrown. */
  attempts?: number;
}

/** What the limiter has learned, for people to see. */
export interface LimiterStatus {
  perSecond: number;
  /** The daily limit was reached: no call is made before this time, ms epoch. */
  pausedUntil: number | undefined;
  waiting: number;
  shops: { shopId: string; perSecond: number; pausedUntil: number }[];
}

interface Waiter {
  start: () => void;
  reject: (error: ShopeeError) => void;
}

type WaitQueue = Record<Priority, Waiter[]>;

const shopDefaults: RateLimits = { startPerSecond: 20, minPerSecond: 0.5, maxPerSecond: 100 };
const appDefaults: RateLimits = { startPerSecond: 100, minPerSecond: 1, maxPerSecond: 500 };

/** Public calls have a bucket of their own, so that they stop no shop. */
const noShop = '';

/** Two shops limited within this time: the app is at its limit, not a shop. */
const coalesceMs = 10_000;
const dayMs = 86_400_000;

/**
 * Paces calls per shop and for the whole app. It learns from `error_rate_limit` (halve, then recover slowly), sends
 * nothing after `error_limit` until 00:00 UTC+8, prefers live calls, and keeps shops from slowing each other down. Not a library:
 * those keep to limits that are known before, and Shopee's are not.
 */
export class Limiter implements CallLimiter {
  readonly #clock: ApiClock;
  readonly #shopLimits: RateLimits;
  readonly #attempts: number;
  readonly #app: AdaptiveTokenBucket;
  readonly #buckets = new Map<string, AdaptiveTokenBucket>();
  /** Round robin: a shop that was served goes to the end. */
  readonly #queues = new Map<string, WaitQueue>();
  #pausedUntil = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lastLimited: { shopId: string; at: number } | undefined;

  constructor(options: LimiterOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#shopLimits = { ...shopDefaults, ...options.shop };
    this.#attempts = options.attempts ?? 3;
    this.#app = new AdaptiveTokenBucket({ ...appDefaults, ...options.app }, this.#clock.monotonicMs());
  }

  /** Makes the call when its turn comes. Rejects as the call does, or with `retry-tomorrow` when the daily limit is reached. */
  async run<T>(scope: CallScope, call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#acquire(scope);
      const startedAt = this.#clock.monotonicMs();
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
    const now = this.#clock.monotonicMs();
    const toWall = (monotonicMs: number) => this.#clock.wallMs() + monotonicMs - now;
    return {
      perSecond: this.#app.perSecond,
      pausedUntil: this.#pausedUntil > now ? toWall(this.#pausedUntil) : undefined,
      waiting: [...this.#queues.values()].reduce((sum, { live, backfill }) => sum + live.length + backfill.length, 0),
      shops: [...this.#buckets]
        .filter(([shopId]) => shopId !== noShop)
        .map(([shopId, { perSecond, pausedUntil }]) => ({ shopId, perSecond, pausedUntil: toWall(pausedUntil) })),
    };
  }

  /** Learns from a failure; true when the call may be retried. */
  #recordFailure({ shopId = noShop }: CallScope, startedAt: number, error: unknown): boolean {
    if (!(error instanceof ShopeeError)) return false;
    const [now, wallNow] = [this.#clock.monotonicMs(), this.#clock.wallMs()];
    if (error.kind === 'retry-tomorrow') this.#pauseFor((error.retryAt ?? nextMidnightUtc8(wallNow)) - wallNow);
    if (!isRateLimit(error)) return false;

    const retryAfterMs = error.retryAt === undefined ? undefined : error.retryAt - wallNow;
    this.#getBucket(shopId).backOff(startedAt, now, retryAfterMs);
    const last = this.#lastLimited;
    const isApps = shopId === noShop || (last !== undefined && last.shopId !== shopId && now - last.at < coalesceMs);
    if (isApps) this.#app.backOff(startedAt, now);
    this.#lastLimited = { shopId, at: now };
    return true;
  }

  /** Until the daily limit is reset: a day at most, whatever the clock says. */
  #pauseFor(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonicMs() + Math.min(ms, dayMs));
    for (const { live, backfill } of this.#queues.values()) {
      for (const waiter of [...live, ...backfill]) waiter.reject(this.#quotaExhausted());
    }
    this.#queues.clear();
  }

  async #acquire({ shopId = noShop, priority }: CallScope): Promise<void> {
    if (this.#pausedUntil > this.#clock.monotonicMs()) throw this.#quotaExhausted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#queues.get(shopId) ?? { live: [], backfill: [] };
    waiting[priority].push({ start: resolve, reject });
    this.#queues.set(shopId, waiting);
    this.#dispatch();
    await promise;
  }

  /** Starts every call whose turn it is, and wakes up for the next. */
  #dispatch(): void {
    const now = this.#clock.monotonicMs();
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
    await this.#clock.sleep(Math.max(1, ms));
    // An earlier wake-up may have been set since; that one counts then.
    if (this.#wakeAt === at) this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#dispatch();
  }

  #getBucket(shopId: string = noShop): AdaptiveTokenBucket {
    let bucket = this.#buckets.get(shopId);
    if (bucket === undefined) {
      bucket = new AdaptiveTokenBucket(this.#shopLimits, this.#clock.monotonicMs());
      this.#buckets.set(shopId, bucket);
    }
    return bucket;
  }

  #quotaExhausted(): ShopeeError {
    const resetAt = Math.round(this.#clock.wallMs() + this.#pausedUntil - this.#clock.monotonicMs());
    return new ShopeeError({
      kind: 'retry-tomorrow',
      isDocumented: true,
      code: 'error_limit',
      detail: `the daily call limit is reached; no call is made before ${new Date(resetAt).toISOString()}`,
      path: '(not sent)',
      retryAt: resetAt,
    });
  }
}

function isRateLimit(error: ShopeeError): boolean {
  return error.code === 'error_rate_limit' || error.httpStatus === 429;
}
