import { randomUUID } from 'node:crypto';
import { createLogger } from '@shopee-webhook/runtime';
import { connectRedis, LocalLocks, type Locks } from '@shopee-webhook/store';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { RedisJobStore } from '../src/jobs/job-store.ts';
import { JobRunner } from '../src/jobs/job-runner.ts';
import type { Job } from '../src/jobs/job.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
const logger = createLogger({ name: 'test', level: 'silent' });
afterAll(() => redis.disconnect());

/** A job that notes with what it was run, and workers that share its records. */
function setUp() {
  const store = new RedisJobStore({ redis, key: `t${randomUUID()}` });
  const runs: unknown[] = [];
  const worker = (run: Job['run'] = async () => ({}), locks: Locks = new LocalLocks()) => {
    const noted: Job['run'] = (given) => {
      runs.push(given.options);
      return run(given);
    };
    return new JobRunner({ jobs: [{ name: 'job', description: '', run: noted }], store, locks, logger });
  };
  return { records: store, runs, worker };
}

test('a request runs once, and a failed run completes it', async () => {
  const { records, runs, worker } = setUp();
  await records.request('job', { from: 1 });
  const one = worker(() => Promise.reject(new Error('no')));
  await one.runDue();
  await one.settled();
  await one.runDue();
  expect(runs).toEqual([{ from: 1 }]);
  expect(await records.get('job')).toMatchObject({ ok: false, error: 'no' });
});

test('the request of a killed worker is run by the next', async () => {
  const { records, runs, worker } = setUp();
  await records.request('job', { from: 1 });
  const ended = Promise.withResolvers<Record<string, unknown>>();
  onTestFinished(() => ended.resolve({}));
  // It never comes to its end, as if its process were gone; its lock ends by itself.
  await worker(() => ended.promise).runDue();
  await expect.poll(() => runs.length).toBe(1);
  const next = worker();
  await next.runDue();
  await next.settled();
  expect(runs).toEqual([{ from: 1 }, { from: 1 }]);
  expect(await records.pendingRequest('job')).toBeUndefined();
});

test('the request of a stopped worker is run by the next', async () => {
  const { records, runs, worker } = setUp();
  await records.request('job', { from: 1 });
  const one = worker(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({}))));
  await one.runDue();
  await expect.poll(() => runs.length).toBe(1);
  await one.stop();
  const next = worker();
  await next.runDue();
  await next.settled();
  expect(runs).toEqual([{ from: 1 }, { from: 1 }]);
});

test('a request during a run waits for its turn', async () => {
  const { records, runs, worker } = setUp();
  const locks = new LocalLocks();
  const ended = Promise.withResolvers<Record<string, unknown>>();
  const one = worker(() => ended.promise, locks);
  expect(await one.run('job', { by: 'schedule' })).toBe('started');
  await records.request('job', { from: 1 });
  const other = worker(undefined, locks);
  await other.runDue();
  await expect.poll(() => runs).toEqual([{ by: 'schedule' }]);
  ended.resolve({});
  await one.settled();
  await other.runDue();
  await other.settled();
  expect(runs).toEqual([{ by: 'schedule' }, { from: 1 }]);
});
