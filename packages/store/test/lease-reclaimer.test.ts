import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { connectRedis, createReaper, type Delivery, type Queue } from '../src/index.ts';
import { ack, push, setUpQueue, shortDequeue, defined, silent } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const payloads = (deliveries: Delivery[]) => deliveries.map(({ payloadText }) => payloadText);

describe('the reaper', () => {
  it('requeues the messages of a dead consumer at the front of the queue, in order', async () => {
    const { queue, kill, inspector } = setUpQueue(redis);
    for (let n = 1; n <= 4; n++) await queue.enqueue(push(n));
    await queue.dequeue('dead', { max: 3, blockMs: 20 });
    await kill('dead');
    expect(await queue.reap()).toEqual({ requeued: 3, deadLettered: 0 });
    const taken = await queue.dequeue('b', shortDequeue);
    expect(payloads(taken)).toEqual([push(1), push(2), push(3), push(4)]);
    expect(taken.map(({ metadata }) => metadata.delivery_count)).toEqual([1, 1, 1, undefined]);
    expect(taken.every(({ attempt }) => attempt === 1)).toBe(true);
    expect((await inspector.queueStats()).queue.processing).toBe(4);
  });

  it('leaves a consumer alone whose heart beats', async () => {
    const { queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.dequeue('alive', shortDequeue);
    expect(await queue.reap()).toEqual({ requeued: 0, deadLettered: 0 });
  });

  it('gives each message back once, however many do it at the same time', async () => {
    const { queue, another, kill } = setUpQueue(redis);
    for (let n = 0; n < 50; n++) await queue.enqueue(push(n));
    await queue.dequeue('dead', shortDequeue);
    await kill('dead');
    const reaped = await Promise.all([queue, another(), another()].map((one) => one.reap()));
    expect(reaped.reduce((sum, { requeued }) => sum + requeued, 0)).toBe(50);
    expect(await queue.depth()).toBe(50);
  });

  it('requeues what a consumer took before the clock was set back an hour', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.dequeue('dead', shortDequeue);
    await redis.zadd(keys.webhooks.consumers, (await queue.now()) + 3_600_000, 'dead');
    expect(await queue.reap()).toMatchObject({ requeued: 1 });
  });

  it('finds a processing list whose consumer Redis has forgotten', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.processing('nobody'), push(1));
    const reaper = createReaper(queue, silent);
    await reaper.runOnce();
    expect(payloads(await queue.dequeue('b', shortDequeue))).toEqual([push(1)]);
    expect(await redis.zscore(keys.webhooks.consumers, 'nobody')).toBeNull();
  });

  it('lets the living speak first after a time without Redis', async () => {
    const { queue, kill } = setUpQueue(redis, { leaseMs: 10_000 });
    let now = 0;
    const reaper = createReaper(queue, { ...silent, clock: () => now });
    await reaper.runOnce();
    await queue.enqueue(push(1));
    await queue.dequeue('a', shortDequeue);
    await kill('a');
    now += 60_000;
    await reaper.runOnce();
    now += 4_900;
    await reaper.runOnce();
    expect(await queue.depth()).toBe(0);
    now += 200;
    await reaper.runOnce();
    expect(await queue.depth()).toBe(1);
  });

  it('moves malformed data that it finds to the dead letters', async () => {
    const { queue, keys, kill, inspector } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.processing('dead'), Buffer.from([0xff]));
    await kill('dead');
    expect(await queue.reap()).toEqual({ requeued: 0, deadLettered: 1 });
    expect(await inspector.listDeadLetters()).toMatchObject({
      total: 1,
      deadLetters: [{ malformed: { base64: '/w==' } }],
    });
  });
});

