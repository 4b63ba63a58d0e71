import { expect, test } from 'vitest';
import type { ChartBucket, Charts } from '@shopee-webhook/contracts/dashboard-api';
import { toChartRows, visibleSeries, roundTicks } from './chart-rows.ts';

function chartsWith(received: number[], bucketMs = 60_000): Charts {
  const empty = {
    duplicates: 0,
    handled: 0,
    failed: 0,
    deadLettered: 0,
    notified: 0,
    responseP50: null,
    responseP95: null,
  };
  const gauges = {
    processingP50: null,
    processingP95: null,
    depth: null,
    retrying: null,
    deadLetters: null,
    spool: null,
  };
  const quotas = { sheetReads: null, sheetWrites: null, shopeeCalls: null };
  const buckets = received.map((count, index): ChartBucket => {
    const complete = index < received.length - 1;
    return { at: index * bucketMs, complete, received: count, ...empty, ...gauges, ...quotas };
  });
  return { range: '1h', bucketMs, buckets };
}

test('the incomplete bucket continues the last complete one as a dashed line', () => {
  expect(toChartRows(chartsWith([4, 6, 1]), ['received'])).toEqual([
    { at: 0, received: 4, 'received now': null },
    { at: 60_000, received: 6, 'received now': 6 },
    { at: 120_000, received: null, 'received now': 1 },
  ]);
});

test('counts of long buckets are shown per minute', () => {
  const rows = toChartRows(chartsWith([30, 0], 300_000), ['received'], { perMinute: true });
  expect(rows[0]?.['received']).toBe(6);
});

test('a figure that was not measured stays unknown', () => {
  expect(toChartRows(chartsWith([1, 2]), ['depth']).map((row) => row['depth'])).toEqual([null, null]);
});

test('a line that is always 0 is not drawn, unless it is the first', () => {
  const rows = toChartRows(chartsWith([0, 0, 0]), ['received', 'handled', 'failed']);
  const series = [{ name: 'received' }, { name: 'handled' }, { name: 'failed' }];
  const failing = rows.map((row) => ({ ...row, failed: 1 }));
  expect(visibleSeries(rows, series)).toEqual([{ name: 'received' }]);
  expect(visibleSeries(failing, series)).toEqual([{ name: 'received' }, { name: 'failed' }]);
});

test('the time axis has its ticks at round times of the viewer’s clock', () => {
  const minute = 60_000;
  const begin = new Date(2026, 10, 28, 20, 54).getTime();
  const rows = Array.from({ length: 60 }, (_, index) => ({ at: begin + index * minute }));
  const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5);
  expect(roundTicks(rows, '1h').map(clock)).toEqual(['21:00', '21:10', '21:20', '21:30', '21:40', '21:50']);

  const quarters = Array.from({ length: 96 }, (_, index) => ({ at: begin + 6 * minute + index * 15 * minute }));
  expect(roundTicks(quarters, '24h').map(clock)).toEqual([
    '21:00',
    '00:00',
    '03:00',
    '06:00',
    '09:00',
    '12:00',
    '15:00',
    '18:00',
  ]);
  // Two hours wide and begun at an odd one: none meets a midnight.
  const week = Array.from({ length: 84 }, (_, index) => ({ at: begin + 6 * minute + index * 120 * minute }));
  expect(roundTicks(week, '7d').map(clock)).toEqual(Array.from({ length: 7 }, () => '01:00'));
});
