import { setTimeout as delay } from 'node:timers/promises';
import { ShopeeError, nextMidnightUtc8 } from './errors.ts';
import { type LaneLimits, RateLane } from './rate-lane.ts';

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
export interface Clock {
  now(): number;
  wait(ms: number): Promise<void>;
}

export interface LimiterOptions {
  clock?: Clock;
  /** Of one shop; Shopee publishes no figure. */
  shop?: Partial<LaneLimits>;
  /** Of all shops together. */
  app?: Partial<LaneLimits>;
  /** How often a call that was one too many goes out in all, before its caller hears of it. */
  attempts?: number;
}

/** What the limiter has learnt, for people to see. */
export interface LimiterStatus {
  perSecond: number;
  /** The daily limit was reached: nothing goes out before this time, ms epoch. */
  closedUntil: number | undefined;
  waiting: number;
  shops: { shopId: string; perSecond: number; pausedUntil: number }[];
}

interface Waiter {
  go: () => void;
  refuse: (error: ShopeeError) => void;
}

type Waiting = Record<Priority, Waiter[]>;

const systemClock: Clock = { now: Date.now, wait: (ms) => delay(ms) };
const shopDefaults: LaneLimits = { startPerSecond: 20, minPerSecond: 0.5, maxPerSecond: 100 };
const appDefaults: LaneLimits = { startPerSecond: 100, minPerSecond: 1, maxPerSecond: 500 };

/** Public calls wait in a lane of their own, so that they stop no shop. */
const noShop = '';

/** Two shops limited within this time: the app is at its limit, not a shop. */
const togetherMs = 10_000;

/**
 * Paces calls per shop and for the whole app. It learns from `error_rate_limit` (halve, then recover slowly), sends
 * nothing after `error_limit` until 00:00 UTC+8, lets live calls go first, and no shop's trouble slows another's calls.
 */
export class Limiter implements CallLimiter {
  readonly #clock: Clock;
  readonly #shopLimits: LaneLimits;
  readonly #attempts: number;
  readonly #app: RateLane;
  readonly #lanes = new Map<string, RateLane>();
  /** In order of turn: a shop that was served goes to the end. */
  readonly #waiting = new Map<string, Waiting>();
  #closedUntil = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lastLimited: { shopId: string; at: number } | undefined;

  constructor(options: LimiterOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#shopLimits = { ...shopDefaults, ...options.shop };
    this.#attempts = options.attempts ?? 3;
    this.#app = new RateLane({ ...appDefaults, ...options.app }, this.#clock.now());
  }

  /** Makes the call in its turn. Rejects as the call does, or with `retry-tomorrow` when the day's calls are used up. */
  async run<T>(scope: CallScope, call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn(scope);
      const startedAt = this.#clock.now();
      try {
        const result = await call();
        this.#app.speedUp();
        this.#lane(scope.shopId).speedUp();
        return result;
      } catch (error) {
        if (!this.#learn(scope, startedAt, error) || attempt >= this.#attempts) throw error;
      }
    }
  }

  status(): LimiterStatus {
    const now = this.#clock.now();
    return {
      perSecond: this.#app.perSecond,
      closedUntil: this.#closedUntil > now ? this.#closedUntil : undefined,
      waiting: [...this.#waiting.values()].reduce((sum, { live, backfill }) => sum + live.length + backfill.length, 0),
      shops: [...this.#lanes]
        .filter(([shopId]) => shopId !== noShop)
        .map(([shopId, { perSecond, pausedUntil }]) => ({ shopId, perSecond, pausedUntil })),
    };
  }

  /** Takes note of a failure; true when the call may go out again. */
  #learn({ shopId = noShop }: CallScope, startedAt: number, error: unknown): boolean {
    if (!(error instanceof ShopeeError)) return false;
    const now = this.#clock.now();
    if (error.kind === 'retry-tomorrow') this.#closeDay(error.retryAt ?? nextMidnightUtc8(now));
    if (!isRateLimit(error)) return false;

    this.#lane(shopId).slowDown(startedAt, now, error.retryAt);
    const last = this.#lastLimited;
    const isApps = shopId === noShop || (last !== undefined && last.shopId !== shopId && now - last.at < togetherMs);
    if (isApps) this.#app.slowDown(startedAt, now);
    this.#lastLimited = { shopId, at: now };
    return true;
  }

  #closeDay(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
    for (const { live, backfill } of this.#waiting.values()) {
      for (const waiter of [...live, ...backfill]) waiter.refuse(this.#dayIsOver());
    }
    this.#waiting.clear();
  }

  async #turn({ shopId = noShop, priority }: CallScope): Promise<void> {
    if (this.#closedUntil > this.#clock.now()) throw this.#dayIsOver();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(shopId) ?? { live: [], backfill: [] };
    waiting[priority].push({ go: resolve, refuse: reject });
    this.#waiting.set(shopId, waiting);
    this.#pump();
    await promise;
  }

  /** Lets every call go whose turn it is, and wakes itself for the next. */
  #pump(): void {
    const now = this.#clock.now();
    while (this.#letOneGo(now, 'live') || this.#letOneGo(now, 'backfill'));
    const next = this.#nextTurnAt(now);
    if (next < this.#wakeAt) void this.#wake(next, next - now);
  }

  #letOneGo(now: number, priority: Priority): boolean {
    const reserve = priority === 'live' ? 0 : 1;
    if (this.#app.readyAt(now, reserve) > now) return false;
    for (const [shopId, waiting] of this.#waiting) {
      const [first] = waiting[priority];
      if (first === undefined || this.#lane(shopId).readyAt(now, reserve) > now) continue;
      waiting[priority].shift();
      this.#waiting.delete(shopId);
      if (waiting.live.length + waiting.backfill.length > 0) this.#waiting.set(shopId, waiting);
      this.#app.take(now);
      this.#lane(shopId).take(now);
      first.go();
      return true;
    }
    return false;
  }

  #nextTurnAt(now: number): number {
    const turns = [...this.#waiting].map(([shopId, { live }]) => {
      const reserve = live.length > 0 ? 0 : 1;
      return Math.max(this.#app.readyAt(now, reserve), this.#lane(shopId).readyAt(now, reserve));
    });
    return Math.min(Number.POSITIVE_INFINITY, ...turns);
  }

  async #wake(at: number, ms: number): Promise<void> {
    this.#wakeAt = at;
    await this.#clock.wait(Math.max(1, ms));
    // A nearer wake-up may have been set since; then that one has the word.
    if (this.#wakeAt === at) this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#pump();
  }

  #lane(shopId: string = noShop): RateLane {
    let lane = this.#lanes.get(shopId);
    if (lane === undefined) {
      lane = new RateLane(this.#shopLimits, this.#clock.now());
      this.#lanes.set(shopId, lane);
    }
    return lane;
  }

  #dayIsOver(): ShopeeError {
    return new ShopeeError({
      kind: 'retry-tomorrow',
      recognised: true,
      code: 'error_limit',
      detail: `the daily call limit is reached; nothing is asked before ${new Date(this.#closedUntil).toISOString()}`,
      path: '(not sent)',
      retryAt: this.#closedUntil,
    });
  }
}

function isRateLimit(error: ShopeeError): boolean {
  return error.code === 'error_rate_limit' || error.httpStatus === 429;
}