describe('a consumer that was frozen', () => {
  it('cannot settle what another has taken over', async () => {
    const { queue, another, kill, inspector } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const frozen = await queue.dequeue('frozen', shortDequeue);
    await kill('frozen');
    await queue.reap();
    const other = another();
    const taken = await other.dequeue('other', shortDequeue);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(await queue.settle('frozen', frozen.map(ack))).toEqual([false]);
    expect(await other.settle('other', taken.map(ack))).toEqual([true]);
    expect((await inspector.queueStats()).totals.processed).toBe(1);
  });

  it('is not handed what was moved to it and given to another while it slept', async () => {
    // Other tests' consumers wait in the same Redis.
    const name = `t${randomUUID()}`;
    const own = connectRedis({ host: '127.0.0.1', port: inject('redisPort') }, { name });
    onTestFinished(() => own.disconnect());
    const { queue, keys } = setUpQueue(own);
    const taken = queue.dequeue('frozen', { max: 5, blockMs: 10_000 });
    const isWaiting = (line: string) => line.includes(name) && line.includes('cmd=blmove');
    await expect
      .poll(async () =>
        String(await redis.client('LIST'))
          .split('\n')
          .some(isWaiting),
      )
      .toBe(true);
    const { main, processing } = keys.webhooks;
    // Redis does both before it listens to the consumer again.
    await redis
      .pipeline()
      .lpush(main, push(1))
      .lmove(processing('frozen'), processing('other'), 'RIGHT', 'LEFT')
      .exec();
    expect(await taken).toEqual([]);
    expect(await redis.llen(processing('other'))).toBe(1);
  });
});

