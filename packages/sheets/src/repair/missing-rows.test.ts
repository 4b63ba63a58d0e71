import { createLogger } from '@shopee-webhook/runtime';
import { expect, test } from 'vitest';
import { MissingRowReporter } from './missing-rows.ts';

const minute = 60_000;

/** A reporter whose requests fail for the keys in `failing`. */
function setUp(...failing: string[]) {
  const clock = { now: 0 };
  const requested: string[][] = [];
  const missing = new MissingRowReporter({
    requestRows: async (_tab, keys) => {
      requested.push(keys);
      return keys.filter((key) => failing.includes(key));
    },
    logger: createLogger({ name: 'test', level: 'silent' }),
    now: () => clock.now,
    initialPauseMs: minute,
  });
  const rows = (...keys: string[]) => keys.map((key) => ({ tab: 'Returns' as const, key }));
  return { clock, requested, missing, rows };
}

test('rows whose request succeeded are not requested again; the others are, after a pause', async () => {
  const { clock, requested, missing, rows } = setUp('7:b');
  missing.add(rows('7:a', '7:b', '7:c', '7:a'));
  for (let steps = 0; steps < 5; steps += 1) await missing.report();
  expect(requested).toEqual([['7:a', '7:b', '7:c']]);
  expect(missing.keys()).toEqual(rows('7:b'));
  clock.now = missing.nextReportAt;
  await missing.report();
  expect(requested.slice(1)).toEqual([['7:b']]);
});

test('the pause doubles up to a quarter of an hour, and rows missing later do not wait for it', async () => {
  const { clock, requested, missing, rows } = setUp('7:a');
  missing.add(rows('7:a'));
  const pauses: number[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await missing.report();
    pauses.push((missing.nextReportAt - clock.now) / minute);
    clock.now = missing.nextReportAt;
  }
  expect(pauses).toEqual([1, 2, 4, 8, 15, 15]);
  await missing.report();
  missing.add(rows('7:new'));
  await missing.report();
  expect(requested.at(-1)).toEqual(['7:new']);
});

test('rows in a running request are not requested twice, and count as missing until it succeeds', async () => {
  const { requested, missing, rows } = setUp();
  missing.add(rows('7:a'));
  const running = missing.report();
  await missing.report();
  expect(missing.isEmpty).toBe(false);
  await running;
  expect([requested, missing.isEmpty, missing.nextReportAt]).toEqual([[['7:a']], true, Infinity]);
});

test('after a day a row is given up', async () => {
  const { clock, requested, missing, rows } = setUp('7:a');
  missing.add(rows('7:a', '7:b'));
  while (!missing.isEmpty) {
    await missing.report();
    clock.now = Math.min(missing.nextReportAt, 2 * 1_440 * minute);
  }
  expect(requested.length).toBeGreaterThan(90);
  expect(requested.length).toBeLessThan(110);
});
