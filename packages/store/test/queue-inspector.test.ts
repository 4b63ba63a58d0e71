import { afterAll, describe, expect, inject, it } from 'vitest';
import { connectRedis, saveConsumerReports } from '../src/index.ts';
import { deadLetter, push, retryNow, setUpQueue, shortTake, defined } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

type SetUp = ReturnType<typeof setUpQueue>;

/** Lets one push for each reason die. */
async function moveToDeadLetters({ queue }: SetUp, reasons: string[]): Promise<void> {
  for (const n of reasons.keys()) await queue.enqueue(push(n));
  for (let done = 0; done < reasons.length;) {
    const deliveries = await queue.take('c', shortTake);
    const settlements = deliveries.map((delivery, at) =>
      deadLetter(defined(reasons[done + at]), `E${done + at}`)(delivery),
    );
    await queue.settle('c', settlements);
    done += deliveries.length;
  }
}

describe('queueStats', () => {
  it('reports sizes, totals and the age of the next message', async () => {
    const { queue, inspector } = setUpQueue(redis);
    expect(await inspector.queueStats()).toEqual({
      redis: {
        enabled: true,
        connected: true,
        memoryUsedBytes: expect.any(Number),
        memoryMaxBytes: 256 * 2 ** 20,
      },
      queue: { depth: 0, retrying: 0, processing: 0, deadLetter: 0, oldestSeconds: 0 },
      totals: {
        received: 0,
        enqueued: 0,
        duplicates: 0,
        processed: 0,
        failed: 0,
        retried: 0,
        deadLettered: 0,
        fallback: 0,
        replayed: 0,
        discarded: 0,
      },
    });
    await queue.enqueue(push(1), { enqueuedAt: (await queue.now()) - 90_400 });
    await queue.enqueue(push(2));
    await queue.incrementCounter('total_fallback', 2);
    const stats = await inspector.queueStats();
    expect(stats).toMatchObject({ queue: { depth: 2 }, totals: { received: 2, enqueued: 2, fallback: 2 } });
    expect(stats.queue.oldestSeconds).toBeGreaterThanOrEqual(90);
    expect(stats.queue.oldestSeconds).toBeLessThan(110);
  });

  it('counts each message once, also one that is put back meanwhile', async () => {
    const { queue, inspector } = setUpQueue(redis);
    for (let n = 1; n <= 10; n++) await queue.enqueue(push(n));
    const move = async () => {
      for (let round = 0; round < 60; round++) {
        await queue.settle('c', (await queue.take('c', shortTake)).map(retryNow));
        await queue.promoteDue();
      }
    };
    const sums = new Set<number>();
    const read = async () => {
      for (let round = 0; round < 200; round++) {
        const { depth, retrying, processing } = (await inspector.queueStats()).queue;
        sums.add(depth + retrying + processing);
      }
    };
    await Promise.all([move(), read()]);
    expect([...sums]).toEqual([10]);
  });
});

describe('reading the queue', () => {
  it('shows messages that are queued, in flight and waiting for a retry', async () => {
    const { queue, inspector, keys } = setUpQueue(redis);
    for (let n = 1; n <= 4; n++) await queue.enqueue(push(n));
    await redis.lpush(keys.webhooks.main, 'garbage');
    const [first] = await queue.take('c', { max: 2, blockMs: 20 });
    await queue.settle('c', [retryNow(defined(first))]);
    expect(await inspector.listWaiting()).toMatchObject([{ payloadText: push(3) }, { payloadText: push(4) }]);
    expect(await inspector.listWaiting({ offset: 1, count: 1 })).toMatchObject([{ payloadText: push(4) }]);
    expect(await inspector.listInFlight('c')).toMatchObject([{ payloadText: push(2) }]);
    const [retrying] = await inspector.listRetrying();
    expect(retrying).toMatchObject({ message: { payloadText: push(1), metadata: { retry_count: 1 } } });
    expect(Math.abs(defined(retrying).dueAt - (await queue.now()))).toBeLessThan(5_000);
  });

  it('shows what consumers say, and which of them are gone', async () => {
    const { queue, inspector, keys, kill } = setUpQueue(redis);
    const report = { processed: 5, failed: 1, retried: 2, avgProcessingMs: 12, lastProcessedAt: 1 };
    await queue.enqueue(push(1));
    await queue.take('a', shortTake);
    await queue.heartbeat('b');
    await kill('b');
    await saveConsumerReports(redis, keys.webhooks, [
      { id: 'b', state: 'idle', ...report },
      { id: 'a', state: 'busy', ...report },
    ]);
    const [a, b] = await inspector.listConsumers();
    expect(a).toMatchObject({ id: 'a', state: 'busy', inFlight: 1, processed: 5 });
    expect(a?.heartbeatAgeMs).toBeLessThan(5_000);
    expect(b).toMatchObject({ id: 'b', state: 'stopped', inFlight: 0 });
    // The reaper forgets who is gone for good.
    await queue.reap();
    expect(await inspector.listConsumers()).toHaveLength(1);
  });
});

