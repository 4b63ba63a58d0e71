import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import {
  AlertEngine,
  JsonAlertStateFile,
  LocalLocks,
  Queue,
  RedisLocks,
  Replication,
  type Locks,
} from '@shopee-webhook/store';
import { FallbackLocks } from './upstreams/fallback-locks.ts';
import type { WorkerConfig } from './config.ts';
import { RedisMonitor } from './monitoring/redis-monitor.ts';

/** Components that require Redis. */
export interface RedisDeps {
  monitor: RedisMonitor;
  queue: Queue;
  outbox: Queue;
}

/** Undefined with REDIS_ENABLED=false. Nothing connects yet. */
export function createRedis({ redis, workerId, dataDir }: WorkerConfig, logger: Logger): RedisDeps | undefined {
  if (redis === undefined) return undefined;
  const monitor = new RedisMonitor({ config: redis, name: `worker ${workerId}`, dataDir, logger });
  const { keys } = monitor;
  return {
    monitor,
    queue: new Queue({
      redis: monitor.redis,
      keys: keys.webhooks,
      outboxKeys: keys.notifications,
      activityKey: keys.activity,
      replication: redis.waitReplicas ? new Replication(monitor.redis, redis.waitReplicas) : undefined,
    }),
    outbox: new Queue({ redis: monitor.redis, keys: keys.notifications }),
  };
}

/** Locks shared by all workers; without Redis there is only one worker. */
export function createLocks(redis: RedisDeps | undefined, config: WorkerConfig): Locks {
  if (redis === undefined) return new LocalLocks();
  const { monitor } = redis;
  const shared = new RedisLocks({ redis: monitor.redis, keys: monitor.keys });
  return new FallbackLocks({
    shared,
    redisUnavailableMs: () => monitor.unavailableMs(),
    localAfterMs: config.redis?.localLocksAfterMs,
  });
}

/** The alert engine of this worker; without Redis its alerts are in the log and in /health only. */
export function createAlerts(redis: RedisDeps | undefined, config: WorkerConfig, logger: Logger): AlertEngine {
  const { workerId, dataDir } = config;
  return new AlertEngine({
    ...(redis && {
      shared: {
        redis: redis.monitor.redis,
        key: redis.monitor.keys.alerts,
        outbox: redis.outbox,
        isAvailable: () => redis.monitor.unavailableMs() === 0,
      },
    }),
    local: new JsonAlertStateFile(join(dataDir, `alerts.${encodeURIComponent(workerId)}.json`)),
    owner: `worker ${workerId}`,
    logger,
  });
}
