import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { connectRedis, createReaper, type Delivery, type Queue } from '../src/index.ts';
import { ack, push, setUpQueue, shortTake, defined, silent } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const payloads = (deliveries: Delivery[]) => deliveries.map(({ payloadText }) => payloadText);

describe('the reaper', () => {
  it('makes suspects of the messages of a dead consumer, in order, which come beside the others', async () => {
    const { queue, kill, inspector } = setUpQueue(redis);
    for (let n = 1; n <= 4; n++) await queue.enqueue(push(n));
    await queue.take('dead', { max: 3, blockMs: 20 });
    await kill('dead');
    expect(await queue.reap()).toEqual({ requeued: 3, deadLettered: 0 });
    expect((await inspector.queueStats()).queue).toMatchObject({ depth: 4, processing: 0 });
    expect(payloads(await queue.take('b', shortTake))).toEqual([push(4)]);
    for (let n = 1; n <= 3; n++) {
      const taken = await queue.takeSuspects('s', shortTake);
      expect(taken).toMatchObject([
        { payloadText: push(n), attempt: 1, metadata: { delivery_count: 1, group_size: 3 } },
      ]);
      expect((await inspector.queueStats()).queue).toMatchObject({ depth: 3 - n, processing: 2 });
      await queue.settle('s', taken.map(ack));
    }
  });

  it('leaves a consumer alone whose heart beats', async () => {
    const { queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.take('alive', shortTake);
    expect(await queue.reap()).toEqual({ requeued: 0, deadLettered: 0 });
  });

  it('gives each message back once, however many do it at the same time', async () => {
    const { queue, another, kill } = setUpQueue(redis);
    for (let n = 0; n < 50; n++) await queue.enqueue(push(n));
    await queue.take('dead', shortTake);
    await kill('dead');
    const reaped = await Promise.all([queue, another(), another()].map((one) => one.reap()));
    expect(reaped.reduce((sum, { requeued }) => sum + requeued, 0)).toBe(50);
    expect(await redis.llen(queue.keys.suspects)).toBe(50);
  });

  it('requeues what a consumer took before the clock was set back an hour', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.take('dead', shortTake);
    await redis.zadd(keys.webhooks.consumers, (await queue.now()) + 3_600_000, 'dead');
    expect(await queue.reap()).toMatchObject({ requeued: 1 });
  });

  it('finds a processing list whose consumer Redis has forgotten', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.processing('nobody'), push(1));
    const reaper = createReaper(queue, silent);
    await reaper.runOnce();
    expect(payloads(await queue.takeSuspects('b', shortTake))).toEqual([push(1)]);
    expect(await redis.zscore(keys.webhooks.consumers, 'nobody')).toBeNull();
  });

  it('lets the living speak first after a time without Redis', async () => {
    const { queue, kill } = setUpQueue(redis, { leaseMs: 10_000 });
    let now = 0;
    const reaper = createReaper(queue, { ...silent, clock: () => now });
    await reaper.runOnce();
    await queue.enqueue(push(1));
    await queue.take('a', shortTake);
    await kill('a');
    now += 60_000;
    await reaper.runOnce();
    now += 4_900;
    await reaper.runOnce();
    expect(await redis.llen(queue.keys.suspects)).toBe(0);
    now += 200;
    await reaper.runOnce();
    expect(await redis.llen(queue.keys.suspects)).toBe(1);
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
    const frozen = await queue.take('frozen', shortTake);
    await kill('frozen');
    await queue.reap();
    const other = another();
    const taken = await other.takeSuspects('other', shortTake);
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
    const taken = queue.take('frozen', { max: 5, blockMs: 10_000 });
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
  /** Takes and dies in the middle, as a process does that is restarted under the same names. */
  const crash = async (restart: () => Queue) => {
    const queue = restart();
    const taken = [...(await queue.take('c', shortTake)), ...(await queue.takeSuspects('s', shortTake))];
    queue.close();
    return taken;
  };
  /** What a process handles until it has nothing left to do or meets the poison; true when that killed it. */
  const work = async (queue: Queue, handled: Set<string>, poison?: string) => {
    for (;;) {
      const others = await queue.take('c', shortTake);
      const suspects = await queue.takeSuspects('s', shortTake);
      if (payloads([...suspects, ...others]).includes(String(poison))) return true;
      if (suspects.length + others.length === 0) return false;
      await queue.settle('s', suspects.map(ack));
      await queue.settle('c', others.map(ack));
      for (const payload of payloads([...suspects, ...others])) handled.add(payload);
    }
  };

  it.each([
    { messages: 1, crashes: 3 },
    // The third does not show which of a handful it was.
    { messages: 60, crashes: 4 },
    { messages: 600, crashes: 4 },
  ])('is given up at crash $crashes when it was one of $messages, and the others are not', async (expected) => {
    const { queue, another, inspector } = setUpQueue(redis);
    const poison = push(Math.min(25, expected.messages - 1));
    for (let n = 0; n < expected.messages; n++) await queue.enqueue(push(n));
    const handled = new Set<string>();
    let crashes = 0;
    for (let alive = false; !alive;) {
      const restarted = another();
      alive = !(await work(restarted, handled, poison));
      if (!alive) crashes++;
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

  it.each([
    { messages: 3, crashes: 4 },
    { messages: 60, crashes: 9 },
  ])('one of $messages is not blamed for $crashes crashes of another cause', async ({ messages, crashes }) => {
    const { queue, another, inspector } = setUpQueue(redis);
    for (let n = 0; n < messages; n++) await queue.enqueue(push(n));
    for (let at = 0; at < crashes; at++) expect((await crash(another)).length).toBeGreaterThan(0);
    const handled = new Set<string>();
    expect(await work(another(), handled)).toBe(false);
    expect(handled.size).toBe(messages);
    expect(await inspector.listDeadLetters()).toMatchObject({ total: 0 });
  });

  it('comes in ever smaller parts of those that were in flight with it, after the others and beside new ones', async () => {
    const { another, queue } = setUpQueue(redis);
    for (let n = 1; n <= 200; n++) await queue.enqueue(push(n));
    expect(await another().take('c', { max: 200, blockMs: 20 })).toHaveLength(200);
    const sizes: number[] = [];
    for (let crashes = 0; crashes < 3; crashes++) {
      const restarted = another();
      await restarted.take('c', shortTake);
      const take = () => restarted.takeSuspects('s', { max: 200, blockMs: 20 });
      let taken = await take();
      for (; !payloads(taken).includes(push(151)); taken = await take()) await restarted.settle('s', taken.map(ack));
      sizes.push(taken.length);
      expect(await take()).toEqual([]);
      await queue.enqueue(push(1000 + crashes));
      expect(payloads(await restarted.take('d', shortTake))).toEqual([push(1000 + crashes)]);
      restarted.close();
    }
    expect(sizes).toEqual([50, 6, 1]);
  });

  it('passes within a few batches where it kills nothing, however often it was in flight', async () => {
    const { another, keys } = setUpQueue(redis);
    const text = (n: number) => `{"id":"${n}","payload":${push(n)},"metadata":{"delivery_count":9,"group_size":1}}`;
    await redis.lpush(keys.webhooks.suspects, ...Array.from({ length: 1_000 }, (_, n) => text(n)));
    const queue = another();
    const sizes: number[] = [];
    for (let taken: Delivery[] = []; sizes.at(-1) !== 0; await queue.settle('s', taken.map(ack))) {
      taken = await queue.takeSuspects('s', { max: 2_000, blockMs: 1 });
      sizes.push(taken.length);
    }
    expect(sizes).toEqual([1, 1, 1, 1, 1, 8, 64, 512, 411, 0]);
    await redis.lpush(keys.webhooks.suspects, ...[1, 2, 3].map(text));
    expect(await queue.takeSuspects('s', shortTake)).toHaveLength(1);
  });

  it('goes to the suspects when another program queued it', async () => {
    const { queue, keys } = setUpQueue(redis);
    const suspect = `{"id":"a","payload":${push(1)},"metadata":{"delivery_count":2}}`;
    await redis.lpush(keys.webhooks.main, suspect, push(2));
    expect(payloads(await queue.take('c', shortTake))).toEqual([push(2)]);
    expect(payloads(await queue.takeSuspects('s', shortTake))).toEqual([push(1)]);
  });

  it('is forgiven when a delivery came to an end', async () => {
    const { another, queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await crash(another);
    await crash(another);
    const restarted = another();
    const [delivery] = await restarted.takeSuspects('s', shortTake);
    const later = { kind: 'retry', delayMs: 0, reason: 'r', error: 'e', countsAsFailure: false } as const;
    await restarted.settle('s', [{ delivery: defined(delivery), outcome: later }]);
    await restarted.promoteDue();
    const [again] = await restarted.take('c', shortTake);
    expect(defined(again).metadata).not.toHaveProperty('delivery_count');
    expect(defined(again).metadata).not.toHaveProperty('alone_count');
  });
});

describe('what nobody knows of', () => {
  it('comes again when its reply was lost, and nobody is blamed', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.take('c', shortTake);
    await queue.enqueue(push(1));
    // As when Redis moves it and the connection breaks before the reply.
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    expect(await queue.take('c', shortTake)).toEqual([]);
    const taken = await queue.take('c', shortTake);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(defined(taken[0]).metadata.delivery_count).toBeUndefined();
  });

  it('does not disturb messages in flight', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.take('c', shortTake);
    await queue.enqueue(push(2));
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    await queue.take('c', shortTake);
    expect(payloads(await queue.take('c', shortTake))).toEqual([push(2)]);
    expect(await queue.settle('c', held.map(ack))).toEqual([true]);
  });
});

describe('a consumer that stops', () => {
  it('requeues what was not started, without counting a delivery', async () => {
    const { queue } = setUpQueue(redis);
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n));
    const deliveries = await queue.take('a', shortTake);
    await queue.settle('a', [ack(defined(deliveries[0]))]);
    expect(await queue.requeue('a', deliveries.slice(1))).toBe(2);
    const taken = await queue.take('b', shortTake);
    expect(payloads(taken)).toEqual([push(2), push(3)]);
    expect(taken.every(({ metadata }) => metadata.delivery_count === undefined)).toBe(true);
  });

  it('leaves nothing behind when its lease ends', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.take('a', shortTake);
    await queue.releaseConsumer('a');
    expect(await redis.exists(keys.webhooks.processing('a'))).toBe(0);
    const taken = await queue.take('b', shortTake);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(await queue.settle('a', held.map(ack))).toEqual([false]);
  });
});
