import { expect, test } from 'vitest';
import { OrderBatchLoader } from './order-batch-loader.ts';
import type { FetchResult } from './order-source.ts';

/** A Shopee whose responses the test sends one by one. */
function heldFetches(options: { maxInFlight?: number; maxOrders?: number } = {}) {
  const calls: { shopId: string; orderSns: readonly string[]; respond: (error?: Error) => void }[] = [];
  const loader = new OrderBatchLoader({
    ...options,
    fetch: (shopId, orderSns) => {
      const { promise, resolve, reject } = Promise.withResolvers<Map<string, FetchResult>>();
      const fetched = new Map(orderSns.map((sn): [string, FetchResult] => [sn, { error: sn }]));
      calls.push({ shopId, orderSns, respond: (error) => (error === undefined ? resolve(fetched) : reject(error)) });
      return promise;
    },
  });
  return { loader, calls, requested: () => calls.map(({ orderSns }) => orderSns) };
}

test('a single order is fetched at once', () => {
  const { loader, requested } = heldFetches();
  void loader.load('1', ['A']);
  expect(requested()).toEqual([['A']]);
});

test('requests that arrive while fetches are in flight are batched, each order once', async () => {
  const { loader, calls, requested } = heldFetches({ maxInFlight: 1 });
  const first = loader.load('1', ['A']);
  const rest = [loader.load('1', ['B', 'C']), loader.load('1', ['C']), loader.load('1', ['A'])];
  expect(requested()).toEqual([['A']]);
  calls[0]?.respond();
  await first;
  await expect.poll(requested).toEqual([['A'], ['B', 'C', 'A']]);
  calls[1]?.respond();
  const results = await Promise.all(rest);
  expect(results.map((fetched) => fetched.has('C'))).toEqual([true, true, true]);
});

test('no fetch exceeds the size of a call, and requests keep their order', async () => {
  const { loader, calls, requested } = heldFetches({ maxInFlight: 1, maxOrders: 3 });
  for (const sns of [['A'], ['B', 'C'], ['D', 'E'], ['F']]) void loader.load('1', sns);
  for (let at = 0; at < 3; at += 1) {
    await expect.poll(() => calls.length).toBe(at + 1);
    calls[at]?.respond();
  }
  expect(requested()).toEqual([['A'], ['B', 'C'], ['D', 'E', 'F']]);
});

test('one shop’s slow fetch holds up no other shop', () => {
  const { loader, calls } = heldFetches({ maxInFlight: 1 });
  void loader.load('1', ['A']);
  void loader.load('2', ['B']);
  expect(calls.map(({ shopId }) => shopId)).toEqual(['1', '2']);
});

test('a failed fetch rejects all its requests, and the next one goes on', async () => {
  const { loader, calls } = heldFetches({ maxInFlight: 1 });
  const failing = [loader.load('1', ['A']), loader.load('1', ['B']), loader.load('1', ['C'])];
  calls[0]?.respond(new Error('503'));
  await expect(failing[0]).rejects.toThrow('503');
  await expect.poll(() => calls.length).toBe(2);
  calls[1]?.respond(new Error('502'));
  await expect(failing[1]).rejects.toThrow('502');
  await expect(failing[2]).rejects.toThrow('502');
});
