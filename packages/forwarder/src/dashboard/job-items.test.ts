import { expect, test } from 'vitest';
import type { JobStatus } from '@shopee-webhook/runtime';
import { jobItemOf } from './job-items.ts';

const idle: JobStatus = {
  name: 'lost-pushes',
  about: 'Fetches.',
  everyMs: 600_000,
  running: false,
  beganAt: 1_000,
  endedAt: 3_500,
  ok: true,
  error: null,
  result: { fetched: 1_234, queued: 2, from: 1, failed: {} },
  nextAt: 9_000,
};
const scheduled = { scheduled: true };

test('a job that ended well shows its figures', () => {
  expect(jobItemOf(idle, scheduled)).toMatchObject({
    title: 'Lost pushes',
    state: 'idle',
    schedule: 'every 10 min',
    lastMs: 2_500,
    lastResult: { ok: true, text: '1,234 fetched, 2 queued', figures: { fetched: 1_234, queued: 2 } },
    progress: null,
  });
});

test('a job that failed shows why, one that is switched off no next run', () => {
  expect(jobItemOf({ ...idle, ok: false, error: 'no network' }, scheduled)).toMatchObject({
    lastResult: { ok: false, text: 'no network' },
  });
  expect(jobItemOf(idle, { scheduled: false })).toMatchObject({ state: 'off', nextRunAt: null });
});

test('a job that could not read one shop names it', () => {
  const result = { checked: 5, failed: { '700000002': 'the shop is revoked' } };
  expect(jobItemOf({ ...idle, name: 'reconcile', result }, scheduled)).toMatchObject({
    lastResult: { ok: false, text: '5 checked; shop 700000002 not read: the shop is revoked' },
  });
});

test('a backfill that runs shows how far it is', () => {
  const running: JobStatus = {
    ...idle,
    name: 'backfill',
    everyMs: null,
    running: true,
    endedAt: null,
    ok: null,
    result: { share: 0.2503, written: 90, leftMs: 120_000 },
  };
  expect(jobItemOf(running, { scheduled: false })).toMatchObject({
    state: 'running',
    schedule: null,
    lastResult: null,
    progress: { done: 25, total: 100, text: '90 written, 2 min left', startedAt: 1_000 },
    takes: ['shop', 'from', 'to'],
    canStop: true,
  });
});
