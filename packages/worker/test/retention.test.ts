import { randomUUID } from 'node:crypto';
import { createLogger } from '@shopee-webhook/runtime';
import { ActivityLog, connectRedis, QueueInspector, buildKeys, Queue } from '@shopee-webhook/store';
import { afterAll, expect, inject, test } from 'vitest';
import { purgeExpired } from '../src/jobs/retention.ts';

const dayMs = 86_400_000;
const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
const logger = createLogger({ name: 'test', level: 'silent' });
afterAll(() => redis.disconnect());

function setUp() {
  const keys = buildKeys(`t${randomUUID()}`);
  const deadLetter = (of: 'webhooks' | 'notifications', id: string, daysAgo: number) => {
    const at = Date.now() - daysAgo * dayMs;
    const times = { acceptedAt: at, firstFailedAt: at, deadLetteredAt: at };
    const why = { maxRetries: 3, ...times, attempts: 4, reason: 'x', error: 'y', history: [] };
    return new Queue({ redis, keys: keys[of] }).deadLetter({ id, payloadText: '{"code":3,"data":{}}', ...why });
  };
  const left = async (of: 'webhooks' | 'notifications') => {
    const { deadLetters } = await new QueueInspector({ redis, keys: keys[of] }).listDeadLetters({
      count: 100,
      filter: {},
    });
    return deadLetters.map(({ id }) => id);
  };
  return { keys, deadLetter, left };
}

test('dead letters and rejected notifications older than RETENTION_DAYS are purged, younger ones stay', async () => {
  const { keys, deadLetter, left } = setUp();
  for (const of of ['webhooks', 'notifications'] as const) {
    await deadLetter(of, 'old', 91);
    await deadLetter(of, 'young', 89);
  }
  await purgeExpired({ redis, keys }, 90, logger);
  expect(await left('webhooks')).toEqual(['young']);
  expect(await left('notifications')).toEqual(['young']);
  const steps = await new ActivityLog({ redis, keys }).listLatest(10);
  expect(steps.map(({ id, step }) => `${id} ${step}`)).toEqual(['old discarded']);
});

test('a dead letter without a time stays', async () => {
  const { keys, left } = setUp();
  await redis.lpush(keys.webhooks.deadLetter, '{"id":"theirs","payload":{"code":3,"data":{}},"metadata":{}}');
  await purgeExpired({ redis, keys }, 1, logger);
  expect(await left('webhooks')).toEqual(['theirs']);
});

test('activity older than RETENTION_DAYS is purged', async () => {
  const { keys } = setUp();
  const at = Date.now() - 2 * dayMs;
  // A stream is cut in nodes of some hundred entries.
  for (let step = 0; step < 500; step += 1)
    await redis.xadd(keys.activity, `${String(at + step)}-0`, 'id', 'old', 'step', 'taken');
  await new ActivityLog({ redis, keys }).append([{ id: 'new', step: 'taken' }]);
  await purgeExpired({ redis, keys }, 1, logger);
  expect(await redis.xlen(keys.activity)).toBeLessThan(200);
  expect((await new ActivityLog({ redis, keys }).listLatest(1)).map(({ id }) => id)).toEqual(['new']);
});
