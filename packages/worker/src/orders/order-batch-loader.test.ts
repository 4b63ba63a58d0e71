import { expect, test } from 'vitest';
import { OrderBatchLoader } from './order-batch-loader.ts';
import type { FetchResult } from './order-fetcher.ts';

/** A Shopee whose answers the test gives one by one. */
function heldFetches(options: { maxUnderWay?: number; maxOrders?: number } = {}) {
  const calls: { shopId: string; orderSns: readonly string[]; answer: (error?: Error) => void }[] = [];
  const gatherer = new OrderBatchLoader({
    ...options,
    fetch: (shopId, orderSns) => {
      const { promise, resolve, reject } = Promise.withResolvers<Map<string, FetchResult>>();
      const fetched = new Map(orderSns.map((sn): [string, FetchResult] => [sn, { error: sn }]));
      calls.push({ shopId, orderSns, answer: (error) => (error === undefined ? resolve(fetched) : reject(error)) });
      return promise;
    },
  });
  return { gatherer, calls, asked: () => calls.map(({ orderSns }) => orderSns) };
}

test('a single order is fetched at once', () => {
  const { gatherer, asked } = heldFetches();
  void gatherer.load('1', ['A']);
  expect(asked()).toEqual([['A']]);
});

test('what is asked for while fetches are under way goes together, each order once', async () => {
  const { gatherer, calls, asked } = heldFetches({ maxUnderWay: 1 });
  const first = gatherer.load('1', ['A']);
  const rest = [gatherer.load('1', ['B', 'C']), gatherer.load('1', ['C']), gatherer.load('1', ['A'])];
  expect(asked()).toEqual([['A']]);
  calls[0]?.answer();
  await first;
  await expect.poll(asked).toEqual([['A'], ['B', 'C', 'A']]);
  calls[1]?.answer();
  const results = await Promise.all(rest);
  expect(results.map((fetched) => fetched.has('C'))).toEqual([true, true, true]);
});

test('no fetch is larger than a call can be, and none waits for more than its turn', async () => {
  const { gatherer, calls, asked } = heldFetches({ maxUnderWay: 1, maxOrders: 3 });
  for (const sns of [['A'], ['B', 'C'], ['D', 'E'], ['F']]) void gatherer.load('1', sns);
  for (let at = 0; at < 3; at += 1) {
    await expect.poll(() => calls.length).toBe(at + 1);
    calls[at]?.answer();
  }
  expect(asked()).toEqual([['A'], ['B', 'C'], ['D', 'E', 'F']]);
});

test('one shop’s slow fetch holds up no other shop', () => {
  const { gatherer, calls } = heldFetches({ maxUnderWay: 1 });
  void gatherer.load('1', ['A']);
  void gatherer.load('2', ['B']);
  expect(calls.map(({ shopId }) => shopId)).toEqual(['1', '2']);
});

test('a fetch that fails fails for all who wait for it, and the next goes on', async () => {
  const { gatherer, calls } = heldFetches({ maxUnderWay: 1 });
  const failing = [gatherer.load('1', ['A']), gatherer.load('1', ['B']), gatherer.load('1', ['C'])];
  calls[0]?.answer(new Error('503'));
  await expect(failing[0]).rejects.toThrow('503');
  await expect.poll(() => calls.length).toBe(2);
  calls[1]?.answer(new Error('502'));
  await expect(failing[1]).rejects.toThrow('502');
  await expect(failing[2]).rejects.toThrow('502');
});
