import type { Logger } from '@shopee-webhook/runtime';
import { LocalLocks, Queue, RedisLocks, Replication, type Locks } from '@shopee-webhook/store';
import type { SharedAlarms } from './alarms.ts';
import { AwayLocks } from './away-locks.ts';
import type { WorkerConfig } from './config.ts';
import { RedisLink } from './redis-link.ts';

/** What of the worker works only with Redis. */
export interface RedisParts {
  link: RedisLink;
  queue: Queue;
  outbox: Queue;
}

/** Undefined with REDIS_ENABLED=false. Nothing connects yet. */
export function redisParts({ redis, workerId, dataDir }: WorkerConfig, logger: Logger): RedisParts | undefined {
  if (redis === undefined) return undefined;
  const link = new RedisLink({ config: redis, name: `worker ${workerId}`, dataDir, logger });
  const { keys } = link;
  return {
    link,
    queue: new Queue({
      redis: link.redis,
      keys: keys.webhooks,
      outboxKeys: keys.notifications,
      activityKey: keys.activity,
      replication: new Replication(link.redis, redis.waitReplicas ?? 0),
    }),
    outbox: new Queue({ redis: link.redis, keys: keys.notifications }),
  };
}

/** Locks over all workers; without Redis there is only one. */
export function locksOf(redis: RedisParts | undefined, config: WorkerConfig): Locks {
  if (redis === undefined) return new LocalLocks();
  const { link } = redis;
  const shared = new RedisLocks({ redis: link.redis, keys: link.keys });
  return new AwayLocks({ shared, awayMs: () => link.awayMs(), aloneAfterMs: config.redis?.aloneAfterMs });
}

/** Where workers share their alarms. */
export function sharedAlarms(redis: RedisParts | undefined): { shared?: SharedAlarms } {
  if (redis === undefined) return {};
  const { link, outbox } = redis;
  return { shared: { outbox, redis: link.redis, key: link.keys.alarms } };
}
