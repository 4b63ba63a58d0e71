import { randomUUID } from 'node:crypto';
import { createLogger } from '@shopee-webhook/runtime';
import { onTestFinished } from 'vitest';
import {
  ActivityLog,
  QueueInspector,
  buildKeys,
  Queue,
  type Delivery,
  type RedisConnection,
  type Replication,
  type Settlement,
} from '../src/index.ts';

export const silent = { logger: createLogger({ name: 'test', level: 'silent' }) };

/** Longer than any test: consumers die only where a test says so. */
const leaseMs = 60_000;

type QueueTestOptions = { leaseMs?: number; prefix?: string; replication?: Replication; clock?: () => number };

/** A queue under a fresh prefix, with its outbox and all that looks into it. `another()` is the same queue in another process. */
export function setUpQueue(redis: RedisConnection, options: QueueTestOptions = {}) {
  const keys = buildKeys(options.prefix ?? `t${randomUUID()}`);
  const outboxKeys = keys.notifications;
  const parts = { redis, keys: keys.webhooks, outboxKeys, activityKey: keys.activity, leaseMs, ...options };
  const another = () => closeAfterwards(new Queue(parts));
  return {
    keys,
    queue: another(),
    another,
    outbox: closeAfterwards(new Queue({ redis, keys: outboxKeys, leaseMs })),
    inspector: new QueueInspector(parts),
    activity: new ActivityLog({ redis, keys }),
    /** Makes the consumer look dead to the reaper. */
    kill: (consumer: string) => redis.zadd(keys.webhooks.consumers, 0, consumer),
  };
}

function closeAfterwards(queue: Queue): Queue {
  onTestFinished(() => queue.close());
  return queue;
}

/** A push as it lies in the queue; its shop's id is beyond 2^53. */
export const push = (n: number): string =>
  `{"code":3,"shop_id":90071992547409930${n},"timestamp":1788220800,"data":{"ordersn":"SN${n}"}}`;

export const shortTake = { max: 50, blockMs: 20 };

export const ack = (delivery: Delivery): Settlement => ({ delivery, outcome: { kind: 'ack' } });

export const retryNow = (delivery: Delivery): Settlement => ({
  delivery,
  outcome: { kind: 'retry', delayMs: 0, reason: 'shopee', error: 'E', countsAsFailure: true },
});

export const deadLetter =
  (reason: string, error = 'E') =>
  (delivery: Delivery): Settlement => ({ delivery, outcome: { kind: 'dead-letter', reason, error } });

/** The element, which the test knows is there. */
export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing there');
  return value;
}
