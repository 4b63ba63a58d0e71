import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeWindows } from './time-windows.ts';

const fifteenDays = 15 * 86_400;

test('a time of 15 days is one window, a second more is two', () => {
  expect(timeWindows(0, fifteenDays)).toEqual([{ from: 0, to: fifteenDays }]);
  expect(timeWindows(0, fifteenDays + 1)).toEqual([
    { from: 0, to: fifteenDays },
    { from: fifteenDays, to: fifteenDays + 1 },
  ]);
  expect(timeWindows(5, 5)).toEqual([]);
});

test('windows cover the whole time, none longer than 15 days', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000), fc.integer({ min: 1, max: 200_000_000 }), (from, length) => {
      const windows = timeWindows(from, from + length);
      expect(windows[0]?.from).toBe(from);
      expect(windows.at(-1)?.to).toBe(from + length);
      for (const [at, window] of windows.entries()) {
        expect(window.to - window.from).toBeLessThanOrEqual(fifteenDays);
        expect(window.from).toBe(at === 0 ? from : windows[at - 1]?.to);
      }
    }),
  );
});
