import { afterAll, describe, expect, inject, it } from 'vitest';
import { connectRedis } from '../src/index.ts';
import { ack, deadLetter, push, retryNow, setUpQueue, shortTake, defined } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

describe('enqueue', () => {
  it('stores the payload letter by letter and stamps it with the time of Redis', async () => {
    const { queue, keys } = setUpQueue(redis);
    const before = await queue.now();
    const { id } = await queue.enqueue(push(1), { source: 'push' });
    const after = await queue.now();
    const raw = defined((await redis.lrange(keys.webhooks.main, 0, -1))[0]);
    const at = Number(/"enqueued_at":(\d+)/.exec(raw)?.[1]);
    expect(raw).toBe(
      `{"id":"${id}","payload":${push(1)},"metadata":{"enqueued_at":${at},"retry_count":0,"max_retries":3,"source":"push"}}`,
    );
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
  });

  it('keeps the time at which a spooled push was accepted', async () => {
    const { queue } = setUpQueue(redis);
    await queue.enqueue(push(1), { enqueuedAt: 1_788_220_800_000 });
    expect(await queue.take('c', shortTake)).toMatchObject([{ metadata: { enqueued_at: 1_788_220_800_000 } }]);
  });

  it('does not queue a digest twice, and names the message that was accepted', async () => {
    const { queue, inspector, activity, keys } = setUpQueue(redis);
    const first = await queue.enqueue(push(1), { digest: 'd', activity: { code: 3, shop: '1' } });
    const again = await queue.enqueue(push(1), { digest: 'd', activity: { code: 3, shop: '1' } });
    expect(again).toEqual({ kind: 'duplicate', id: first.id });
    expect(await inspector.queueStats()).toMatchObject({
      queue: { depth: 1 },
      totals: { received: 2, enqueued: 1, duplicates: 1 },
    });
    expect(await activity.read({ after: '0' })).toMatchObject([
      { id: first.id, step: 'queued', code: 3, shop: '1' },
      { id: first.id, step: 'duplicate' },
    ]);
    const ttl = await redis.ttl(keys.webhooks.seen('d'));
    expect(ttl).toBeGreaterThan(6 * 3600 - 10);
    expect(ttl).toBeLessThanOrEqual(6 * 3600);
  });

  it('does not queue what was accepted without Redis, and keeps what it knows', async () => {
    const { queue, keys } = setUpQueue(redis);
    const known = await queue.enqueue(push(1), { digest: 'known' });
    const until = Date.now() + 60_000;
    await queue.markSeen([
      { digest: 'known', id: 'spooled1', until },
      { digest: 'new', id: 'spooled2', until },
      { digest: 'old', id: 'spooled3', until: Date.now() - 1 },
    ]);
    expect(await queue.enqueue(push(1), { digest: 'known' })).toEqual({ kind: 'duplicate', id: known.id });
    expect(await queue.enqueue(push(2), { digest: 'new' })).toEqual({ kind: 'duplicate', id: 'spooled2' });
    expect(await queue.enqueue(push(3), { digest: 'old' })).toMatchObject({ kind: 'enqueued' });
    const ttl = await redis.pttl(keys.webhooks.seen('new'));
    expect(ttl).toBeGreaterThan(30_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });

  it('accepts one of many that come at once', async () => {
    const { queue } = setUpQueue(redis);
    const results = await Promise.all(Array.from({ length: 20 }, () => queue.enqueue(push(1), { digest: 'd' })));
    expect(results.filter(({ kind }) => kind === 'enqueued')).toHaveLength(1);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(await queue.depth()).toBe(1);
  });

  it('enqueues many in one step and in their order, repeats among them once', async () => {
    const { queue, inspector, activity } = setUpQueue(redis);
    const request = (n: number, digest?: string) => ({
      payloadText: push(n),
      id: `m${n}`,
      digest,
      enqueuedAt: 1_788_220_800_000 + n,
      activity: { code: 3, ...(n === 2 ? {} : { shop: String(n) }) },
    });
    const { payloadText } = request(3);
    const results = await queue.enqueueAll([
      request(1, 'a'),
      request(2),
      request(3, 'a'),
      { payloadText, digest: 'b' },
    ]);
    expect(results.slice(0, 3)).toEqual([
      { kind: 'enqueued', id: 'm1' },
      { kind: 'enqueued', id: 'm2' },
      { kind: 'duplicate', id: 'm1' },
    ]);
    expect(await queue.take('c', shortTake)).toMatchObject([
      { id: 'm1', payloadText: push(1), metadata: { enqueued_at: 1_788_220_800_001 } },
      { id: 'm2', payloadText: push(2), metadata: { enqueued_at: 1_788_220_800_002 } },
      { id: results[3]?.id, payloadText: push(3), metadata: { enqueued_at: expect.closeTo(await queue.now(), -5) } },
    ]);
    expect(await inspector.queueStats()).toMatchObject({ totals: { received: 4, enqueued: 3, duplicates: 1 } });
    expect(await activity.read({ after: '0', count: 3 })).toMatchObject([
      { id: 'm1', step: 'queued', shop: '1' },
      { id: 'm2', step: 'queued', code: 3 },
      { id: 'm1', step: 'duplicate', shop: '3' },
    ]);
  });

  it('enqueues none of a batch that cannot be queued, and does not mark them as seen', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.set(keys.webhooks.main, 'not a list');
    const requests = ['a', 'b'].map((digest, n) => ({ payloadText: push(n), digest }));
    await expect(queue.enqueueAll(requests)).rejects.toThrow('WRONGTYPE');
    await redis.del(keys.webhooks.main);
    expect((await queue.enqueueAll(requests)).map(({ kind }) => kind)).toEqual(['enqueued', 'enqueued']);
  });

  it('accepts a push twice rather than losing it when someone broke the key of duplicates', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.seen('b'), 'not a string');
    const requests = ['a', 'b', 'c'].map((digest, n) => ({ payloadText: push(n), digest }));
    expect((await queue.enqueueAll(requests)).map(({ kind }) => kind)).toEqual(['enqueued', 'enqueued', 'enqueued']);
    expect(await queue.depth()).toBe(3);
  });
});

