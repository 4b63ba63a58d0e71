import type { PushBody } from '@shopee-webhook/sandbox';
import { toJson } from '@shopee-webhook/sandbox';
import { connectRedis, Inspector, keysOf, Queue } from '@shopee-webhook/store';
import type { Stack } from '../stack.ts';

const enqueuedAtOnce = 500;

/** New orders in the stand-in's book, and the push that tells of each. */
export function placeOrders(stack: Stack, count: number): PushBody[] {
  const { book } = stack.shopee;
  const [shop = 0] = book.shops.keys();
  return Array.from({ length: count }, () => {
    const push = book.place(shop).pushes.find(({ code }) => code === 3);
    if (push === undefined) throw new Error('a new order has a push');
    return push;
  });
}

/** The next step in the life of orders that were placed, and the push that tells of each. */
export function advanceOrders(stack: Stack, placed: readonly PushBody[]): PushBody[] {
  return placed.map(({ data }) => {
    const push = stack.shopee.book.advance(String(data['ordersn'])).pushes.find(({ code }) => code === 3);
    if (push === undefined) throw new Error('an order that goes on has a push');
    return push;
  });
}

/** Puts pushes into the queue as the forwarder does. */
export async function enqueueAll(stack: Stack, pushes: readonly PushBody[]): Promise<void> {
  await withRedis(stack, async ({ queue }) => {
    for (let at = 0; at < pushes.length; at += enqueuedAtOnce) {
      const some = pushes.slice(at, at + enqueuedAtOnce);
      await Promise.all(some.map((push) => queue.enqueue(toJson(push), { activity: { at: Date.now() } })));
    }
  });
}

/** Messages that wait, are held, or wait for their retry; and those that were given up. */
export function unsettled(stack: Stack): Promise<{ left: number; dead: number }> {
  return withRedis(stack, async ({ inspector }) => {
    const { queue } = await inspector.queueStats();
    return { left: queue.depth + queue.processing + queue.retrying, dead: queue.deadLetter };
  });
}

async function withRedis<T>(
  stack: Stack,
  work: (parts: { queue: Queue; inspector: Inspector }) => Promise<T>,
): Promise<T> {
  const redis = connectRedis({ host: '127.0.0.1', port: stack.redisPort });
  const keys = keysOf('shopee');
  const parts = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity };
  try {
    return await work({ queue: new Queue(parts), inspector: new Inspector(parts) });
  } finally {
    redis.disconnect();
  }
}
