import { createLogger } from '@shopee-webhook/runtime';
import { Notification, type Queue } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeduplicatingOutbox } from '../../../notifier/src/outbox/outbox.ts';
import { SpoolFile } from '../../src/spool/spool-file.ts';
import { SpoolOutbox } from '../../src/spool/spool-outbox.ts';
import { Spool } from '../../src/spool/spool.ts';
import { relayOutbox } from '../../../notifier/src/outbox/outbox-relay.ts';
import { alertNotification, startHarness, statusEvent, type Harness } from '../../../notifier/test/harness.ts';

let harness: Harness;
let file: SpoolFile;
let local: SpoolOutbox;

beforeEach(async () => {
  harness = await startHarness();
  file = new SpoolFile({ dataDir: harness.dataDir, logger: createLogger({ name: 'test', level: 'silent' }) });
  local = new SpoolOutbox(file);
});

afterEach(async () => {
  await harness.close();
  file.close();
});

const texts = () => harness.telegram.messages().filter((message) => message.service === undefined);
const add = (notification: object) => local.add(Notification.parse(notification));

it('is all there is without Redis: alerts, topics and pauses work from the disk', async () => {
  add(statusEvent('FIRST', 'SHIPPED'));
  add(alertNotification('x'));
  await harness.notifier({ shared: undefined, local }).runOnce();
  expect(new Set(texts().map(({ topic }) => topic))).toEqual(new Set(['Order status', 'System']));
  add(statusEvent('SECOND', 'SHIPPED'));
  await harness.notifier({ shared: undefined, local }).runOnce();
  expect(harness.telegram.chats()[0]?.topics).toHaveLength(2);
  expect(texts()).toHaveLength(3);
});

it('is moved to the outbox in Redis while that can be used, and sent from here while it cannot', async () => {
  let usable = true;
  const { redis, keys, outbox } = harness;
  const shared = { redis, keys, outbox, queue: outbox, isAvailable: () => usable };
  const notifier = harness.notifier({ shared, local });
  notifier.start();
  add(alertNotification('moved'));
  await expect.poll(() => texts().length, { timeout: 8_000 }).toBe(1);
  const { total_enqueued: moved } = await redis.hgetall(keys.notifications.stats);
  expect(moved).toBe('1');

  usable = false;
  add(alertNotification('direct'));
  await expect.poll(() => texts().length, { timeout: 12_000 }).toBe(2);
  expect((await redis.hgetall(keys.notifications.stats))['total_enqueued']).toBe('1');
  expect(texts().map(({ topic }) => topic)).toEqual(['System', 'System']);
}, 30_000);

it('is sent once when the push was handled from Redis and from the disk', async () => {
  const { redis, keys, outbox: inner } = harness;
  const event = Notification.parse(statusEvent('TWICE', 'SHIPPED'));
  const wasHandled = (id: string) => event.kind === 'event' && id === event.messageId;
  const outbox = new DeduplicatingOutbox({ inner, wasHandled });
  await inner.enqueue(JSON.stringify(event));
  local.add(event);
  const notifier = harness.notifier({ shared: { redis, keys, outbox, queue: inner, isAvailable: () => true }, local });
  notifier.start();
  await expect.poll(() => texts().length, { timeout: 8_000 }).toBe(1);
  await expect.poll(() => inner.depth(), { timeout: 8_000 }).toBe(0);
  await notifier.stop();
  expect(texts()).toHaveLength(1);
}, 30_000);

it('is moved once, although it is tried again when Redis did not answer the first time', async () => {
  const { outbox } = harness;
  add(alertNotification('moved'));
  const lostResponse: Pick<Queue, 'enqueue'> = {
    enqueue: async (...given) => {
      await outbox.enqueue(...given);
      throw new Error('no answer');
    },
  };
  await expect(relayOutbox(local, lostResponse)).rejects.toThrow('no answer');
  expect(await relayOutbox(local, outbox)).toBe(1);
  expect(await outbox.depth()).toBe(1);
});

/** Makes the disk full for what is to be settled, until it has room again. */
function fillDisk(): { makeRoom: () => void; settlements: () => number } {
  let isFull = true;
  let failed = 0;
  const settle = local.settle.bind(local);
  const allow = (writes: boolean) => file.read(() => file.sql(`PRAGMA query_only = ${writes ? 0 : 1}`).run());
  local.settle = async (consumer, settlements) => {
    if (!isFull || settlements.length === 0) return settle(consumer, settlements);
    failed += 1;
    allow(false);
    try {
      return await settle(consumer, settlements);
    } finally {
      allow(true);
    }
  };
  return { makeRoom: () => void (isFull = false), settlements: () => failed };
}

it('is sent once while the disk is full and nothing can be settled, and settled when there is room', async () => {
  for (const key of ['first', 'second', 'third']) add(alertNotification(key));
  const disk = fillDisk();
  const notifier = harness.notifier({ shared: undefined, local });
  notifier.start();
  await expect.poll(() => texts().length).toBe(3);
  const before = disk.settlements();
  await expect.poll(disk.settlements).toBeGreaterThan(before + 3);
  expect(texts()).toHaveLength(3);
  disk.makeRoom();
  await expect.poll(() => new Spool(file).depth().notifications).toBe(0);
  expect(texts()).toHaveLength(3);
}, 60_000);

it('is moved as a whole, and none is left behind, although the disk is full for a while', async () => {
  const { outbox } = harness;
  for (const key of ['first', 'second', 'third']) add(alertNotification(key));
  const disk = fillDisk();
  await expect(relayOutbox(local, outbox)).rejects.toThrow('readonly');
  expect(await outbox.depth()).toBe(3);
  disk.makeRoom();
  expect(await relayOutbox(local, outbox)).toBe(3);
  expect(new Spool(file).depth().notifications).toBe(0);
  expect(await outbox.depth()).toBe(3);
});

it('keeps what could not be moved for the next time, also where the disk is full', async () => {
  const { outbox } = harness;
  for (const key of ['first', 'second', 'third']) add(alertNotification(key));
  const disk = fillDisk();
  let calls = 0;
  const failing: Pick<Queue, 'enqueue'> = {
    enqueue: async (...given) => {
      calls += 1;
      if (calls === 2) throw new Error('no answer');
      return outbox.enqueue(...given);
    },
  };
  await expect(relayOutbox(local, failing)).rejects.toThrow('readonly');
  disk.makeRoom();
  expect(await relayOutbox(local, outbox)).toBe(3);
  expect(await outbox.depth()).toBe(3);
});
