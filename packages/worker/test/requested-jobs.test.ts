import { randomUUID } from 'node:crypto';
import { createLogger } from '@shopee-webhook/runtime';
import { connectRedis, LocalLocks, type Locks } from '@shopee-webhook/store';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { RedisJobStore } from '@shopee-webhook/store';
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

test('a job cut off by a crash runs again with its options as soon as its lock expires', async () => {
  const { records, runs, worker } = setUp();
  const locks = new LocalLocks();
  const lock = await locks.acquire('job:job', 60_000);
  await records.set('job', { startedAt: 1, runningAt: 1, nextAt: Date.now() + 3_600_000, options: { days: 3 } });
  const next = worker(undefined, locks);
  await next.runDue();
  expect(runs).toEqual([]);
  await lock?.release();
  await next.runDue();
  await next.settled();
  expect(runs).toEqual([{ days: 3 }]);
  await next.runDue();
  expect(runs).toHaveLength(1);
});

/** A job that runs every hour and on start, with clocks of its own. */
function setUpHourly() {
  const store = new RedisJobStore({ redis, key: `t${randomUUID()}` });
  const clock = { wall: Date.now(), monotonic: 0 };
  const locks = new LocalLocks();
  let runs = 0;
  const job: Job = {
    name: 'job',
    description: '',
    intervalMs: 3_600_000,
    runOnStart: true,
    run: async () => ({ run: (runs += 1) }),
  };
  const runner = new JobRunner({
    jobs: [job],
    store,
    locks,
    logger,
    random: () => 0,
    now: () => clock.wall,
    monotonic: () => clock.monotonic,
  });
  const pass = (ms: number) => {
    clock.wall += ms;
    clock.monotonic += ms;
  };
  const poll = async () => {
    await runner.runDue();
    await runner.settled();
    return runs;
  };
  return { store, locks, clock, pass, poll };
}

test('a run on start is only used up by a run that began', async () => {
  const { locks, store, clock, poll } = setUpHourly();
  const other = await locks.acquire('job:job', 60_000);
  await store.set('job', { nextAt: clock.wall + 3_600_000 });
  expect(await poll()).toBe(0);
  await other?.release();
  expect(await poll()).toBe(1);
});

test('a clock that is set back a day delays no job, in this process or after a restart', async () => {
  const { store, clock, pass, poll } = setUpHourly();
  expect(await poll()).toBe(1);
  expect(await poll()).toBe(1);
  clock.wall -= 86_400_000;
  pass(3_599_000);
  expect(await poll()).toBe(1);
  pass(1000);
  expect(await poll()).toBe(2);
  await store.set('job', { nextAt: clock.wall + 86_400_000 });
  expect(await poll()).toBe(3);
});

test('a clock that is set forward a day starts no job early', async () => {
  const { clock, pass, poll } = setUpHourly();
  expect(await poll()).toBe(1);
  expect(await poll()).toBe(1);
  clock.wall += 86_400_000;
  expect(await poll()).toBe(1);
  pass(3_600_000);
  expect(await poll()).toBe(2);
});