describe('take', () => {
  it('hands out the oldest first, up to the batch size', async () => {
    const { queue } = setUpQueue(redis);
    for (let n = 1; n <= 5; n++) await queue.enqueue(push(n));
    const first = await queue.take('a', { max: 3, blockMs: 20 });
    const second = await queue.take('b', { max: 3, blockMs: 20 });
    expect(first.map(({ payloadText }) => payloadText)).toEqual([push(1), push(2), push(3)]);
    expect(second.map(({ payloadText }) => payloadText)).toEqual([push(4), push(5)]);
    expect(await queue.take('a', shortTake)).toEqual([]);
  });

  it('waits for the first message', async () => {
    const { queue } = setUpQueue(redis);
    const taken = queue.take('a', { max: 5, blockMs: 10_000 });
    await queue.enqueue(push(1));
    expect(await taken).toMatchObject([{ payloadText: push(1), attempt: 1, consumer: 'a' }]);
  });

  it.each([0, 1, 5, 50])(
    'ends at once when aborted after %d ms, and Redis hands that consumer nothing more',
    async (ms) => {
      const { queue, keys } = setUpQueue(redis);
      const stop = new AbortController();
      const taken = queue.take('a', { max: 5, blockMs: 60_000, signal: stop.signal });
      setTimeout(() => stop.abort(), ms);
      expect(await taken).toEqual([]);
      await queue.enqueue(push(1));
      expect(await queue.take('a', { ...shortTake, signal: stop.signal })).toEqual([]);
      expect(await queue.depth()).toBe(1);
      expect(await redis.exists(keys.webhooks.processing('a'))).toBe(0);
    },
  );

  it('accepts a bare push and another program’s message, and moves garbage to the dead letters', async () => {
    const { queue, inspector, keys } = setUpQueue(redis);
    const foreign = `{ "payload": ${push(2)}, "metadata": {"retry_count": 1, "x": 12345678901234567890}, "id": "py-1" }`;
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    await redis.lpush(keys.webhooks.main, push(1), 'garbage', foreign, bytes, '{"id":"a","payload":5}');
    const deliveries = await queue.take('a', shortTake);
    expect(deliveries).toMatchObject([
      { payloadText: push(1), attempt: 1 },
      { payloadText: push(2), attempt: 2, id: 'py-1' },
    ]);
    const { deadLetters, total } = await inspector.listDeadLetters();
    expect(total).toBe(3);
    expect(deadLetters.map(({ malformed }) => malformed)).toEqual([
      { text: '{"id":"a","payload":5}' },
      { base64: bytes.toString('base64') },
      { text: 'garbage' },
    ]);
    expect(deadLetters.every(({ reason }) => reason === 'malformed')).toBe(true);
    expect(await redis.llen(keys.webhooks.processing('a'))).toBe(2);
    expect(await queue.settle('a', deliveries.map(retryNow))).toEqual([true, true]);
    await queue.promoteDue();
    const again = (await queue.take('a', shortTake)).toSorted((one, other) => one.attempt - other.attempt);
    expect(again).toMatchObject([
      { payloadText: push(1), attempt: 2, id: defined(deliveries[0]).id },
      { payloadText: push(2), attempt: 3, id: 'py-1' },
    ]);
    expect(defined(again[1]).raw).toContain('"x":12345678901234567890');
  });

  it('carries a message of 1 MB through retry, death and replay', async () => {
    const { queue, inspector } = setUpQueue(redis);
    const large = `{"code":10,"shop_id":1,"data":{"content":"${'x'.repeat(2 ** 20)}"}}`;
    await queue.enqueue(large);
    await queue.settle('a', (await queue.take('a', shortTake)).map(retryNow));
    await queue.promoteDue();
    await queue.settle('a', (await queue.take('a', shortTake)).map(deadLetter('too-large')));
    expect(await inspector.replayDeadLetters({ filter: { reason: 'too-large', code: 10 } })).toMatchObject({
      replayed: 1,
    });
    expect(await queue.take('a', shortTake)).toMatchObject([{ payloadText: large, attempt: 1 }]);
  });
});

