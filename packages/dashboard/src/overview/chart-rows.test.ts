import { expect, test } from 'vitest';
import type { ChartBucket, Charts } from '@shopee-webhook/forwarder/api-types';
import { chartRows } from './chart-rows.ts';

function charts(received: number[], bucketMs = 60_000): Charts {
  const empty = { duplicates: 0, handled: 0, failed: 0, dead: 0, notified: 0, ackP50: null, ackP95: null };
  const gauges = { handleP50: null, handleP95: null, depth: null, retrying: null, deadLetters: null, spool: null };
  const quotas = { sheetReads: null, sheetWrites: null, shopeeCalls: null };
  const buckets = received.map((count, index): ChartBucket => {
    const complete = index < received.length - 1;
    return { at: index * bucketMs, complete, received: count, ...empty, ...gauges, ...quotas };
  });
  return { range: '1h', bucketMs, buckets };
}

test('the bucket that is still filling hangs on the last finished one by a line of its own', () => {
  expect(chartRows(charts([4, 6, 1]), ['received'])).toEqual([
    { at: 0, received: 4, 'received now': null },
    { at: 60_000, received: 6, 'received now': 6 },
    { at: 120_000, received: null, 'received now': 1 },
  ]);
});

test('counts of long buckets are shown per minute', () => {
  const rows = chartRows(charts([30, 0], 300_000), ['received'], { perMinute: true });
  expect(rows[0]?.['received']).toBe(6);
});

test('what nobody measured stays unknown', () => {
  expect(chartRows(charts([1, 2]), ['depth']).map((row) => row['depth'])).toEqual([null, null]);
});
