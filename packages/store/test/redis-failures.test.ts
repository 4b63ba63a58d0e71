import { randomBytes } from 'node:crypto';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { waitUntilReady } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { ack, deadLetter, push, retryNow, setUpQueue, shortTake, defined } from './queues.ts';

const timing = { timeout: 60_000 };

it('has every confirmed push after a kill −9 of Redis, and what was in flight is still in flight', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect();
  const { queue, keys } = setUpQueue(redis);
  const confirmed = new Set<string>();
  await queue.enqueue(push(0));
  const held = await queue.take('c', shortTake);
  for (let round = 0; round < 3; round++) {
    const pushes = Array.from({ length: 200 }, (_, n) => push(1 + round * 200 + n));
    const sent = pushes.map((text) => queue.enqueue(text).then(() => confirmed.add(text)));
    const settled = Promise.allSettled(sent);
    await sent[20];
    await own.server.kill();
    await settled;
    await own.restart();
  }
  await waitUntilReady(redis, 10_000);
  const waiting = await redis.lrange(keys.webhooks.main, 0, -1);
  const found = new Set(waiting.map((raw) => /"payload":(.*),"metadata"/.exec(raw)?.[1]));
  expect(confirmed.size).toBeGreaterThanOrEqual(3 * 21);
  expect([...confirmed].filter((text) => !found.has(text))).toEqual([]);
  expect(await queue.settle('c', held.map(ack))).toEqual([true]);
});

it('starts from an append-only file with a torn end', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect();
  const { queue } = setUpQueue(redis);
  await queue.enqueue(push(1));
  await own.server.kill();
  const folder = join(own.dir, 'appendonlydir');
  const increment = defined((await readdir(folder)).find((name) => name.endsWith('.incr.aof')));
  await appendFile(join(folder, increment), '*3\r\n$5\r\nLPUSH\r\n$21\r\nt:webh');
  await own.restart();
  await waitUntilReady(redis, 10_000);
  expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
});

it('loads its scripts again wherever Redis has forgotten them', timing, async () => {
  const redis = (await startDedicatedRedis()).connect();
  const { queue, inspector } = setUpQueue(redis);
  const forget = () => redis.script('FLUSH');
  await queue.enqueue(push(1));
  await forget();
  await queue.enqueue(push(2));
  await forget();
  const deliveries = await queue.take('c', shortTake);
  expect(deliveries).toHaveLength(2);
  await forget();
  expect(await queue.settle('c', deliveries.map(deadLetter('r')))).toEqual([true, true]);
  await forget();
  expect(await inspector.replayDeadLetters({ filter: {} })).toMatchObject({ replayed: 2 });
  await forget();
  expect(await queue.promoteDue()).toBe(0);
});

it('rejects pushes when memory is full, and handles those that it has', timing, async () => {
  const own = await startDedicatedRedis(['--maxmemory', '4mb']);
  const { queue, inspector, outbox, another } = setUpQueue(own.connect());
  // Redis compresses what waits, so it has to be noise.
  const filler = randomBytes(15_000).toString('base64');
  const fill = async () => {
    for (let n = 0; n < 1_000; n++) {
      await queue.enqueue(`{"code":3,"data":{"n":${n},"filler":"${filler}"}}`, { digest: `${n}` });
    }
  };
  await expect(fill()).rejects.toThrow(/^OOM/);
  const { queue: sizes, totals } = await inspector.queueStats();
  expect(totals).toMatchObject({ received: sizes.depth, enqueued: sizes.depth });
  expect(sizes.depth).toBeGreaterThan(20);

  const held = await queue.take('c', { max: 10, blockMs: 100 });
  expect(held).toHaveLength(10);
  const [toRetry, toDeadLetter, ...toAck] = held;
  const settled = await queue.settle('c', [
    retryNow(defined(toRetry)),
    deadLetter('r')(defined(toDeadLetter)),
    ...toAck.map((delivery) => ({ ...ack(delivery), notification: '{"kind":"x"}' })),
  ]);
  expect(settled).toEqual(held.map(() => true));
  expect(await queue.promoteDue()).toBe(1);
  expect(await inspector.replayDeadLetters({ filter: {} })).toMatchObject({ replayed: 1 });
  expect(await outbox.depth()).toBe(8);
  expect(await queue.depth()).toBe(sizes.depth - 8);

  // A restart in the middle finds and returns what was in flight.
  await queue.take('c', { max: 10, blockMs: 100 });
  expect(await another().take('c', { max: 1, blockMs: 100 })).toHaveLength(1);
});

it('waits without a storm of commands when memory is full and nothing is there', timing, async () => {
  const own = await startDedicatedRedis(['--maxmemory', '1kb']);
  const { queue } = setUpQueue(own.connect());
  const begun = performance.now();
  expect(await queue.take('c', { max: 10, blockMs: 80 })).toEqual([]);
  expect(performance.now() - begun).toBeGreaterThan(70);
});

