import type { Delivery } from '@shopee-webhook/store';
import { expect, test } from 'vitest';
import { EventRouter } from './event-router.ts';
import type { ParsedEvent } from '../orders/parsed-event.ts';

function deliveryOf(payload: unknown, id = 'm'): Delivery {
  const payloadText = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const metadata = { enqueued_at: 1, retry_count: 0, max_retries: 3 };
  return { id, raw: payloadText, payloadText, metadata, attempt: 1, consumer: 'c' };
}

const order = (shop: number, sn: string, code = 3) => deliveryOf({ code, shop_id: shop, data: { ordersn: sn } });

/** A pipeline whose orders are only noted. */
function pipeline() {
  const requested: { shopId: string; tasks: ParsedEvent[] }[] = [];
  const orders = {
    process: async (shopId: string, tasks: ParsedEvent[]) => {
      requested.push({ shopId, tasks });
      return tasks.map(() => ({ kind: 'done' as const }));
    },
  };
  const nothing = async () => undefined;
  const none = { get: nothing, registerShop: nothing, unregisterShop: nothing };
  const shops = {
    tokens: none,
    accessTokens: { change: async () => undefined },
    alerts: neverCalled(),
    publicUrl: undefined,
  };
  return { requested, pipeline: new EventRouter({ orderEventCodes: () => [3, 4, 29], orders, shops }) };
}

function neverCalled(): never {
  return new Proxy({}, { get: () => () => expect.unreachable('no alert is due') }) as never;
}

test('each shop’s orders are a work of their own, so that one shop waits for no other', async () => {
  const { pipeline: one, requested } = pipeline();
  const works = one.partition([order(1, 'A'), order(2, 'B'), order(1, 'C', 4)]);
  await Promise.all(works.map((work) => work.process()));
  expect(requested.map(({ shopId, tasks }) => [shopId, tasks.map(({ orderSn }) => orderSn)])).toEqual([
    ['1', ['A', 'C']],
    ['2', ['B']],
  ]);
});

test('no work names more than 50 orders, and the pushes of one order stay together', () => {
  const { pipeline: one } = pipeline();
  const batch = Array.from({ length: 120 }, (_, at) => order(1, `SN${String(at % 60)}`));
  expect(one.partition(batch).map(({ deliveries }) => deliveries.length)).toEqual([100, 20]);
});

test('both spellings of an order’s number are understood', async () => {
  const { pipeline: one, requested } = pipeline();
  const returned = deliveryOf({ code: 29, shop_id: 1, data: { order_sn: 'A', return_sn: 'R' } });
  await one.processOne(returned);
  expect(requested[0]?.tasks[0]?.orderSn).toBe('A');
});

test('an order event without an order number is an event like any other', async () => {
  const { pipeline: one, requested } = pipeline();
  const handling = await one.processOne(deliveryOf({ code: 3, shop_id: 1, data: {} }));
  expect(handling).toMatchObject({ kind: 'done', notification: { kind: 'event', code: 3 } });
  expect(requested).toEqual([]);
});

test('every delivery of a batch belongs to exactly one work', () => {
  const { pipeline: one } = pipeline();
  const batch = [
    order(1, 'A'),
    deliveryOf('garbage'),
    deliveryOf({ code: 5, data: {} }),
    order(1, 'A'),
    deliveryOf('{}'),
  ];
  const split = one.partition(batch).flatMap(({ deliveries }) => deliveries);
  expect(new Set(split)).toEqual(new Set(batch));
  expect(split).toHaveLength(batch.length);
});
