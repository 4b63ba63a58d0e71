import { describe, expect, test } from 'vitest';
import { type CallScope, Limiter, type LimiterOptions } from './limiter.ts';
import type { ApiClock } from './clock.ts';
import { ShopeeError, type ShopeeErrorKind } from './errors.ts';

const start = Date.UTC(2026, 10, 23, 12);

/** A clock that stands still until it is moved. */
class ManualClock implements ApiClock {
  #now = start;
  #sleepers: { at: number; wake: () => void }[] = [];

  /** How far the wall clock was set forward. */
  wallStepMs = 0;

  monotonicMs(): number {
    return this.#now - start;
  }

  wallMs(): number {
    return this.#now + this.wallStepMs;
  }

  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ at: this.#now + ms, wake: resolve });
    return promise;
  }

  /** Lets time pass in the order of what it wakes. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = end;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const live: CallScope = { shopId: '1', priority: 'live' };
const backfill: CallScope = { shopId: '1', priority: 'backfill' };
const fixed = (perSecond: number) => ({ startPerSecond: perSecond, minPerSecond: perSecond, maxPerSecond: perSecond });

function failure(code: string, kind: ShopeeErrorKind = 'retry-later', retryAt?: number): ShopeeError {
  return new ShopeeError({ code, kind, isDocumented: true, detail: '', path: '/x', retryAt });
}

function setUp(options: LimiterOptions = {}) {
  const clock = new ManualClock();
  const limiter = new Limiter({ clock, ...options });
  const startedAt = clock.wallMs();
  const calls: { name: string; at: number }[] = [];
  /** Asks for calls and notes when each goes out, in ms from the start. */
  const request = (scope: CallScope, name: string, count = 1) =>
    Array.from({ length: count }, () =>
      limiter.run(scope, async () => void calls.push({ name, at: clock.wallMs() - startedAt })),
    );
  return { clock, limiter, calls, request };
}

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the limiter', () => {
  test("lets a second's worth go at once and the rest at the shop's rate", async () => {
    const { clock, calls, request } = setUp({ shop: fixed(10) });
    const done = request(live, 'a', 30);
    await clock.pass(0);
    expect(calls).toHaveLength(10);
    await clock.pass(1000);
    expect(calls).toHaveLength(20);
    await clock.pass(1000);
    await Promise.all(done);
  });

  test("holds all shops together to the app's rate, shop by shop in turn", async () => {
    const { clock, calls, request } = setUp({ app: fixed(10) });
    void request(live, 'a', 20);
    void request({ shopId: '2', priority: 'live' }, 'b', 20);
    await clock.pass(1000);
    expect(calls).toHaveLength(20);
    expect(calls.slice(10).filter(({ name }) => name === 'a')).toHaveLength(5);
  });

  test("lets live calls go before all of backfill's", async () => {
    const { clock, calls, request } = setUp({ shop: fixed(10) });
    void request(backfill, 'old', 100);
    await clock.pass(500);
    void request(live, 'new', 3);
    await clock.pass(200);
    const firstLive = calls.findIndex(({ name }) => name === 'new');
    expect(calls[firstLive]?.at).toBe(500);
    expect(calls.slice(firstLive, firstLive + 3).map(({ name }) => name)).toEqual(['new', 'new', 'new']);
  });

  test('keeps a call back for live ones while backfill runs at full speed', async () => {
    const { clock, calls, request } = setUp({ shop: fixed(5) });
    void request(backfill, 'old', 100);
    for (let round = 0; round < 5; round += 1) {
      await clock.pass(777);
      const requestedAt = clock.wallMs();
      await Promise.all(request(live, `new${round}`));
      expect(clock.wallMs()).toBe(requestedAt);
    }
    expect(calls.filter(({ name }) => name === 'old').length).toBeGreaterThan(10);
  });

  test('halves the rate on error_rate_limit and asks again by itself', async () => {
    const { clock, limiter } = setUp({ shop: { startPerSecond: 20, minPerSecond: 1 } });
    let requested = 0;
    const result = limiter.run(live, async () => {
      requested += 1;
      if (requested === 1) throw failure('error_rate_limit');
      return 'done';
    });
    await clock.pass(0);
    expect(limiter.status().shops[0]).toMatchObject({ shopId: '1', perSecond: 10 });
    await clock.pass(2000);
    expect(await result).toBe('done');
  });

  test('gives up after three calls that were too many, waiting longer each time', async () => {
    const { clock, limiter } = setUp();
    const times: number[] = [];
    const error = rejection(
      limiter.run(live, async () => {
        times.push(clock.wallMs());
        throw failure('error_rate_limit');
      }),
    );
    await clock.pass(60_000);
    expect(await error).toMatchObject({ code: 'error_rate_limit' });
    const [first = 0, second = 0, third = 0] = times;
    expect(times).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(1000);
    expect(third - second).toBeGreaterThan(second - first);
  });

  test('holds nobody back for longer than a minute, whatever time Shopee names', async () => {
    const { clock, limiter, request } = setUp({ attempts: 1 });
    const nextWeek = clock.wallMs() + 7 * 86_400_000;
    await rejection(limiter.run(live, () => Promise.reject(failure('error_rate_limit', 'retry-later', nextWeek))));
    const done = request(live, 'a');
    await clock.pass(60_001);
    await Promise.all(done);
    expect(limiter.status().waiting).toBe(0);
  });

  test('counts calls that were in flight together as one', async () => {
    const { clock, limiter } = setUp({ shop: { startPerSecond: 16, minPerSecond: 1 }, attempts: 1 });
    const errors = Array.from({ length: 8 }, () =>
      rejection(limiter.run(live, () => Promise.reject(failure('error_rate_limit')))),
    );
    await clock.pass(0);
    await Promise.all(errors);
    expect(limiter.status().shops[0]?.perSecond).toBe(8);
  });

  test('recovers by one call a second per second of use, up to the limit', async () => {
    const { clock, limiter, request } = setUp({
      shop: { startPerSecond: 20, minPerSecond: 1, maxPerSecond: 14 },
      attempts: 1,
    });
    await rejection(limiter.run(live, () => Promise.reject(failure('error_rate_limit'))));
    void request(live, 'a', 400);
    await clock.pass(3000);
    const soon = limiter.status().shops[0]?.perSecond ?? 0;
    expect(soon).toBeGreaterThan(11);
    expect(soon).toBeLessThan(13.5);
    await clock.pass(20_000);
    expect(limiter.status().shops[0]?.perSecond).toBe(14);
  });

  test("does not slow one shop for another's rate limit", async () => {
    const { clock, limiter, calls, request } = setUp({ attempts: 1 });
    await rejection(
      limiter.run(live, () => Promise.reject(failure('error_rate_limit', 'retry-later', clock.wallMs() + 60_000))),
    );
    void request(live, 'limited', 5);
    void request({ shopId: '2', priority: 'live' }, 'free', 5);
    await clock.pass(0);
    expect(calls.map(({ name }) => name)).toEqual(['free', 'free', 'free', 'free', 'free']);
    expect(limiter.status()).toMatchObject({ perSecond: expect.closeTo(100, 0) as unknown, waiting: 5 });
    await clock.pass(61_000);
    expect(calls).toHaveLength(10);
  });

  test('slows the app when two shops are limited within ten seconds', async () => {
    const { limiter } = setUp({ attempts: 1 });
    for (const shopId of ['1', '2']) {
      await rejection(limiter.run({ shopId, priority: 'live' }, () => Promise.reject(failure('error_rate_limit'))));
    }
    expect(limiter.status().perSecond).toBe(50);
  });

  test('is not held up by a wall clock that is set back, and makes no burst when it is set forward', async () => {
    const { clock, calls, request } = setUp({ shop: fixed(10) });
    void request(live, 'a', 30);
    await clock.pass(0);
    const burst = calls.length;
    for (const step of [-3_600_000, 7_200_000]) {
      clock.wallStepMs += step;
      const before = calls.length;
      await clock.pass(500);
      expect(calls.length - before).toBe(5);
    }
    expect(calls).toHaveLength(burst + 10);
  });

  test('sends nothing after error_limit until 00:00 UTC+8, and says so to those who wait', async () => {
    const { clock, limiter, calls, request } = setUp({ shop: fixed(2) });
    const waiting = request(backfill, 'old', 5).map(rejection);
    await clock.pass(0);
    await rejection(limiter.run(live, () => Promise.reject(failure('error_limit', 'retry-tomorrow'))));
    const midnight = Date.UTC(2026, 10, 23, 16);
    const [last] = (await Promise.all(waiting)).slice(-1);
    expect(last).toMatchObject({ kind: 'retry-tomorrow', code: 'error_limit', retryAt: midnight });
    expect(limiter.status()).toMatchObject({ pausedUntil: midnight, waiting: 0 });

    const before = calls.length;
    expect(await rejection(request(live, 'early')[0] ?? Promise.resolve())).toMatchObject({ kind: 'retry-tomorrow' });
    expect(calls).toHaveLength(before);
    await clock.pass(4 * 3_600_000);
    await Promise.all(request(live, 'next day'));
    expect(limiter.status().pausedUntil).toBeUndefined();
  });

  test('passes every other failure on, as it is, at once', async () => {
    const { limiter } = setUp();
    const other = new Error('other');
    expect(await rejection(limiter.run(live, () => Promise.reject(other)))).toBe(other);
    const rejected = failure('error_param', 'bad-request');
    expect(await rejection(limiter.run(live, () => Promise.reject(rejected)))).toBe(rejected);
  });

  test('makes every call once, whoever asks and when', async () => {
    const { clock, calls, request } = setUp({ shop: fixed(7), app: fixed(11) });
    const done: Promise<void>[] = [];
    for (let round = 0; round < 20; round += 1) {
      done.push(...request({ shopId: String(round % 3), priority: round % 2 === 0 ? 'live' : 'backfill' }, 'x', 5));
      await clock.pass(130);
    }
    await clock.pass(30_000);
    await Promise.all(done);
    expect(calls).toHaveLength(100);
  });
});
