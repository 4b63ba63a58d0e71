import { afterAll, describe, expect, inject, it } from 'vitest';
import { connectRedis, createReaper, type Delivery, type Queue } from '../src/index.ts';
import { ack, push, setUpQueue, soon, the } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const payloads = (deliveries: Delivery[]) => deliveries.map(({ payloadText }) => payloadText);

describe('the reaper', () => {
  it('gives back what a dead consumer held, at the head of the line and in order', async () => {
    const { queue, kill, inspector } = setUpQueue(redis);
    for (let n = 1; n <= 4; n++) await queue.enqueue(push(n));
    await queue.take('dead', { max: 3, blockMs: 20 });
    await kill('dead');
    expect(await queue.reap()).toEqual({ returned: 3, deadLettered: 0 });
    const taken = await queue.take('b', soon);
    expect(payloads(taken)).toEqual([push(1), push(2), push(3), push(4)]);
    expect(taken.map(({ metadata }) => metadata.deliveries)).toEqual([1, 1, 1, undefined]);
    expect(taken.every(({ attempt }) => attempt === 1)).toBe(true);
    expect((await inspector.queueStats()).queue.processing).toBe(4);
  });

  it('leaves a consumer alone whose heart beats', async () => {
    const { queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.take('alive', soon);
    expect(await queue.reap()).toEqual({ returned: 0, deadLettered: 0 });
  });

  it('gives each message back once, however many do it at the same time', async () => {
    const { queue, another, kill } = setUpQueue(redis);
    for (let n = 0; n < 50; n++) await queue.enqueue(push(n));
    await queue.take('dead', soon);
    await kill('dead');
    const reaped = await Promise.all([queue, another(), another()].map((one) => one.reap()));
    expect(reaped.reduce((sum, { returned }) => sum + returned, 0)).toBe(50);
    expect(await queue.depth()).toBe(50);
  });

  it('gives back what a consumer took before the clock was set back an hour', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await queue.take('dead', soon);
    await redis.zadd(keys.webhooks.consumers, (await queue.now()) + 3_600_000, 'dead');
    expect(await queue.reap()).toMatchObject({ returned: 1 });
  });

  it('finds a processing list whose consumer Redis has forgotten', async () => {
    const { queue, keys } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.processing('nobody'), push(1));
    const reaper = createReaper(queue);
    await reaper.runOnce();
    expect(payloads(await queue.take('b', soon))).toEqual([push(1)]);
    expect(await redis.zscore(keys.webhooks.consumers, 'nobody')).toBeNull();
  });

  it('lets the living speak first after a time without Redis', async () => {
    const { queue, kill } = setUpQueue(redis, { leaseMs: 10_000 });
    let now = 0;
    const reaper = createReaper(queue, { clock: () => now });
    await reaper.runOnce();
    await queue.enqueue(push(1));
    await queue.take('a', soon);
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

  it('moves garbage that it finds to the dead letters', async () => {
    const { queue, keys, kill, inspector } = setUpQueue(redis);
    await redis.lpush(keys.webhooks.processing('dead'), Buffer.from([0xff]));
    await kill('dead');
    expect(await queue.reap()).toEqual({ returned: 0, deadLettered: 1 });
    expect(await inspector.deadLetters()).toMatchObject({ total: 1, letters: [{ garbage: { base64: '/w==' } }] });
  });
});

describe('a consumer that was frozen', () => {
  it('cannot settle what another has taken over', async () => {
    const { queue, another, kill, inspector } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const frozen = await queue.take('frozen', soon);
    await kill('frozen');
    await queue.reap();
    const other = another();
    const taken = await other.take('other', soon);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(await queue.settle('frozen', frozen.map(ack))).toEqual([false]);
    expect(await other.settle('other', taken.map(ack))).toEqual([true]);
    expect((await inspector.queueStats()).totals.processed).toBe(1);
  });

  it('is not handed what was moved to it and given to another while it slept', async () => {
    const { queue, keys } = setUpQueue(redis);
    const taken = queue.take('frozen', { max: 5, blockMs: 10_000 });
    await expect.poll(async () => (await redis.client('LIST')) as string).toContain('cmd=blmove');
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
    const taken = await Promise.all(consumers.map((consumer) => queue.take(consumer, soon)));
    queue.close();
    return taken.flat();
  };

  it('is given up at the third crash, and the others of its batch are not', async () => {
    const { queue, another, inspector } = setUpQueue(redis);
    const poison = 25;
    for (let n = 0; n < 60; n++) await queue.enqueue(push(n));
    const handled: string[] = [];
    let crashes = 0;
    while (handled.length < 59) {
      const restarted = another();
      let alive = true;
      while (alive && handled.length < 59) {
        const batch = await restarted.take('c', soon);
        if (payloads(batch).includes(push(poison))) {
          alive = false;
          crashes++;
          restarted.close();
        } else {
          await restarted.settle('c', batch.map(ack));
          handled.push(...payloads(batch));
          await restarted.promote();
        }
        expect(crashes).toBeLessThan(5);
      }
    }
    // Its last crash is seen by whoever comes next.
    await another().take('c', soon);
    expect(crashes).toBe(3);
    expect(new Set(handled).size).toBe(59);
    const { letters, total } = await inspector.deadLetters();
    expect(total).toBe(1);
    expect(letters).toMatchObject([{ reason: 'crash-loop', payloadText: push(poison), attempts: 1 }]);
    expect(await queue.depth()).toBe(0);
  });

  it('comes alone, and one at a time over all consumers, after two crashes', async () => {
    const { another, queue, keys } = setUpQueue(redis);
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n));
    expect(await crash(another, ['c'])).toHaveLength(3);
    expect(await crash(another, ['c'])).toHaveLength(3);
    const restarted = another();
    const first = await restarted.take('c', soon);
    expect(payloads(first)).toEqual([push(1)]);
    await queue.enqueue(push(4));
    // The other suspects wait with the retries; what is not suspected goes on.
    expect(await restarted.take('d', soon)).toEqual([]);
    expect(await restarted.take('d', soon)).toEqual([]);
    expect(payloads(await restarted.take('d', soon))).toEqual([push(4)]);
    expect(await redis.zcard(keys.webhooks.retry)).toBe(2);
    await restarted.settle('c', first.map(ack));
    for (const waiting of await redis.zrange(keys.webhooks.retry, '0', '-1')) {
      await redis.zadd(keys.webhooks.retry, 0, waiting);
    }
    await queue.promote();
    expect(await restarted.take('c', soon)).toHaveLength(1);
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
    const busy = await restarted.take('d', { max: 1, blockMs: 20 });
    expect(payloads(busy)).toEqual([push(3)]);
    await redis.lrange(queue.keys.processing('c'), 0, -1);
    await other.take('c', { max: 0, blockMs: 20 }).then((taken) => other.giveBack('c', taken));
    expect(await restarted.take('d', soon)).toEqual([]);
    await restarted.settle('d', busy.map(ack));
    expect(payloads(await restarted.take('d', soon))).toEqual([push(1)]);
  });

  it('is forgiven when a delivery came to an end', async () => {
    const { another, queue } = setUpQueue(redis);
    await queue.enqueue(push(1));
    await crash(another, ['c']);
    await crash(another, ['c']);
    const restarted = another();
    const [delivery] = await restarted.take('c', soon);
    const later = { kind: 'retry', delayMs: 0, reason: 'r', error: 'e', countsAsFailure: false } as const;
    await restarted.settle('c', [{ delivery: the(delivery), outcome: later }]);
    await restarted.promote();
    const [again] = await restarted.take('c', soon);
    expect(again?.metadata.deliveries).toBeUndefined();
  });
});