describe('settle', () => {
  it('acks, retries and gives up in one step, with counters, outbox and activity', async () => {
    const { queue, outbox, inspector, activity, keys } = setUpQueue(redis);
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n), { activity: { code: 3 } });
    const [a, b, c] = (await queue.take('c', shortTake)).map(defined);
    const settled = await queue.settle('c', [
      {
        ...ack(defined(a)),
        notification: '{"kind":"x"}',
        activity: [{ id: defined(a).id, step: 'handled', ms: 5, row: 7 }],
      },
      retryNow(defined(b)),
      deadLetter('bad-request', 'no such order')(defined(c)),
    ]);
    expect(settled).toEqual([true, true, true]);
    expect(await redis.exists(keys.webhooks.processing('c'))).toBe(0);
    expect(await outbox.take('n', shortTake)).toMatchObject([{ payloadText: '{"kind":"x"}', attempt: 1 }]);
    expect(await inspector.queueStats()).toMatchObject({
      queue: { depth: 0, retrying: 1, processing: 0, deadLetter: 1 },
      totals: { processed: 1, retried: 1, deadLettered: 1, failed: 2 },
    });
    expect((await activity.read({ after: '0' })).at(-1)).toMatchObject({ step: 'handled', ms: 5, row: 7 });
  });

  it('makes a retry wait for its delay, and counts it only when requested', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const delivery = defined((await queue.take('c', shortTake))[0]);
    const before = await queue.now();
    const later = { kind: 'retry', delayMs: 60_000, reason: 'google', error: '429', countsAsFailure: false } as const;
    await queue.settle('c', [{ delivery, outcome: later }]);
    const [raw, due] = await redis.zrange(keys.webhooks.retry, '0', '-1', 'WITHSCORES');
    expect(Number(due) - before).toBeGreaterThanOrEqual(60_000);
    expect(Number(due) - before).toBeLessThan(62_000);
    expect(await queue.promoteDue()).toBe(0);
    await redis.zadd(keys.webhooks.retry, 0, defined(raw));
    expect(await queue.promoteDue()).toBe(1);
    expect(await queue.take('c', shortTake)).toMatchObject([
      { attempt: 1, metadata: { retry_count: 0, reason: 'google', last_error: '429' } },
    ]);
  });

  it('requeues and settles more than fit in one step, in order', async () => {
    const { queue, inspector } = setUpQueue(redis);
    const texts = Array.from({ length: 130 }, (_, n) => push(n));
    for (const text of texts) await queue.enqueue(text);
    const many = { ...shortTake, max: 130 };
    expect(await queue.requeue('c', await queue.take('c', many))).toBe(130);
    const deliveries = await queue.take('d', many);
    expect(deliveries.map(({ payloadText }) => payloadText)).toEqual(texts);
    expect(await queue.settle('d', deliveries.map(ack))).toEqual(texts.map(() => true));
    expect(await queue.settle('d', deliveries.map(ack))).toEqual(texts.map(() => false));
    expect(await inspector.queueStats()).toMatchObject({
      queue: { depth: 0, processing: 0 },
      totals: { processed: 130 },
    });
  });

  it('settles a delivery once', async () => {
    const { queue, inspector, outbox } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const settlement = { ...ack(defined((await queue.take('c', shortTake))[0])), notification: '{"kind":"x"}' };
    expect(await queue.settle('c', [settlement])).toEqual([true]);
    expect(await queue.settle('c', [settlement])).toEqual([false]);
    expect((await inspector.queueStats()).totals.processed).toBe(1);
    expect(await outbox.depth()).toBe(1);
  });

  it('is not harmed by counters or an activity stream that somebody broke', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.set(keys.activity, 'not a stream');
    await redis.hset(keys.webhooks.stats, 'total_processed', 'not a number');
    await queue.enqueue(push(1), { activity: { code: 3 } });
    const deliveries = await queue.take('c', shortTake);
    expect(await queue.settle('c', deliveries.map(ack))).toEqual([true]);
  });

  it('leaves a message where it is when it cannot go where it should', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const deliveries = await queue.take('c', shortTake);
    await redis.set(keys.webhooks.deadLetter, 'not a list');
    await expect(queue.settle('c', deliveries.map(deadLetter('r')))).rejects.toThrow('WRONGTYPE');
    await redis.del(keys.webhooks.deadLetter);
    // What was not settled comes again.
    expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1), attempt: 1 }]);
  });
});

