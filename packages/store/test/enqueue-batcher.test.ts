import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { connectRedis, EnqueueBatcher } from '../src/index.ts';
import { setUpQueue } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });

/** A batcher whose calls to Redis wait until the test lets them through, or rejects them. */
function setUp() {
  const { queue, keys } = setUpQueue(redis);
  const calls: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const breaker = {
    async run<T>(work: () => Promise<T>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      calls.push({ resolve, reject });
      await promise;
      return work();
    },
  };
  const batcher = new EnqueueBatcher({ redis, keys: keys.webhooks }, breaker);
  const enqueue = (id: string, payloadText = '{}') => batcher.enqueue({ id, payloadText });
  return { calls, queue, enqueue };
}

test('what arrives while a batch is in flight goes with the next one', async () => {
  const { calls, queue, enqueue } = setUp();
  const first = ['a', 'b'].map((id) => enqueue(id));
  await nextTurn();
  const second = ['c', 'd', 'e'].map((id) => enqueue(id));
  await nextTurn();
  expect(calls).toHaveLength(1);
  calls[0]?.resolve();
  expect((await Promise.all(first)).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(await queue.depth()).toBe(2);
  await nextTurn();
  expect(calls).toHaveLength(2);
  calls[1]?.resolve();
  expect((await Promise.all(second)).map(({ id }) => id)).toEqual(['c', 'd', 'e']);
});

test('a batch that is rejected is rejected for all in it, and the next goes on', async () => {
  const { calls, queue, enqueue } = setUp();
  const rejected = Promise.allSettled(['a', 'b'].map((id) => enqueue(id)));
  await nextTurn();
  const next = enqueue('c');
  calls[0]?.reject(new Error('OOM'));
  const reasons = (await rejected).map((result) => (result.status === 'rejected' ? String(result.reason) : 'done'));
  expect(reasons).toEqual(['Error: OOM', 'Error: OOM']);
  await nextTurn();
  calls[1]?.resolve();
  expect(await next).toEqual({ kind: 'enqueued', id: 'c' });
  expect(await queue.depth()).toBe(1);
});

test('large pushes do not make a batch that blocks Redis', async () => {
  const { calls, queue, enqueue } = setUp();
  const large = Array.from({ length: 6 }, (_, index) =>
    enqueue(String(index), `{"text":"${'x'.repeat(1024 * 1024)}"}`),
  );
  await nextTurn();
  calls[0]?.resolve();
  await large[0];
  expect(await queue.depth()).toBe(3);
  await nextTurn();
  calls[1]?.resolve();
  await Promise.all(large);
  expect(calls).toHaveLength(2);
});
