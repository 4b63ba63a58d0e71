import { Redis } from 'ioredis';
import { buildKeys, type QueueKeys } from '@shopee-webhook/store';
import { z } from 'zod';
import type { Stack } from '../stack/stack.ts';

/** What is still in any queue at the end of a run. */
export interface QueueCheck {
  queued: number;
  retrying: number;
  /** In processing lists although nothing is in flight any more. */
  orphans: number;
  outbox: number;
  spool: number;
  /** By `code order`, the dead letters. */
  deadLetters: { key: string; reason: string }[];
}

const Stats = z.object({ spool: z.object({ depth: z.number() }) });

/** Reads it from Redis itself, not from the services; only the spool's depth is theirs. */
export async function checkQueue(stack: Stack): Promise<QueueCheck> {
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort });
  redis.on('error', () => undefined);
  try {
    const { webhooks, notifications } = buildKeys('shopee');
    const [queued, suspects, retrying, inFlight, outbox, deadLetters] = await Promise.all([
      redis.llen(webhooks.main),
      redis.llen(webhooks.suspects),
      redis.zcard(webhooks.retry),
      countInFlight(redis, webhooks),
      countOutbox(redis, notifications),
      redis.lrange(webhooks.deadLetter, 0, -1),
    ]);
    const stats = Stats.parse(await (await fetch(`${stack.forwarder.url}/queue/stats`)).json());
    return {
      queued: queued + suspects,
      retrying,
      orphans: inFlight,
      outbox,
      spool: stats.spool.depth,
      deadLetters: deadLetters.map(parseDeadLetter),
    };
  } finally {
    redis.disconnect();
  }
}

async function countOutbox(redis: Redis, keys: QueueKeys): Promise<number> {
  const waiting = [redis.llen(keys.main), redis.llen(keys.suspects), redis.zcard(keys.retry)];
  const counts = await Promise.all([...waiting, countInFlight(redis, keys)]);
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countInFlight(redis: Redis, keys: QueueKeys): Promise<number> {
  const lists = await redis.keys(keys.processingPattern);
  const lengths = await Promise.all(lists.map((list) => redis.llen(list)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

function parseDeadLetter(raw: string): { key: string; reason: string } {
  const code = /"code":(\d+)/.exec(raw)?.[1] ?? '?';
  const sn = /"order_?sn":"(\w+)"/.exec(raw)?.[1] ?? '?';
  const reason = /"reason":"([^"]*)"/.exec(raw)?.[1] ?? 'unknown';
  return { key: `${code} ${sn}`, reason };
}
