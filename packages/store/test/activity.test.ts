import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import { ActivityLog, connectRedis, keysOf } from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

function newLog() {
  const keys = keysOf(`t${randomUUID()}`);
  const log = new ActivityLog({ redis, keys });
  onTestFinished(() => log.close());
  return { log, keys };
}

it('reads back what was appended, in order, after where one was', async () => {
  const { log } = newLog();
  const all = {
    id: 'a',
    code: 3,
    shop: '900719925474099300',
    sn: 'SN',
    ms: 12,
    row: 7,
    attempt: 2,
    reason: 'r',
    error: 'e',
  };
  await log.append([
    { ...all, step: 'written' },
    { id: 'b', step: 'spooled', at: 1_788_220_800_000 },
  ]);
  const entries = await log.read({ after: '0' });
  expect(entries).toMatchObject([
    { ...all, step: 'written' },
    { id: 'b', step: 'spooled', at: 1_788_220_800_000 },
  ]);
  expect(Math.abs((entries[0]?.at ?? 0) - Date.now())).toBeLessThan(5_000);
  expect(await log.read({ after: entries[0]?.entryId ?? '' })).toHaveLength(1);
  expect(await log.read({ after: '0', count: 1 })).toHaveLength(1);
  expect((await log.latest(5)).map(({ id }) => id)).toEqual(['b', 'a']);
  expect(await log.lastEntryId()).toBe(entries[1]?.entryId);
});

it('waits for the next step', async () => {
  const { log } = newLog();
  const next = log.read({ after: await log.lastEntryId(), blockMs: 10_000 });
  await log.append([{ id: 'a', step: 'refused', reason: 'bad signature' }]);
  expect(await next).toMatchObject([{ id: 'a', step: 'refused' }]);
  expect(await log.read({ after: await log.lastEntryId(), blockMs: 10 })).toEqual([]);
});

it('passes over what another program wrote', async () => {
  const { log, keys } = newLog();
  await redis.xadd(keys.activity, '*', 'foo', 'bar');
  await log.append([{ id: 'a', step: 'queued' }]);
  expect(await log.read({ after: '0' })).toMatchObject([{ id: 'a' }]);
});

it('keeps an error short', async () => {
  const { log } = newLog();
  await log.append([{ id: 'a', step: 'retried', error: 'x'.repeat(10_000) }]);
  expect((await log.latest(1))[0]?.error).toHaveLength(500);
});
