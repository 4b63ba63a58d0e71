import { expect, test } from 'vitest';
import type { JobStatus } from '@shopee-webhook/contracts/worker-rpc';
import { toJobItem } from './job-serializer.ts';

const idle: JobStatus = {
  name: 'lost-pushes',
  description: 'Fetches.',
  intervalMs: 600_000,
  running: false,
  startedAt: 1_000,
  endedAt: 3_500,
  ok: true,
  error: null,
  result: { fetched: 1_234, queued: 2, from: 1, failed: {} },
  nextAt: 9_000,
};
const scheduled = { scheduled: true };

test('a job that succeeded shows its counts', () => {
  expect(toJobItem(idle, scheduled)).toMatchObject({
    title: 'Lost pushes',
    state: 'idle',
    schedule: 'Every 10 min',
    lastMs: 2_500,
    lastResult: {
      ok: true,
      partial: false,
      text: '1,234 fetched: 2 queued, 0 already known.',
      counts: { fetched: 1_234, queued: 2 },
    },
    progress: null,
  });
});

test('a job that failed shows why, one that is off has no next run', () => {
  expect(toJobItem({ ...idle, ok: false, error: 'no network' }, scheduled)).toMatchObject({
    lastResult: { ok: false, text: 'no network' },
  });
  expect(toJobItem(idle, { scheduled: false })).toMatchObject({ state: 'off', nextRunAt: null });
});

test('a backfill that runs shows how far it is', () => {
  const running: JobStatus = {
    ...idle,
    name: 'backfill',
    intervalMs: null,
    running: true,
    endedAt: null,
    ok: null,
    result: { share: 0.2503, written: 90, leftMs: 120_000 },
  };
  expect(toJobItem(running, { scheduled: false })).toMatchObject({
    state: 'running',
    schedule: null,
    lastResult: null,
    progress: { done: 25, total: 100, text: '90 written, 2 min left', startedAt: 1_000 },
    parameters: ['shop', 'from', 'to'],
    canStop: true,
  });
  const dry = { ...running, result: { share: 0.5, dryRun: true, listed: 7 } };
  expect(toJobItem(dry, { scheduled: false }).progress).toMatchObject({ text: 'Dry run: 7 listed' });
});

test.each([
  ['lost-pushes', { fetched: 0, queued: 0, known: 0, pages: 0 }, 'No lost pushes.'],
  ['reconcile', { checked: 0, missing: 0, stale: 0, repaired: 0 }, 'No order changed in that time.'],
  [
    'reconcile-week',
    { checked: 120, missing: 0, stale: 0, repaired: 0, account: { '700000001': 120 } },
    '120 orders compared: all match Shopee.',
  ],
  [
    'reconcile',
    { checked: 1, missing: 1, stale: 0, repaired: 1 },
    '1 order compared: 1 missing, 0 out of date; 1 queued for repair.',
  ],
  [
    'reconcile',
    { checked: 0, missing: 0, stale: 0, restored: 2, repaired: 2 },
    '0 orders compared: 2 taken back by a restored version of the file, 0 missing, 0 out of date; 2 queued for repair.',
  ],
  ['merge-duplicates', { merged: 0, left: 0 }, 'Every order stands once.'],
  [
    'merge-duplicates',
    { merged: 4, left: 1 },
    '4 rows merged or repaired. 1 order still in several rows: run it again.',
  ],
  ['payouts', { released: 0, pending: 0, pendingCheckedAt: 1_795_902_200 }, 'No new payout.'],
  [
    'payouts',
    { released: 3, pending: 1, pendingCheckedAt: 0 },
    '3 orders paid out. 1 completed order still to be paid out, fetched again.',
  ],
  ['adjustments', { requested: 0 }, 'No order was due.'],
  ['adjustments', { requested: 12 }, '12 paid-out orders requested again.'],
  [
    'push-health',
    { status: 'normal', callbackUrl: 'https://shop.example', suspendedAt: null },
    'Status at Shopee: normal.',
  ],
  [
    'backfill',
    { share: 1, listed: 5, written: 5, failed: 0, missing: 0, perMinute: 60 },
    '5 listed, 5 written, 60 a minute',
  ],
  [
    'backfill',
    { share: 1, dryRun: true, listed: 1_014, written: 0, failed: 0, missing: 0, perMinute: 60 },
    'Dry run: 1,014 at Shopee, 0 not in the sheet; nothing was written.',
  ],
])('what a run of %s found is summarized (%o)', (name, result, text) => {
  expect(toJobItem({ ...idle, name, result }, scheduled).lastResult).toMatchObject({ partial: false, text });
});

test('a shop that could not be read is named, and the run succeeded only partially', () => {
  const failed = { '700000002': 'the shop is revoked' };
  const result = { checked: 0, missing: 0, stale: 0, repaired: 0, failed };
  expect(toJobItem({ ...idle, name: 'reconcile', result }, scheduled).lastResult).toMatchObject({
    ok: true,
    partial: true,
    text: 'No order changed in that time. Skipped: shop 700000002, the shop is revoked.',
  });
});

test('a backfill that skipped a shop is shown as partial, with the reason', () => {
  const result = { written: 5, failed: 1, failedShops: { '7': 'no token' } };
  expect(toJobItem({ ...idle, name: 'backfill', intervalMs: null, result }, scheduled)).toMatchObject({
    lastResult: { partial: true, text: '5 written, 1 failed. Skipped: shop 7, no token.' },
  });
});