describe('dead letters', () => {
  it('are kept as received, with why, how often and when', async () => {
    const setUp = setUpQueue(redis);
    const { queue, inspector } = setUp;
    const before = await queue.now();
    await moveToDeadLetters(setUp, ['bad-request']);
    const [letter] = (await inspector.listDeadLetters()).deadLetters;
    expect(letter).toMatchObject({
      payloadText: push(0),
      reason: 'bad-request',
      error: 'E0',
      attempts: 1,
      code: 3,
      shopId: '900719925474099300',
      history: [],
    });
    expect(defined(letter?.deadLetteredAt)).toBeGreaterThanOrEqual(before);
    expect(letter?.firstFailedAt).toBe(letter?.deadLetteredAt);
    expect(await inspector.deadLetter(defined(letter).id)).toEqual(letter);
    expect(await inspector.deadLetter('unknown')).toBeUndefined();
  });

  it('are found by reason, code, shop and time, and paged', async () => {
    const setUp = setUpQueue(redis);
    const { inspector } = setUp;
    await moveToDeadLetters(setUp, ['x', 'y', 'x', 'x']);
    const total = async (filter: object) => (await inspector.listDeadLetters({ filter })).total;
    expect(await total({ reason: 'x' })).toBe(3);
    expect(await total({ reason: 'x', code: 3 })).toBe(3);
    expect(await total({ code: 4 })).toBe(0);
    expect(await total({ shopId: '900719925474099302' })).toBe(1);
    expect(await total({ from: 0, to: 1 })).toBe(0);
    expect(await total({ from: 1 })).toBe(4);
    const page = await inspector.listDeadLetters({ filter: { reason: 'x' }, offset: 1, count: 1 });
    expect(page).toMatchObject({ total: 3, deadLetters: [{ payloadText: push(2) }] });
    expect((await inspector.listDeadLetters({ offset: 3, count: 9 })).deadLetters).toMatchObject([
      { payloadText: push(0) },
    ]);
  });

  it('are grouped by reason', async () => {
    const setUp = setUpQueue(redis);
    await moveToDeadLetters(setUp, ['x', 'y', 'x']);
    expect(await setUp.inspector.listDeadLetterGroups()).toMatchObject([
      { reason: 'x', count: 2, error: 'E2', codes: [3] },
      { reason: 'y', count: 1, error: 'E1', codes: [3] },
    ]);
  });

  it('come back as new and remember every earlier death', async () => {
    const setUp = setUpQueue(redis);
    const { queue, inspector, activity } = setUp;
    await moveToDeadLetters(setUp, ['first']);
    const id = defined((await inspector.listDeadLetters()).deadLetters[0]).id;
    expect(await inspector.replayDeadLetters({ ids: [id] })).toEqual({ replayed: 1, rejected: 0, missing: 0 });
    await queue.settle('c', (await queue.take('c', shortTake)).map(deadLetter('second', 'again')));
    const [letter] = (await inspector.listDeadLetters()).deadLetters;
    expect(letter).toMatchObject({ id, reason: 'second', error: 'again', attempts: 1 });
    expect(letter?.history).toMatchObject([{ reason: 'first', error: 'E0', attempts: 1 }]);
    expect(defined(letter?.history[0]?.replayed_at)).toBeGreaterThanOrEqual(defined(letter?.history[0]?.dead_at));
    expect(await inspector.replayDeadLetters({ filter: { reason: 'second' } })).toMatchObject({ replayed: 1 });
    const [delivery] = await queue.take('c', shortTake);
    expect(delivery).toMatchObject({ id, attempt: 1, payloadText: push(0) });
    expect(delivery?.metadata).toEqual({
      enqueued_at: expect.any(Number),
      retry_count: 0,
      max_retries: 3,
      history: [expect.objectContaining({ reason: 'first' }), expect.objectContaining({ reason: 'second' })],
    });
    const steps = await activity.read({ after: '0' });
    expect(steps).toMatchObject([
      { id, step: 'replayed', code: 3, shop: '900719925474099300', reason: 'first' },
      { id, step: 'replayed', reason: 'second' },
    ]);
  });

  it('are replayed once, however many people do it at the same time', async () => {
    const setUp = setUpQueue(redis);
    const { queue, inspector } = setUp;
    await moveToDeadLetters(
      setUp,
      Array.from({ length: 120 }, () => 'x'),
    );
    const all = await Promise.all(
      Array.from({ length: 3 }, () => inspector.replayDeadLetters({ filter: { reason: 'x' } })),
    );
    expect(all.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(120);
    expect(await queue.depth()).toBe(120);
    expect((await inspector.queueStats()).totals.replayed).toBe(120);
  });

  it('are chosen by filter also where they are many and others lie between them', async () => {
    const setUp = setUpQueue(redis);
    const { inspector, queue } = setUp;
    await moveToDeadLetters(
      setUp,
      Array.from({ length: 350 }, (_, n) => (n % 3 === 0 ? 'x' : 'y')),
    );
    expect(await inspector.discardDeadLetters({ filter: { reason: 'x' } })).toEqual({ discarded: 117, missing: 0 });
    expect(await inspector.listDeadLetterGroups()).toMatchObject([{ reason: 'y', count: 233 }]);
    expect(await inspector.replayDeadLetters({ filter: {} })).toMatchObject({ replayed: 233 });
    expect(await queue.depth()).toBe(233);
    // The oldest first, as they came.
    expect(await queue.take('c', { max: 2, blockMs: 20 })).toMatchObject([
      { payloadText: push(1) },
      { payloadText: push(2) },
    ]);
  });

  it('that are gone count as missing', async () => {
    const setUp = setUpQueue(redis);
    await moveToDeadLetters(setUp, ['x']);
    const [letter] = (await setUp.inspector.listDeadLetters()).deadLetters;
    const ids = [defined(letter).id, 'gone'];
    expect(await setUp.inspector.discardDeadLetters({ ids })).toEqual({ discarded: 1, missing: 1 });
    expect(await setUp.inspector.replayDeadLetters({ ids })).toEqual({ replayed: 0, rejected: 0, missing: 2 });
  });

  it('that never were a message are not replayed until they can be read', async () => {
    const { queue, inspector, keys } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.main, 'garbage');
    await queue.take('c', shortTake);
    expect(await inspector.replayDeadLetters({ filter: {} })).toEqual({ replayed: 0, rejected: 1, missing: 0 });
    const record = JSON.stringify({ id: 'g', malformed: push(1), metadata: { reason: 'malformed' } });
    await redis.lpush(keys.webhooks.deadLetter, record);
    expect(await inspector.replayDeadLetters({ ids: ['g'] })).toEqual({ replayed: 1, rejected: 0, missing: 0 });
    expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
    expect((await inspector.listDeadLetters()).total).toBe(1);
  });

  it('of another program are shown and can be discarded, whatever they are', async () => {
    const { inspector, keys } = setUpQueue(redis);
    const foreign = `{"id":"py-1","payload":${push(1)},"metadata":{"retry_count":3},"error":"boom"}`;
    await redis.rpush(keys.webhooks.deadLetter, foreign, 'not json', '[]');
    const { deadLetters } = await inspector.listDeadLetters();
    expect(deadLetters).toMatchObject([
      { id: 'py-1', reason: 'unknown', attempts: 3, payloadText: push(1) },
      { malformed: { text: 'not json' } },
      { malformed: { text: '[]' } },
    ]);
    expect(await inspector.deadLetter(defined(deadLetters[1]).id)).toMatchObject({ malformed: { text: 'not json' } });
    expect(await inspector.discardDeadLetters({ ids: deadLetters.map(({ id }) => id) })).toEqual({
      discarded: 3,
      missing: 0,
    });
  });
});
