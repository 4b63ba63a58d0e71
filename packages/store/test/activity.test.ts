import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import { ActivityLog, connectRedis, buildKeys, parseActivity } from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

function newLog() {
  const keys = buildKeys(`t${randomUUID()}`);
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
  expect((await log.listLatest(5)).map(({ id }) => id)).toEqual(['b', 'a']);
  expect(await log.lastEntryId()).toBe(entries[1]?.entryId);
});

it('waits for the next step', async () => {
  const { log } = newLog();
  const next = log.read({ after: await log.lastEntryId(), blockMs: 10_000 });
  await log.append([{ id: 'a', step: 'rejected', reason: 'bad signature' }]);
  expect(await next).toMatchObject([{ id: 'a', step: 'rejected' }]);
  expect(await log.read({ after: await log.lastEntryId(), blockMs: 10 })).toEqual([]);
});

it('passes over what another program wrote', async () => {
  const { log, keys } = newLog();
  await redis.xadd(keys.activity, '*', 'foo', 'bar');
  await redis.xadd(keys.activity, '*', 'id', 'a', 'step', 'queued', 'foo', 'bar');
  expect(await log.read({ after: '0' })).toEqual([expect.not.objectContaining({ foo: 'bar' })]);
});

it('keeps an error short', async () => {
  const { log } = newLog();
  await log.append([{ id: 'a', step: 'retried', error: 'x'.repeat(10_000) }]);
  expect((await log.listLatest(1))[0]?.error).toHaveLength(500);
});

it('reads as a text what it reads step by step', async () => {
  const { log, keys } = newLog();
  const step = {
    id: 'a',
    step: 'handled',
    sn: 'SN',
    shop: '900719925474099300',
    reason: '"ชื่อ" /\\ \n',
    total: 12.5,
  } as const;
  await log.append([
    { ...step, net: -3, placed: 1_788_220_800_000 },
    { id: 'b', step: 'queued' },
  ]);
  await redis.xadd(keys.activity, '*', 'id', 'c', 'step', 'unknown to us');
  await redis.xadd(keys.activity, '*', 'id', 'd', 'step', 'queued', 'ms', 'soon');
  const read = await log.readText({ after: '0', count: 10, blockMs: 10 });
  const steps = parseActivity(read?.text ?? '[]');
  expect(steps).toEqual(await log.read({ after: '0' }));
  expect(steps).toMatchObject([{ ...step, net: -3 }, { id: 'b' }]);
  // Also past what it does not understand.
  expect(read?.lastEntryId).toBe(await log.lastEntryId());
  const [first] = steps;
  const next = await log.readText({ after: first?.entryId ?? '', count: 1, blockMs: 10 });
  expect(parseActivity(next?.text ?? '[]')).toEqual(steps.slice(1));
});

it('waits for the next step as a text', async () => {
  const { log } = newLog();
  expect(await log.readText({ after: '0', count: 10, blockMs: 10 })).toBeUndefined();
  const next = log.readText({ after: '0', count: 10, blockMs: 10_000 });
  await log.append([{ id: 'a', step: 'rejected', reason: 'bad signature' }]);
  expect(parseActivity((await next)?.text ?? '[]')).toMatchObject([{ id: 'a', step: 'rejected' }]);
});
