import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectRedis, buildKeys, RedisJobStore } from '@shopee-webhook/store';
import { z } from 'zod';
import { Stack } from '../src/stack/stack.ts';

const day = 86_400;
const keys = buildKeys('shopee');
const Record = z.looseObject({
  ok: z.boolean().nullable(),
  result: z.looseObject({ listed: z.number().default(0), written: z.number().default(0) }).nullish(),
});
const timing = { timeout: 120_000, interval: 100 };

test('a backfill whose worker was killed resumes at its day, and each order has one row', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'backfill-kill-'));
  const stack = await Stack.create({ dir, telegram: false, shopee: { settings: { latencyMs: 600 } } });
  onTestFinished(async () => {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const [shop = 0] = stack.shopee.orders.shops.keys();
  const to = Math.floor(Date.now() / 1000) - 30 * day;
  const from = to - 6 * day;
  const count = 600;
  stack.shopee.orders.addPast({ count, from, to: to - 1, shopIds: [shop] });
  await stack.startRedis();
  const redis = connectRedis({ host: '127.0.0.1', port: stack.redisPort });
  onTestFinished(() => redis.disconnect());
  const request = () => new RedisJobStore({ redis, key: keys.jobs }).request('backfill', { from, to });
  const record = async () => Record.parse(JSON.parse((await redis.hget(keys.jobs, 'backfill')) ?? '{"ok":null}'));

  const [worker] = stack.workers;
  await worker?.start();
  await request();
  await vi.waitFor(async () => expect((await record()).result?.written).toBeGreaterThan(0), timing);
  await worker?.kill();
  const before = await record();
  expect(before.ok).toBeNull();

  // The dead worker's lock expires after a minute at most; the test does not wait for it.
  await redis.del(keys.lock('job:backfill'));
  await worker?.start();
  await request();
  await vi.waitFor(async () => expect(await record()).toMatchObject({ ok: true }), timing);
  // A day that was done is not listed again, and one that was not is counted once.
  expect((await record()).result).toMatchObject({ listed: count, written: count });
  const sns = stack.google
    .sheet('Orders')
    .records()
    .map((row) => row['Order SN']);
  expect(sns).toHaveLength(count);
  expect(new Set(sns).size).toBe(count);
}, 300_000);
