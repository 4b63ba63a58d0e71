import { randomUUID } from 'node:crypto';
import { connectRedis } from '@shopee-webhook/store';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { RedisWrittenLog } from '../src/index.ts';
import { sheetWorld } from './sheet-world.ts';

function createLog(): RedisWrittenLog {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  onTestFinished(() => redis.disconnect());
  const prefix = `t${randomUUID()}`;
  return new RedisWrittenLog({ redis, keyOf: (id) => `${prefix}:written:${id}` });
}

test('what was appended is read in order, from any point on', async () => {
  const log = createLog();
  const rows = [
    { tab: 'Orders', key: '1:a', version: 2, requestedAt: 12.5 },
    { tab: 'Orders', key: '1:k', version: 3 },
  ];
  await log.append('sheet', rows);
  const first = await log.readSince('sheet', '');
  expect(first.rows).toEqual(rows);
  await log.append('sheet', [{ tab: 'Items', key: '1:a:v', version: 0 }]);
  await log.append('other', rows);
  expect((await log.readSince('sheet', first.cursor)).rows).toEqual([{ tab: 'Items', key: '1:a:v', version: 0 }]);
});

test('of two answers of one version, the one that was asked for later stays, whichever worker wrote it', async () => {
  const world = await sheetWorld();
  const writtenLog = createLog();
  const [one, other] = [world.writer({ writtenLog }), world.writer({ writtenLog })];
  const row = (requestedAt: number, escrow_amount: number) => ({
    ...world.row('1:a', 1, { escrow_amount }),
    requestedAt,
  });
  await one.upsert([row(100, 1)]);
  await world.settled(one);
  await other.upsert([row(300, 3)]);
  await world.settled(other);
  expect(await one.upsert([row(200, 2)])).toEqual([{ kind: 'stale' }]);
  expect(await world.writer({ writtenLog }).upsert([row(200, 2)])).toEqual([{ kind: 'stale' }]);
  expect(await one.upsert([row(400, 4)])).toMatchObject([{ kind: 'written' }]);
});

for (const how of ['the next write', 'an audit'] as const) {
  test(`an older version of the file that was restored is found at ${how} of a new process`, async () => {
    const world = await sheetWorld();
    const writtenLog = createLog();
    const earlier = world.writer({ writtenLog });
    await earlier.upsert([world.row('1:a', 1), world.row('1:b', 1)]);
    await world.settled(earlier);
    const before = structuredClone(world.google.state());
    await earlier.upsert([world.row('1:a', 2), world.row('1:later', 1)]);
    await world.settled(earlier);
    await earlier.stop();
    world.google.restore(before);
    const missing: string[] = [];
    const onMissing = async ({ keys }: { keys: string[] }) => void missing.push(...keys);
    const writer = world.writer({ writtenLog, onMissing });
    if (how === 'an audit') await writer.audit([world.spreadsheetId]);
    else await writer.upsert([world.row('1:b', 2)]);
    await vi.waitFor(() => expect(missing.toSorted()).toEqual(['1:a', '1:later']));
    // They are requested once.
    await world.writer({ writtenLog, onMissing }).audit([world.spreadsheetId]);
    expect(missing).toHaveLength(2);
  });
}