describe('a message that kills its consumer', () => {
  /** Takes and dies in the middle, as a process does that is restarted under the same name. */
  const crash = async (restart: () => Queue, consumers: string[]) => {
    const queue = restart();
    const taken = await Promise.all(consumers.map((consumer) => queue.dequeue(consumer, shortDequeue)));
    queue.close();
    return taken.flat();
  };

  it.each([
    { messages: 1, crashes: 3 },
    // The third does not show which of a handful it was.
    { messages: 60, crashes: 4 },
  ])('is given up at crash $crashes when it was one of $messages, and the others are not', async (expected) => {
    const { queue, another, inspector } = setUpQueue(redis);
    const poison = push(Math.min(25, expected.messages - 1));
    for (let n = 0; n < expected.messages; n++) await queue.enqueue(push(n));
    const handled = new Set<string>();
    let crashes = 0;
    while ((await inspector.listDeadLetters()).total === 0) {
      const restarted = another();
      for (let alive = true; alive;) {
        const batch = await restarted.dequeue('c', shortDequeue);
        alive = batch.length > 0 && !payloads(batch).includes(poison);
        if (alive) await restarted.settle('c', batch.map(ack));
        if (alive) for (const payload of payloads(batch)) handled.add(payload);
        if (batch.length > 0 && !alive) crashes++;
        await restarted.promoteDue();
      }
      restarted.close();
      expect(crashes).toBeLessThan(6);
    }
    expect(crashes).toBe(expected.crashes);
    expect(handled.size).toBe(expected.messages - 1);
    const { deadLetters, total } = await inspector.listDeadLetters();
    expect(total).toBe(1);
    expect(deadLetters).toMatchObject([{ reason: 'crash-loop', payloadText: poison, attempts: 1 }]);
    expect(await queue.depth()).toBe(0);
  });

  it('a message is not blamed for unrelated crashes, however many others were in flight with it', async () => {
    const { queue, another, inspector } = setUpQueue(redis);
    for (let n = 0; n < 60; n++) await queue.enqueue(push(n));
    for (let crashes = 0; crashes < 3; crashes++) expect((await crash(another, ['c'])).length).toBeGreaterThan(0);
    const restarted = another();
    const handled = new Set<string>();
    // Suspects that have to wait come again after a second.
    const next = async () => {
      const batch = await restarted.dequeue('c', shortDequeue);
      await restarted.settle('c', batch.map(ack));
      await restarted.promoteDue();
      return payloads(batch).reduce((seen, payload) => seen.add(payload), handled).size;
    };
    await expect.poll(next).toBe(60);
    expect(await inspector.listDeadLetters()).toMatchObject({ total: 0 });
  });

  it('comes in a handful after two crashes and alone after three, to one consumer of all', async () => {
    const { another, queue, keys } = setUpQueue(redis);
    for (let n = 1; n <= 12; n++) await queue.enqueue(push(n));
    expect(await crash(another, ['c'])).toHaveLength(12);
    expect(await crash(another, ['c'])).toHaveLength(12);
    const restarted = another();
    expect(payloads(await restarted.dequeue('c', shortDequeue))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(push));
    await queue.enqueue(push(13));
    // The other suspects wait with the retries; what is not suspected goes on.
    expect(await restarted.dequeue('d', shortDequeue)).toEqual([]);
    expect(await restarted.dequeue('d', shortDequeue)).toEqual([]);
    expect(payloads(await restarted.dequeue('d', shortDequeue))).toEqual([push(13)]);
    expect(await redis.zcard(keys.webhooks.retry)).toBe(2);
    restarted.close();

    const again = another();
    const first = await again.dequeue('c', shortDequeue);
    expect(payloads(first)).toEqual([push(1)]);
    expect(await again.dequeue('e', shortDequeue)).toEqual([]);
    await again.settle('c', first.map(ack));
    expect(payloads(await again.dequeue('e', shortDequeue))).toEqual([push(3)]);
  });

  it('waits until a consumer has emptied its hand', async () => {
    const { another, queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await crash(another, ['c']);
    await crash(another, ['c']);
    const restarted = another();
    const other = another();
    await queue.enqueue(push(2));
    // Another program's, at the very head.
    await redis.rpush(queue.keys.main, push(3));
    const busy = await restarted.dequeue('d', { max: 1, blockMs: 20 });
    expect(payloads(busy)).toEqual([push(3)]);
    await redis.lrange(queue.keys.processing('c'), 0, -1);
    await other.dequeue('c', { max: 0, blockMs: 20 }).then((taken) => other.requeue('c', taken));
    expect(await restarted.dequeue('d', shortDequeue)).toEqual([]);
    await restarted.settle('d', busy.map(ack));
    expect(payloads(await restarted.dequeue('d', shortDequeue))).toEqual([push(1)]);
  });

  it('is forgiven when a delivery came to an end', async () => {
    const { another, queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await crash(another, ['c']);
    await crash(another, ['c']);
    const restarted = another();
    const [delivery] = await restarted.dequeue('c', shortDequeue);
    const later = { kind: 'retry', delayMs: 0, reason: 'r', error: 'e', countsAsFailure: false } as const;
    await restarted.settle('c', [{ delivery: defined(delivery), outcome: later }]);
    await restarted.promoteDue();
    const [again] = await restarted.dequeue('c', shortDequeue);
    expect(again?.metadata.delivery_count).toBeUndefined();
  });
});

describe('what nobody knows of', () => {
  it('comes again when its reply was lost, and nobody is blamed', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.dequeue('c', shortDequeue);
    await queue.enqueue(push(1));
    // As when Redis moves it and the connection breaks before the reply.
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    expect(await queue.dequeue('c', shortDequeue)).toEqual([]);
    const taken = await queue.dequeue('c', shortDequeue);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(defined(taken[0]).metadata.delivery_count).toBeUndefined();
  });

  it('does not disturb messages in flight', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.dequeue('c', shortDequeue);
    await queue.enqueue(push(2));
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    await queue.dequeue('c', shortDequeue);
    expect(payloads(await queue.dequeue('c', shortDequeue))).toEqual([push(2)]);
    expect(await queue.settle('c', held.map(ack))).toEqual([true]);
  });
});

describe('a consumer that stops', () => {
  it('requeues what was not started, without counting a delivery', async () => {
    const { queue } = setUpQueue(redis);
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n));
    const deliveries = await queue.dequeue('a', shortDequeue);
    await queue.settle('a', [ack(defined(deliveries[0]))]);
    expect(await queue.requeue('a', deliveries.slice(1))).toBe(2);
    const taken = await queue.dequeue('b', shortDequeue);
    expect(payloads(taken)).toEqual([push(2), push(3)]);
    expect(taken.every(({ metadata }) => metadata.delivery_count === undefined)).toBe(true);
  });

  it('leaves nothing behind when its lease ends', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.dequeue('a', shortDequeue);
    await queue.releaseConsumer('a');
    expect(await redis.exists(keys.webhooks.processing('a'))).toBe(0);
    const taken = await queue.dequeue('b', shortDequeue);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(await queue.settle('a', held.map(ack))).toEqual([false]);
  });
});
