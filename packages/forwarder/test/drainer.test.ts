import { DatabaseSync } from 'node:sqlite';
import { newMessageId } from '@shopee-webhook/store';
import { afterEach, expect, inject as provided, test } from 'vitest';
import { loadConfig } from '../src/index.ts';
import { createRedis } from '../src/redis/create-redis.ts';
import { createSpool } from '../src/spool/create-spool.ts';
import { Drainer } from '../src/spool/drainer.ts';
import { WorkerClient } from '../src/spool/worker-client.ts';
import { QueueStatsReader } from '../src/monitoring/queue-stats.ts';
import { environment, startWorker, testLog } from './helpers.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing.length = 0;
});

/** A drainer between an open spool and Redis, and three events in the spool. */
async function start() {
  const config = loadConfig(environment(provided('redisPort')));
  const { logger } = testLog();
  const spool = createSpool({ dataDir: config.dataDir, logger });
  spool.open();
  closing.push(() => spool.file.close());
  const store = createRedis({ config, logger });
  closing.push(() => store.close());
  await store.start();
  const drainer = new Drainer({
    file: spool.file,
    spool: spool.events,
    outbox: spool.outbox,
    redis: store,
    worker: new WorkerClient(config.worker),
    maxRetries: 3,
    logger,
  });
  for (const digest of ['a', 'b', 'c']) {
    const event = { id: newMessageId(), digest, payloadText: '{"code":3}', code: 3, shop: '1', sn: undefined };
    await spool.events.add({ ...event, uncertain: false });
  }
  return { drainer, store, events: spool.events, ...lockOf(spool.file.path) };
}

/** As a disk that takes nothing would: what is in a table cannot be deleted. */
function lockOf(path: string) {
  const db = new DatabaseSync(path);
  closing.push(() => db.close());
  return {
    db,
    lock: (table: string) =>
      db.exec(`CREATE TRIGGER keep_${table} BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, 'no room'); END`),
    unlock: (table: string) => db.exec(`DROP TRIGGER keep_${table}`),
  };
}

test('an event that the spool cannot delete goes into Redis once', async () => {
  const { drainer, store, events, lock, unlock } = await start();
  lock('events');
  for (let round = 0; round < 3; round += 1) await expect(drainer.runOnce()).rejects.toThrow('no room');
  expect(await store.redis.hgetall(store.keys.webhooks.stats)).toEqual({ total_received: '3', total_enqueued: '3' });
  expect(events.depth().events).toBe(3);
  unlock('events');
  await drainer.runOnce();
  expect(events.isEmpty()).toBe(true);
  expect(await store.queue.depth()).toBe(3);
  expect(await store.redis.hget(store.keys.webhooks.stats, 'total_received')).toBe('3');
});

test('activity that the spool cannot delete goes to Redis once', async () => {
  const { drainer, store, events, lock, unlock } = await start();
  lock('activity');
  for (let round = 0; round < 3; round += 1) await expect(drainer.runOnce()).rejects.toThrow('no room');
  const steps = async () => (await store.activity.listLatest(100)).map(({ step }) => step).toSorted();
  const once = [...Array<string>(3).fill('queued'), ...Array<string>(3).fill('spooled')];
  expect(await steps()).toEqual(once);
  unlock('activity');
  await drainer.runOnce();
  expect(events.isEmpty()).toBe(true);
  expect(await steps()).toEqual(once);
});

test('events go into Redis although the digests before them cannot be deleted', async () => {
  const { drainer, store, events, db, lock } = await start();
  db.prepare('INSERT INTO handled_digests VALUES (?, ?, ?)').run('handled', 'id', Date.now() + 60_000);
  lock('handled_digests');
  await expect(drainer.runOnce()).rejects.toThrow('no room');
  expect(await store.redis.get(store.keys.webhooks.seen('handled'))).toBe('id');
  expect(await store.queue.depth()).toBe(3);
  expect(events.depth().events).toBe(0);
});

test('a push that Redis took late, after it was spooled, is counted as received once', async () => {
  const { drainer, store, events } = await start();
  await drainer.runOnce();
  const late = { id: newMessageId(), digest: 'late', payloadText: '{"code":3}', code: 3, shop: '1', sn: undefined };
  // Its first write was applied when the forwarder had given up on it.
  await store.queue.enqueue(late.payloadText, { id: late.id, digest: late.digest });
  await events.add({ ...late, uncertain: true });
  const stats = new QueueStatsReader({ spool: events, redis: store });
  await drainer.runOnce();
  expect((await stats.read()).totals).toMatchObject({ received: 4, enqueued: 4, duplicates: 0 });
});

test('a push that Redis took late, and that the worker handled over HTTP, is counted as received once', async () => {
  const { drainer, store, events } = await start();
  await drainer.runOnce();
  const late = { id: newMessageId(), digest: 'late', payloadText: '{"code":3}', code: 3, shop: '1', sn: undefined };
  await events.add({ ...late, uncertain: true });
  const [spooled] = events.oldest(1, new Set());
  if (spooled === undefined) throw new Error('not spooled');
  events.handled(spooled, undefined, []);
  await store.queue.enqueue(late.payloadText, { id: late.id, digest: late.digest });
  await drainer.runOnce();
  const stats = new QueueStatsReader({ spool: events, redis: store });
  expect((await stats.read()).totals).toMatchObject({ received: 4, enqueued: 4, fallback: 1 });
});

test('events that the worker defers are saved together and not sent again and again', async () => {
  const config = loadConfig(environment(undefined));
  const { logger } = testLog();
  const spool = createSpool({ dataDir: config.dataDir, logger });
  closing.push(() => spool.file.close());
  const worker = await startWorker(() => ({
    status: 503,
    body: { outcome: 'retry', reason: 'Shopee is down', retryAfterMs: 0 },
  }));
  closing.push(() => worker.close());
  const drainer = new Drainer({
    file: spool.file,
    spool: spool.events,
    outbox: spool.outbox,
    redis: undefined,
    worker: new WorkerClient({ url: worker.url, key: config.worker.key }),
    maxRetries: 3,
    logger,
  });
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      spool.events.add({
        id: newMessageId(),
        digest: `d${String(n)}`,
        payloadText: '{"code":3}',
        code: 3,
        shop: '1',
        sn: undefined,
        uncertain: false,
      }),
    ),
  );
  const before = spool.file.writes;
  const ends = performance.now() + 700;
  while (performance.now() < ends) await drainer.runOnce();
  // Then it pauses: whatever the worker waits for concerns all.
  expect(worker.received.length).toBeLessThanOrEqual(150);
  expect(spool.file.writes - before).toBeLessThan(worker.received.length / 2);
});
