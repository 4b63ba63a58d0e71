import { systemClock } from '@shopee-webhook/runtime';
import { type PushBody, toJson } from '@shopee-webhook/sandbox';
import { connectRedis, QueueInspector, buildKeys, Queue } from '@shopee-webhook/store';
import type { Stack } from '../stack/stack.ts';

const enqueueBatchSize = 500;

/** New orders of the fake Shopee, and each one's push. */
export function placeOrders(stack: Stack, count: number): PushBody[] {
  const { orders } = stack.shopee;
  const [shop = 0] = orders.shops.keys();
  return Array.from({ length: count }, () => {
    const push = orders.place(shop).pushes.find(({ code }) => code === 3);
    if (push === undefined) throw new Error('a new order has a push');
    return push;
  });
}

/** The next status of these orders, and each one's push. */
export function advanceOrders(stack: Stack, placed: readonly PushBody[]): PushBody[] {
  return placed.map(({ data }) => {
    const push = stack.shopee.orders.advance(String(data['ordersn'])).pushes.find(({ code }) => code === 3);
    if (push === undefined) throw new Error('an order that advances has a push');
    return push;
  });
}

/** Puts pushes into the queue as the forwarder does. */
export async function enqueueAll(stack: Stack, pushes: readonly PushBody[]): Promise<void> {
  await withRedis(stack, async ({ queue }) => {
    for (let at = 0; at < pushes.length; at += enqueueBatchSize) {
      const some = pushes.slice(at, at + enqueueBatchSize);
      await Promise.all(some.map((push) => queue.enqueue(toJson(push), { activity: { at: systemClock.wallMs() } })));
    }
  });
}

/** Messages queued, in flight or retrying; and the dead letters. */
export function countUnsettled(stack: Stack): Promise<{ remaining: number; deadLetters: number }> {
  return withRedis(stack, async ({ inspector }) => {
    const { queue } = await inspector.queueStats();
    return { remaining: queue.depth + queue.processing + queue.retrying, deadLetters: queue.deadLetter };
  });
}

async function withRedis<T>(
  stack: Stack,
  work: (deps: { queue: Queue; inspector: QueueInspector }) => Promise<T>,
): Promise<T> {
  const redis = connectRedis({ host: '127.0.0.1', port: stack.redisPort });
  const keys = buildKeys('shopee');
  const parts = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity };
  try {
    return await work({ queue: new Queue(parts), inspector: new QueueInspector(parts) });
  } finally {
    redis.disconnect();
  }
}