describe('what nobody knows of', () => {
  it('comes again when its reply was lost, and nobody is blamed', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.take('c', soon);
    await queue.enqueue(push(1));
    // As when Redis moves it and the connection breaks before the reply.
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    expect(await queue.take('c', soon)).toEqual([]);
    const taken = await queue.take('c', soon);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(the(taken[0]).metadata.deliveries).toBeUndefined();
  });

  it('does not disturb what is in hand', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.take('c', soon);
    await queue.enqueue(push(2));
    await redis.lmove(keys.webhooks.main, keys.webhooks.processing('c'), 'RIGHT', 'LEFT');
    await queue.take('c', soon);
    expect(payloads(await queue.take('c', soon))).toEqual([push(2)]);
    expect(await queue.settle('c', held.map(ack))).toEqual([true]);
  });
});

describe('a consumer that stops', () => {
  it('gives back what it had not begun, with nobody to blame', async () => {
    const { queue } = setUpQueue(redis);
    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n));
    const deliveries = await queue.take('a', soon);
    await queue.settle('a', [ack(the(deliveries[0]))]);
    expect(await queue.giveBack('a', deliveries.slice(1))).toBe(2);
    const taken = await queue.take('b', soon);
    expect(payloads(taken)).toEqual([push(2), push(3)]);
    expect(taken.every(({ metadata }) => metadata.deliveries === undefined)).toBe(true);
  });

  it('leaves nothing behind when its lease ends', async () => {
    const { queue, keys } = setUpQueue(redis);
    await queue.enqueue(push(1));
    const held = await queue.take('a', soon);
    await queue.clearHeartbeat('a');
    expect(await redis.exists(keys.webhooks.processing('a'))).toBe(0);
    const taken = await queue.take('b', soon);
    expect(payloads(taken)).toEqual([push(1)]);
    expect(await queue.settle('a', held.map(ack))).toEqual([false]);
  });
});
