import { expect, test, vi } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';
import { CircuitBreakers } from './circuit-breakers.ts';

function closedGate(options: { random?: () => number } = {}) {
  const clock = { now: 1_000_000 };
  const onClosed = vi.fn<() => void>();
  const onOpened = vi.fn<(gate: CircuitBreaker, ms: number) => void>();
  const gate = new CircuitBreaker({
    upstream: 'shopee:1',
    now: () => clock.now,
    random: () => 1,
    onOpened: onClosed,
    onClosed: onOpened,
    ...options,
  });
  gate.tryAcquire()?.failed(new Error('503'));
  return { gate, clock, onClosed, onOpened };
}

test('a failed call closes the gate for everybody', () => {
  const { gate, onClosed } = closedGate();
  expect(gate.tryAcquire()).toBeUndefined();
  expect(onClosed).toHaveBeenCalledTimes(1);
});

test('after its wait one probe is let through and no second one', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  expect(gate.tryAcquire()?.isProbe).toBe(true);
  expect(gate.tryAcquire()).toBeUndefined();
});

test('a probe that works opens the gate and tells how long it was closed', () => {
  const { gate, clock, onOpened } = closedGate();
  clock.now += 1500;
  gate.tryAcquire()?.succeeded();
  expect(onOpened).toHaveBeenCalledWith(gate, 1500);
  expect(gate.tryAcquire()?.isProbe).toBe(false);
});

test('a probe that fails doubles the wait, up to 30 s', () => {
  const { gate, clock } = closedGate();
  const waits: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    waits.push(gate.probeInMs());
    clock.now += gate.probeInMs();
    gate.tryAcquire()?.failed(new Error('503'));
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a probe that never called gives its place to the next', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  gate.tryAcquire()?.release();
  expect(gate.tryAcquire()?.isProbe).toBe(true);
});

test('the side’s own waiting time is respected', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  gate.tryAcquire()?.failed(new Error('daily limit'), clock.now + 3_600_000);
  clock.now += 3_599_999;
  expect(gate.tryAcquire()).toBeUndefined();
  clock.now += 1;
  expect(gate.tryAcquire()?.isProbe).toBe(true);
});

test('calls that began before it closed neither open it nor lengthen its wait', () => {
  const clock = { now: 0 };
  const gate = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 1 });
  const [first, second, third] = [gate.tryAcquire(), gate.tryAcquire(), gate.tryAcquire()];
  first?.failed(new Error('reset'));
  second?.failed(new Error('reset'));
  third?.succeeded();
  expect(gate.openSince).toBe(0);
  expect(gate.probeInMs()).toBe(1000);
});

test('a parked message waits at least as long as the gate, and longer the longer the outage lasts', () => {
  const { gate, clock } = closedGate();
  expect(gate.deferMs()).toBe(1000);
  clock.now += 6 * 3_600_000;
  expect(gate.deferMs()).toBe(901_000);
});

test('a closed side gives back the pass of the other', () => {
  const clock = { now: 0 };
  const gates = new CircuitBreakers({ now: () => clock.now, random: () => 1 });
  const [shop, sheet] = [gates.get('shopee:1'), gates.get('sheet:x')];
  sheet.tryAcquire()?.failed(new Error('403'), 60_000);
  shop.tryAcquire()?.failed(new Error('503'));
  clock.now = 1000;
  expect(() => gates.acquireBoth([shop, sheet])).toThrow('sheet:x: parked');
  expect(shop.tryAcquire()?.isProbe).toBe(true);
  expect(gates.open().map(({ upstream }) => upstream)).toEqual(['shopee:1', 'sheet:x']);
});

test('a slow side gets no more than its share; a fast one has no limit', () => {
  const clock = { now: 0 };
  const gate = new CircuitBreaker({
    upstream: 'shopee:1',
    now: () => clock.now,
    congestion: { messages: 100, afterMs: 3000 },
  });
  const first = gate.tryAcquire(60);
  expect(gate.tryAcquire(60)).toBeDefined();
  clock.now = 3000;
  expect(gate.tryAcquire(60)).toBeDefined();
  clock.now = 3001;
  expect(gate.tryAcquire(1)).toBeUndefined();
  expect(gate.openSince).toBeUndefined();
  first?.succeeded();
  clock.now = 2999 + 1;
  expect(gate.tryAcquire(1)).toBeDefined();
});

test('the slower a side is, the longer those wait that it has no room for', () => {
  const clock = { now: 0 };
  const congestion = { messages: 100, afterMs: 3000 };
  const gate = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 0.5, congestion });
  gate.tryAcquire(100);
  expect([4_000, 40_000, 400_000].map((now) => ((clock.now = now), gate.deferMs()))).toEqual([3_000, 20_000, 200_000]);
});

test('a message is delivered less than 80 times in an outage of six hours', () => {
  const clock = { now: 0 };
  const gate = new CircuitBreaker({ upstream: 'sheet:x', now: () => clock.now, random: () => 0.5 });
  gate.tryAcquire()?.failed(new Error('503'));
  let deliveries = 0;
  while (clock.now < 6 * 3_600_000) {
    deliveries += 1;
    clock.now += gate.deferMs();
  }
  expect(deliveries).toBeLessThan(80);
});

test('the first call that works is told of, once, for what an earlier process parked', () => {
  const onFirstSuccess = vi.fn<(gate: CircuitBreaker) => void>();
  const gate = new CircuitBreaker({ upstream: 'sheet:x', onFirstSuccess });
  gate.tryAcquire()?.succeeded();
  gate.tryAcquire()?.succeeded();
  expect(onFirstSuccess).toHaveBeenCalledTimes(1);
});