/** A retry that is due in an hour, and our clock. */
async function setUpRetry() {
  const clock = { ms: 0 };
  const setUp = setUpQueue(redis, { clock: () => clock.ms });
  await setUp.queue.enqueue(push(1));
  const wait = { kind: 'retry', delayMs: 3_600_000, reason: 'x', error: '', countsAsFailure: false } as const;
  const delivery = defined((await setUp.queue.take('c', shortTake))[0]);
  await setUp.queue.settle('c', [{ delivery, outcome: wait }]);
  return { ...setUp, clock };
}

describe('promote', () => {
  it('keeps a retry waiting as long as it should when the clock of Redis is set back, and when it is set forward', async () => {
    // Ours against that of Redis: as much later as Redis was set back.
    const { clock, queue } = await setUpRetry();
    expect(await queue.promoteDue()).toBe(0);
    clock.ms += 3_000_000;
    expect([await queue.promoteDue(), await queue.promoteDue()]).toEqual([0, 0]);
    clock.ms += 600_000;
    expect([await queue.promoteDue(), await queue.promoteDue()]).toEqual([0, 1]);
    const other = await setUpRetry();
    expect(await other.queue.promoteDue()).toBe(0);
    // An hour forward: due an hour later by that clock.
    other.clock.ms -= 3_600_000;
    await other.queue.promoteDue();
    expect(Number(await redis.get(other.keys.webhooks.clockOffset))).toBeLessThan(-3_590_000);
    expect(await other.inspector.listRetrying()).toHaveLength(1);
  });

  it('corrects the clock once, however many processes see it step, and not when it was only adjusted', async () => {
    // Ours against that of Redis: as much later as Redis was set back.
    const { clock, queue, another, keys } = await setUpRetry();
    const other = another();
    await Promise.all([queue.promoteDue(), other.promoteDue()]);
    clock.ms += 4_000;
    await Promise.all([queue.promoteDue(), other.promoteDue()]);
    expect(await redis.get(keys.webhooks.clockOffset)).toBeNull();
    clock.ms += 3_600_000;
    await Promise.all([queue.promoteDue(), other.promoteDue()]);
    await Promise.all([queue.promoteDue(), other.promoteDue()]);
    const offset = Number(await redis.get(keys.webhooks.clockOffset));
    expect(Math.abs(offset - 3_600_000)).toBeLessThan(5_000);
    expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
  });
});