it('changes nothing on a read-only replica, and goes on when it is the master again', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect();
  const { queue, another } = setUpQueue(redis);
  await queue.enqueue(push(1));
  const held = await queue.take('c', shortTake);
  await redis.replicaof('127.0.0.1', 1);
  await expect(queue.enqueue(push(2))).rejects.toThrow('READONLY');
  // It connects again after each rejection, for the master may be elsewhere by now.
  await expect(queue.settle('c', held.map(ack))).rejects.toBeInstanceOf(Error);
  await expect(another().take('d', shortTake)).rejects.toBeInstanceOf(Error);
  await own.connect().replicaof('NO', 'ONE');
  await expect.poll(() => redis.ping()).toBe('PONG');
  expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1), metadata: { retry_count: 0 } }]);
});

it('goes on taking after Redis died under a waiting consumer', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect();
  const { queue } = setUpQueue(redis);
  const taken = queue.take('c', { max: 5, blockMs: 60_000 });
  await expect.poll(async () => (await redis.client('LIST')) as string).toContain('cmd=blmove');
  const ended = Promise.allSettled([taken]);
  await own.server.kill();
  expect(await ended).toMatchObject([{ status: 'rejected' }]);
  await own.restart();
  await waitUntilReady(redis, 10_000);
  await queue.enqueue(push(1));
  expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
});

it('rejects immediately while Redis is unavailable, and recovers soon after it is back', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect({ failFast: true, commandTimeoutMs: 500 });
  await waitUntilReady(redis, 5_000);
  const { queue } = setUpQueue(redis);
  await queue.enqueue(push(1));
  await own.server.kill();
  await expect.poll(() => redis.status).not.toBe('ready');
  const begun = performance.now();
  for (let n = 0; n < 100; n++) await expect(queue.enqueue(push(2))).rejects.toBeInstanceOf(Error);
  // Waiting for the timeout would be 50 s.
  expect(performance.now() - begun).toBeLessThan(5_000);
  await own.restart();
  await waitUntilReady(redis, 3_000);
  expect(await queue.enqueue(push(2))).toMatchObject({ kind: 'enqueued' });
});

it('gives up on a Redis that hangs after the timeout, and knows the push when it comes again', timing, async () => {
  const own = await startDedicatedRedis();
  const redis = own.connect({ failFast: true, commandTimeoutMs: 300 });
  await waitUntilReady(redis, 5_000);
  const { queue } = setUpQueue(redis);
  await queue.enqueue(push(0));
  own.server.process.kill('SIGSTOP');
  const begun = performance.now();
  await expect(queue.enqueue(push(1), { digest: 'd', id: 'first' })).rejects.toThrow(/timed out|Socket timeout/);
  expect(performance.now() - begun).toBeLessThan(2_000);
  own.server.process.kill('SIGCONT');
  await waitUntilReady(redis, 5_000);
  // Redis got it all the same, too late for the answer.
  await expect.poll(() => queue.enqueue(push(1), { digest: 'd' })).toEqual({ kind: 'duplicate', id: 'first' });
  expect(await queue.depth()).toBe(2);
});

it('rejects while Redis loads its data after a restart, and then has all of it', timing, async () => {
  // Loading takes a millisecond a command.
  const own = await startDedicatedRedis(['--key-load-delay', '1000']);
  const redis = own.connect({ failFast: true, commandTimeoutMs: 500 });
  await waitUntilReady(redis, 5_000);
  const { queue } = setUpQueue(redis);
  const numbers = Array.from({ length: 300 }, (_, n) => n);
  await Promise.all(numbers.map((n) => queue.enqueue(push(n), { digest: `${n}` })));
  await own.server.kill();
  const restarted = own.restart();
  const rejections: string[] = [];
  const impatient = own.connect();
  await expect
    .poll(() => impatient.ping().catch((error: unknown) => rejections.push(String(error))), {
      timeout: 20_000,
      interval: 20,
    })
    .toBe('PONG');
  await restarted;
  await waitUntilReady(redis, 5_000);
  expect(rejections.length).toBeGreaterThan(0);
  expect(await queue.depth()).toBe(300);
  expect(await queue.enqueue(push(7), { digest: '7' })).toMatchObject({ kind: 'duplicate' });
});

it('says so at once when the password is wrong', timing, async () => {
  const own = await startDedicatedRedis(['--requirepass', 'right']);
  const redis = own.connect();
  await expect(waitUntilReady(redis, 1_000)).rejects.toThrow('not reachable');
  await expect(setUpQueue(redis).queue.enqueue(push(1))).rejects.toBeInstanceOf(Error);
});
