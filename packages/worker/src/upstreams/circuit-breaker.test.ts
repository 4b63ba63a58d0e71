import { expect, onTestFinished, test, vi } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';
import { CircuitBreakers } from './circuit-breakers.ts';

function openBreaker(options: { random?: () => number } = {}) {
  const clock = { now: 1_000_000 };
  const onOpened = vi.fn<() => void>();
  const onClosed = vi.fn<(breaker: CircuitBreaker, ms: number) => void>();
  const breaker = new CircuitBreaker({
    upstream: 'shopee:1',
    now: () => clock.now,
    random: () => 1,
    onOpened,
    onClosed,
    ...options,
  });
  breaker.tryAcquire()?.failed(new Error('503'));
  return { breaker, clock, onOpened, onClosed };
}

test('a failed call opens the circuit breaker for all callers', () => {
  const { breaker, onOpened } = openBreaker();
  expect(breaker.tryAcquire()).toBeUndefined();
  expect(onOpened).toHaveBeenCalledTimes(1);
});

test('after the backoff one probe gets a permit and no second call does', () => {
  const { breaker, clock } = openBreaker();
  clock.now += 1000;
  expect(breaker.tryAcquire()?.isProbe).toBe(true);
  expect(breaker.tryAcquire()).toBeUndefined();
});

test('a successful probe closes it and reports how long it was open', () => {
  const { breaker, clock, onClosed } = openBreaker();
  clock.now += 1500;
  breaker.tryAcquire()?.succeeded();
  expect(onClosed).toHaveBeenCalledWith(breaker, 1500);
  expect(breaker.tryAcquire()?.isProbe).toBe(false);
});

test('a failed probe doubles the backoff, up to 30 s', () => {
  const { breaker, clock } = openBreaker();
  const waits: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    waits.push(breaker.probeInMs());
    clock.now += breaker.probeInMs();
    breaker.tryAcquire()?.failed(new Error('503'));
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a released probe lets the next call probe', () => {
  const { breaker, clock } = openBreaker();
  clock.now += 1000;
  breaker.tryAcquire()?.release();
  expect(breaker.tryAcquire()?.isProbe).toBe(true);
});

test('the upstream’s own retry time is respected', () => {
  const { breaker, clock } = openBreaker();
  clock.now += 1000;
  breaker.tryAcquire()?.failed(new Error('daily limit'), 3_600_000);
  clock.now += 3_599_999;
  expect(breaker.tryAcquire()).toBeUndefined();
  clock.now += 1;
  expect(breaker.tryAcquire()?.isProbe).toBe(true);
});

test('calls that started before it opened neither close it nor extend its backoff', () => {
  const clock = { now: 0 };
  const breaker = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 1 });
  const [first, second, third] = [breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()];
  first?.failed(new Error('reset'));
  second?.failed(new Error('reset'));
  third?.succeeded();
  expect(breaker.openMs).toBe(0);
  expect(breaker.probeInMs()).toBe(1000);
});

test('a message is deferred at least until the next probe, and longer the longer the outage lasts', () => {
  const { breaker, clock } = openBreaker();
  expect(breaker.deferMs()).toBe(1000);
  clock.now += 6 * 3_600_000;
  expect(breaker.deferMs()).toBe(901_000);
});

test('an open breaker leaves no permit of the other acquired', () => {
  const clock = { now: 0 };
  const breakers = new CircuitBreakers({ now: () => clock.now, random: () => 1 });
  const [shop, sheet] = [breakers.get('shopee:1'), breakers.get('sheet:x')];
  sheet.tryAcquire()?.failed(new Error('403'), 60_000);
  shop.tryAcquire()?.failed(new Error('503'));
  clock.now = 1000;
  expect(() => breakers.acquireBoth([shop, sheet])).toThrow('sheet:x: deferred');
  expect(shop.tryAcquire()?.isProbe).toBe(true);
  expect(breakers.open().map(({ upstream }) => upstream)).toEqual(['shopee:1', 'sheet:x']);
});

test('a slow upstream gets no more than its share; a fast one has no limit', () => {
  const clock = { now: 0 };
  const breaker = new CircuitBreaker({
    upstream: 'shopee:1',
    now: () => clock.now,
    congestion: { messages: 100, afterMs: 3000 },
  });
  const first = breaker.tryAcquire(60);
  expect(breaker.tryAcquire(60)).toBeDefined();
  clock.now = 3000;
  expect(breaker.tryAcquire(60)).toBeDefined();
  clock.now = 3001;
  expect(breaker.tryAcquire(1)).toBeUndefined();
  expect(breaker.openMs).toBeUndefined();
  first?.succeeded();
  clock.now = 2999 + 1;
  expect(breaker.tryAcquire(1)).toBeDefined();
});

test('the slower an upstream is, the longer messages beyond its share are deferred', () => {
  const clock = { now: 0 };
  const congestion = { messages: 100, afterMs: 3000 };
  const breaker = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 0.5, congestion });
  breaker.tryAcquire(100);
  expect([4_000, 40_000, 400_000].map((now) => ((clock.now = now), breaker.deferMs()))).toEqual([
    3_000, 20_000, 200_000,
  ]);
});

test('a message is delivered less than 80 times in an outage of six hours', () => {
  const clock = { now: 0 };
  const breaker = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 0.5 });
  breaker.tryAcquire()?.failed(new Error('503'));
  let deliveries = 0;
  while (clock.now < 6 * 3_600_000) {
    deliveries += 1;
    clock.now += breaker.deferMs();
  }
  expect(deliveries).toBeLessThan(80);
});

test('the first successful call is reported once, for messages that an earlier process deferred', () => {
  const onFirstSuccess = vi.fn<(breaker: CircuitBreaker) => void>();
  const breaker = new CircuitBreaker({ upstream: 'sheet:x', onFirstSuccess });
  breaker.tryAcquire()?.succeeded();
  breaker.tryAcquire()?.succeeded();
  expect(onFirstSuccess).toHaveBeenCalledTimes(1);
});

test('a clock that is set back does not delay the probe', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const breaker = new CircuitBreaker({ upstream: 'shopee:1', random: () => 0 });
  breaker.tryAcquire()?.failed(new Error('503'));
  vi.setSystemTime(Date.now() - 86_400_000);
  await expect.poll(() => breaker.tryAcquire()?.isProbe, { timeout: 5000 }).toBe(true);
});
