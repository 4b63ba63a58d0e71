import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { ActivityLog, connectRedis, Inspector, keysOf, Queue, type Delivery } from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

/** A queue of its own under a fresh prefix, with an outbox and a short lease. */
function setUp(leaseMs = 15_000) {
  const keys = keysOf(`t${randomUUID()}`);
  const parts = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity, leaseMs };
  const queue = new Queue(parts);
  const outbox = new Queue({ redis, keys: keys.notifications });
  const inspector = new Inspector(parts);
  const activity = new ActivityLog({ redis, keys });
  onTestFinished(() => {
    queue.close();
    outbox.close();
  });
  return { keys, queue, outbox, inspector, activity, parts };
}

const push = (n: number) =>
  `{"code":3,"shop_id":900719925474099${n},"timestamp":1788220800,"data":{"ordersn":"SN${n}"}}`;
const all = { max: 50, blockMs: 50 };
const ack = (delivery: Delivery) => ({ delivery, outcome: { kind: 'ack' as const } });

describe('enqueue and take', () => {
  it('hands out what was enqueued, oldest first and letter by letter', async () => {
    const { queue } = setUp();
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n));
    const deliveries = await queue.take('c1', all);
    expect(deliveries.map(({ payloadText }) => payloadText)).toEqual([push(1), push(2), push(3)]);
    expect(deliveries[0]).toMatchObject({ attempt: 1, consumer: 'c1', metadata: { retry_count: 0, max_retries: 3 } });
    expect(Math.abs(Date.now() - (deliveries[0]?.metadata.enqueued_at ?? 0))).toBeLessThan(2_000);
  });

  it('does not queue a digest twice, and names the message that was accepted', async () => {
    const { queue, inspector } = setUp();
    const first = await queue.enqueue(push(1), { digest: 'd1' });
    expect(await queue.enqueue(push(1), { digest: 'd1' })).toEqual({ kind: 'duplicate', id: first.id });
    const { totals, queue: sizes } = await inspector.queueStats();
    expect(totals).toMatchObject({ received: 2, enqueued: 1, duplicates: 1 });
    expect(sizes.depth).toBe(1);
  });
});

describe('settle', () => {
  it('acks, retries and gives up in one step, with counters, outbox and activity', async () => {
    const { queue, outbox, inspector, activity, keys } = setUp();
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n), { activity: { code: 3 } });
    const [a, b, c] = await queue.take('c1', all);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were enqueued');
    const settled = await queue.settle('c1', [
      { ...ack(a), notification: '{"kind":"x"}', steps: [{ id: a.id, step: 'handled', ms: 5 }] },
      { delivery: b, outcome: { kind: 'retry', delayMs: 0, reason: 'shopee', error: 'E', countsAsFailure: true } },
      { delivery: c, outcome: { kind: 'dead-letter', reason: 'bad-request', error: 'no such order' } },
    ]);
    expect(settled).toEqual([true, true, true]);
    expect(await redis.llen(keys.webhooks.processing('c1'))).toBe(0);
    expect((await outbox.take('n1', all)).map(({ payloadText }) => payloadText)).toEqual(['{"kind":"x"}']);
    expect(await inspector.queueStats()).toMatchObject({
      queue: { depth: 0, retrying: 1, processing: 0, deadLetter: 1 },
      totals: { processed: 1, retried: 1, deadLettered: 1, failed: 2 },
    });
    expect((await activity.read({ after: '0' })).map(({ step }) => step)).toEqual([
      'queued',
      'queued',
      'queued',
      'handled',
    ]);
    expect(await queue.promote()).toBe(1);
    expect(await queue.take('c1', all)).toMatchObject([{ id: b.id, attempt: 2, payloadText: push(2) }]);
  });

  it('does nothing for a consumer whose messages the reaper has given to another', async () => {
    const { queue, parts, inspector } = setUp(1);
    await queue.enqueue(push(1));
    const frozen = await queue.take('c1', all);
    await expect.poll(async () => (await queue.reap()).returned).toBe(1);
    const other = new Queue(parts);
    onTestFinished(() => other.close());
    const taken = await other.take('c2', all);
    expect(taken).toMatchObject([{ attempt: 1, metadata: { deliveries: 1 }, payloadText: push(1) }]);
    expect(await queue.settle('c1', frozen.map(ack))).toEqual([false]);
    expect(await other.settle('c2', taken.map(ack))).toEqual([true]);
    expect((await inspector.queueStats()).totals.processed).toBe(1);
  });
});

describe('dead letters', () => {
  it('come back by replay as new, and remember', async () => {
    const { queue, inspector } = setUp();
    await queue.enqueue(push(1));
    for (let round = 1; round <= 2; round++) {
      const deliveries = await queue.take('c1', all);
      await queue.settle(
        'c1',
        deliveries.map((delivery) => ({ delivery, outcome: { kind: 'dead-letter', reason: 'r', error: `e${round}` } })),
      );
      const { letters } = await inspector.deadLetters({ filter: { reason: 'r', code: 3 } });
      expect(letters).toMatchObject([{ error: `e${round}`, history: { length: round - 1 }, payloadText: push(1) }]);
      expect(await inspector.replay({ ids: letters.map(({ id }) => id) })).toEqual({
        replayed: 1,
        refused: 0,
        missing: 0,
      });
    }
    expect(await queue.take('c1', all)).toMatchObject([
      { attempt: 1, metadata: { history: [{ error: 'e1' }, { error: 'e2' }] } },
    ]);
  });

  it('get what is not a message, as it is', async () => {
    const { queue, inspector, keys } = setUp();
    await redis.lpush(keys.webhooks.main, 'garbage', Buffer.from([0xff, 0xfe]), push(7));
    expect(await queue.take('c1', all)).toMatchObject([{ payloadText: push(7) }]);
    const { letters } = await inspector.deadLetters();
    expect(letters.map(({ garbage }) => garbage)).toEqual(
      expect.arrayContaining([{ text: 'garbage' }, { base64: '//4=' }]),
    );
    expect(await redis.llen(keys.webhooks.processing('c1'))).toBe(1);
  });
});
