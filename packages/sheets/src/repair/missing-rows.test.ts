import { createLogger } from '@shopee-webhook/runtime';
import { expect, test } from 'vitest';
import { MissingRowReporter } from './missing-rows.ts';

const minute = 60_000;

/** Losses whose teller fails for the keys in `failing`. */
function setUp(...failing: string[]) {
  const clock = { now: 0 };
  const told: string[][] = [];
  const lost = new MissingRowReporter({
    requestRows: async (_tab, keys) => {
      told.push(keys);
      return keys.filter((key) => failing.includes(key));
    },
    logger: createLogger({ name: 'test', level: 'silent' }),
    now: () => clock.now,
    initialPauseMs: minute,
  });
  const rows = (...keys: string[]) => keys.map((key) => ({ tab: 'Returns' as const, key }));
  return { clock, told, lost, rows };
}

test('rows that were taken on are not told again, those that were not are, by themselves and after a pause', async () => {
  const { clock, told, lost, rows } = setUp('7:b');
  lost.add(rows('7:a', '7:b', '7:c', '7:a'));
  for (let steps = 0; steps < 5; steps += 1) await lost.report();
  expect(told).toEqual([['7:a', '7:b', '7:c']]);
  expect(lost.keys()).toEqual(rows('7:b'));
  clock.now = lost.nextReportAt;
  await lost.report();
  expect(told.slice(1)).toEqual([['7:b']]);
});

test('the pause doubles up to a quarter of an hour, and rows lost later do not wait for it', async () => {
  const { clock, told, lost, rows } = setUp('7:a');
  lost.add(rows('7:a'));
  const pauses: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await lost.report();
    pauses.push((lost.nextReportAt - clock.now) / minute);
    clock.now = lost.nextReportAt;
  }
  expect(pauses).toEqual([1, 2, 4, 8, 15, 15]);
  await lost.report();
  lost.add(rows('7:new'));
  await lost.report();
  expect(told.at(-1)).toEqual(['7:new']);
});

test('rows that are being told are not told a second time, and count as lost until somebody took them on', async () => {
  const { told, lost, rows } = setUp();
  lost.add(rows('7:a'));
  const telling = lost.report();
  await lost.report();
  expect(lost.isEmpty).toBe(false);
  await telling;
  expect([told, lost.isEmpty, lost.nextReportAt]).toEqual([[['7:a']], true, Infinity]);
});

test('after a day nobody is told any more', async () => {
  const { clock, told, lost, rows } = setUp('7:a');
  lost.add(rows('7:a', '7:b'));
  while (!lost.isEmpty) {
    await lost.report();
    clock.now = Math.min(lost.nextReportAt, 2 * 1_440 * minute);
  }
  expect(told.length).toBeGreaterThan(90);
  expect(told.length).toBeLessThan(110);
});
