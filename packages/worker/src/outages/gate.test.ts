import { expect, test, vi } from 'vitest';
import { Gate } from './gate.ts';
import { Gates } from './gates.ts';

function closedGate(options: { random?: () => number } = {}) {
  const clock = { now: 1_000_000 };
  const onClosed = vi.fn<() => void>();
  const onOpened = vi.fn<(gate: Gate, ms: number) => void>();
  const gate = new Gate({ side: 'shopee:1', now: () => clock.now, random: () => 1, onClosed, onOpened, ...options });
  gate.enter()?.failed(new Error('503'));
  return { gate, clock, onClosed, onOpened };
}

test('a failed call closes the gate for everybody', () => {
  const { gate, onClosed } = closedGate();
  expect(gate.enter()).toBeUndefined();
  expect(onClosed).toHaveBeenCalledTimes(1);
});

test('after its wait one probe is let through and no second one', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  expect(gate.enter()?.probe).toBe(true);
  expect(gate.enter()).toBeUndefined();
});

test('a probe that works opens the gate and tells how long it was closed', () => {
  const { gate, clock, onOpened } = closedGate();
  clock.now += 1500;
  gate.enter()?.ok();
  expect(onOpened).toHaveBeenCalledWith(gate, 1500);
  expect(gate.enter()?.probe).toBe(false);
});

test('a probe that fails doubles the wait, up to 30 s', () => {
  const { gate, clock } = closedGate();
  const waits: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    waits.push(gate.waitMs());
    clock.now += gate.waitMs();
    gate.enter()?.failed(new Error('503'));
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a probe that never called gives its place to the next', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  gate.enter()?.leave();
  expect(gate.enter()?.probe).toBe(true);
});

test('the side’s own waiting time is respected', () => {
  const { gate, clock } = closedGate();
  clock.now += 1000;
  gate.enter()?.failed(new Error('daily limit'), clock.now + 3_600_000);
  clock.now += 3_599_999;
  expect(gate.enter()).toBeUndefined();
  clock.now += 1;
  expect(gate.enter()?.probe).toBe(true);
});

test('calls that began before it closed neither open it nor lengthen its wait', () => {
  const clock = { now: 0 };
  const gate = new Gate({ side: 'sheet:x', now: () => clock.now, random: () => 1 });
  const [first, second, third] = [gate.enter(), gate.enter(), gate.enter()];
  first?.failed(new Error('reset'));
  second?.failed(new Error('reset'));
  third?.ok();
  expect(gate.closedSince).toBe(0);
  expect(gate.waitMs()).toBe(1000);
});

test('a parked message waits at least as long as the gate, and longer the longer the outage lasts', () => {
  const { gate, clock } = closedGate();
  expect(gate.parkMs()).toBe(1000);
  clock.now += 6 * 3_600_000;
  expect(gate.parkMs()).toBe(901_000);
});

test('a closed side gives back the pass of the other', () => {
  const clock = { now: 0 };
  const gates = new Gates({ now: () => clock.now, random: () => 1 });
  const [shop, sheet] = [gates.of('shopee:1'), gates.of('sheet:x')];
  sheet.enter()?.failed(new Error('403'), 60_000);
  shop.enter()?.failed(new Error('503'));
  clock.now = 1000;
  expect(() => gates.enterAll([shop, sheet])).toThrow('sheet:x: parked');
  expect(shop.enter()?.probe).toBe(true);
  expect(gates.closed().map(({ side }) => side)).toEqual(['shopee:1', 'sheet:x']);
});

test('a slow side gets no more than its share; a fast one has no limit', () => {
  const clock = { now: 0 };
  const gate = new Gate({ side: 'shopee:1', now: () => clock.now, congestion: { messages: 100, afterMs: 3000 } });
  const first = gate.enter(60);
  expect(gate.enter(60)).toBeDefined();
  clock.now = 3000;
  expect(gate.enter(60)).toBeDefined();
  clock.now = 3001;
  expect(gate.enter(1)).toBeUndefined();
  expect(gate.closedSince).toBeUndefined();
  first?.ok();
  clock.now = 2999 + 1;
  expect(gate.enter(1)).toBeDefined();
});

test('the slower a side is, the longer those wait that it has no room for', () => {
  const clock = { now: 0 };
  const congestion = { messages: 100, afterMs: 3000 };
  const gate = new Gate({ side: 'sheet:x', now: () => clock.now, random: () => 0.5, congestion });
  gate.enter(100);
  expect([4_000, 40_000, 400_000].map((now) => ((clock.now = now), gate.parkMs()))).toEqual([3_000, 20_000, 200_000]);
});

test('a message is delivered less than 80 times in an outage of six hours', () => {
  const clock = { now: 0 };
  const gate = new Gate({ side: 'sheet:x', now: () => clock.now, random: () => 0.5 });
  gate.enter()?.failed(new Error('503'));
  let deliveries = 0;
  while (clock.now < 6 * 3_600_000) {
    deliveries += 1;
    clock.now += gate.parkMs();
  }
  expect(deliveries).toBeLessThan(80);
});

test('the first call that works is told of, once, for what an earlier process parked', () => {
  const onFirstOk = vi.fn<(gate: Gate) => void>();
  const gate = new Gate({ side: 'sheet:x', onFirstOk });
  gate.enter()?.ok();
  gate.enter()?.ok();
  expect(onFirstOk).toHaveBeenCalledTimes(1);
});