describe('hasten', () => {
  it('makes those retries due that waited for the upstream that is back', async () => {
    const { queue } = setUpQueue(redis);
    for (let n = 1; n <= 2; n++) await queue.enqueue(push(n));
    const deliveries = await queue.take('c', shortTake);
    const wait = (upstream: string) =>
      ({ kind: 'retry', delayMs: 60_000, reason: `away ${upstream}`, error: '', countsAsFailure: false }) as const;
    await queue.settle('c', [
      { delivery: defined(deliveries[0]), outcome: wait('google') },
      { delivery: defined(deliveries[1]), outcome: wait('shopee') },
    ]);
    expect(await queue.retryNow('google')).toBe(1);
    expect(await queue.promoteDue()).toBe(1);
    expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
  });
});

describe('bury', () => {
  it('adds what died elsewhere to the dead letters once', async () => {
    const { queue, inspector } = setUpQueue(redis);
    const message = {
      id: 'spooled',
      payloadText: push(1),
      maxRetries: 3,
      acceptedAt: 1,
      firstFailedAt: 2,
      deadLetteredAt: 3,
      attempts: 3,
      reason: 'r',
      error: 'e',
      history: [{ reason: 'earlier', dead_at: 1 }],
    };
    await queue.deadLetter(message);
    await queue.deadLetter(message);
    const { deadLetters } = await inspector.listDeadLetters();
    const { id, maxRetries: _, acceptedAt: __, ...rest } = message;
    expect(deadLetters).toMatchObject([{ id, ...rest }]);
    // Whoever brings it has counted it.
    expect((await inspector.queueStats()).totals.deadLettered).toBe(0);
  });
});

it('what a consumer may hold lies in Redis uncompressed, for each settling looks for it', async () => {
  const { queue, keys } = setUpQueue(redis);
  // As many as the Telegram notifier holds, each about as large as its own.
  const payloadText = JSON.stringify({ pushText: 'x'.repeat(600) });
  for (let round = 0; round < 5; round += 1)
    await queue.enqueueAll(Array.from({ length: 1_000 }, () => ({ payloadText })));
  while ((await queue.take('c', { max: 500, blockMs: 10 })).length > 0);
  const list = keys.webhooks.processing('c');
  expect(await redis.llen(list)).toBe(5_000);
  expect(await redis.memory('USAGE', list, 'SAMPLES', 0)).toBeGreaterThan(5_000 * payloadText.length);
});
