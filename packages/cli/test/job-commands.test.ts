import { randomUUID } from 'node:crypto';
import { createLogger } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, LocalLocks, type RedisConnection } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { JobResult } from '../../worker/src/jobs/job.ts';
import { RedisJobStore } from '@shopee-webhook/store';
import { JobRunner } from '../../worker/src/jobs/job-runner.ts';
import { freshDir, run, runJson } from './helpers.ts';

let redis: RedisConnection;
let env: Record<string, string>;
let runner: JobRunner;
let runs: unknown[];
let result: () => JobResult;

/** The worker's own runner, with jobs that record their options. */
beforeEach(() => {
  const prefix = `t${randomUUID()}`;
  redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  env = {
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(inject('redisPort')),
    REDIS_KEY_PREFIX: prefix,
    DATA_DIR: freshDir(),
  };
  runs = [];
  result = () => ({ listed: 2, written: 2, failed: 0, missing: 0 });
  runner = new JobRunner({
    jobs: ['backfill', 'reconcile-week', 'merge-duplicates'].map((name) => ({
      name,
      description: '',
      run: async ({ options }) => {
        runs.push({ name, ...options });
        return result();
      },
    })),
    store: new RedisJobStore({ redis, key: buildKeys(prefix).jobs }),
    locks: new LocalLocks(),
    logger: createLogger({ name: 'test', level: 'fatal' }),
  });
  runner.start();
});

afterEach(async () => {
  await runner.stop();
  redis.disconnect();
});

test('the worker runs a backfill once with the given options, and its result is printed', async () => {
  const args = ['backfill', '--from', '2026-01-01', '--to', '2026-02-01', '--shop', '700000001', '--dry-run'];
  const { code, values } = await runJson(args, env);
  expect(code).toBe(0);
  expect(values).toEqual([{ listed: 2, written: 2, failed: 0, missing: 0 }]);
  expect(runs).toEqual([{ name: 'backfill', from: 1_767_225_600, to: 1_769_904_000, shop: '700000001', dryRun: true }]);
});

test('shops that a backfill skipped are printed, with exit code 1', async () => {
  result = () => ({ listed: 2, written: 2, failed: 0, missing: 0, failedShops: { '7': 'not authorized' } });
  const { code, out } = await run(['backfill', '--from', '2026-01-01'], env);
  expect(code).toBe(1);
  expect(out).toContain('shop 7 was skipped: not authorized');
});

test('a failed job is printed with its error', async () => {
  result = () => {
    throw new Error('no shop connected');
  };
  const { code, err } = await run(['reconcile', '--days', '3'], env);
  expect(runs).toEqual([{ name: 'reconcile-week', days: 3 }]);
  expect([code, err]).toEqual([1, 'reconcile-week failed: no shop connected']);
});

test('merging says what was merged, and exits 1 while orders stand twice', async () => {
  result = () => ({ merged: 4, left: 0 });
  expect(await run(['sheet', 'merge'], env)).toMatchObject({
    code: 0,
    out: '4 rows merged or repaired; 0 orders still stand in several rows',
  });
  expect(runs).toEqual([{ name: 'merge-duplicates' }]);
  result = () => ({ merged: 0, left: 2 });
  expect((await run(['sheet', 'merge'], env)).code).toBe(1);
});

test('the report shows daily reconciliations, and exits 1 when an order is missing', async () => {
  const report = {
    shopId: '700000001',
    date: '2026-11-22',
    listed: 3,
    inSheet: 2,
    missing: ['2611220ABCDEFG'],
    checkedAt: 1,
  };
  await redis.hset(
    buildKeys(env['REDIS_KEY_PREFIX'] ?? '').reconciliations,
    '2026-11-22 700000001',
    JSON.stringify(report),
  );
  const { code, out } = await run(['reconcile', '--report'], env);
  expect(code).toBe(1);
  expect(out).toContain('2611220ABCDEFG');
});
