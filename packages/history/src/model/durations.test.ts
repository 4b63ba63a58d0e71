import { expect, test } from 'vitest';
import { reservoirSlot } from './durations.ts';

test('the first values all get a slot, in order', () => {
  expect([1, 2, 3].map((seen) => reservoirSlot(seen, 3))).toEqual([0, 1, 2]);
});

test('a later value replaces another, or none', () => {
  expect(reservoirSlot(10, 3, () => 0.1)).toBe(1);
  expect(reservoirSlot(10, 3, () => 0.5)).toBeUndefined();
});

test('each of many values is as likely in the sample as any other', () => {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const saved = [0, 0];
  for (let round = 0; round < 400; round += 1) {
    const sample: number[] = [];
    for (let value = 0; value < 100; value += 1) {
      const place = reservoirSlot(value + 1, 10, random);
      if (place !== undefined) sample[place] = value;
    }
    for (const value of sample) saved[value < 50 ? 0 : 1] = (saved[value < 50 ? 0 : 1] ?? 0) + 1;
  }
  const [early = 0, late = 0] = saved;
  expect(early / late).toBeGreaterThan(0.85);
  expect(early / late).toBeLessThan(1.15);
});
