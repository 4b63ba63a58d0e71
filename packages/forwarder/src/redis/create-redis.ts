import { type Logger, systemClock } from '@shopee-webhook/runtime';
import {
  ActivityLog,
  connectRedis,
  EnqueueBatcher,
  QueueInspector,
  buildKeys,
  Queue,
  Replication,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import { RedisBreaker } from './circuit-breaker.ts';
import { RedisMonitor } from './redis-monitor.ts';

/** Components backed by the connection to Redis. */
export interface RedisDeps {
  redis: RedisConnection;
  keys: Keys;
  breaker: RedisBreaker;
  monitor: RedisMonitor;
  queue: Queue;
  /** The way of pushes into the queue, under the breaker. */
  batcher: EnqueueBatcher;
  notifications: Queue;
  activity: ActivityLog;
  inspector: QueueInspector;
  /** Throws UnsafeRedisError; see RedisMonitor. */
  start(): Promise<void>;
  /** Gracefully: replies to what was sent are awaited. */
  close(): Promise<void>;
  /** At once. */
  disconnect(): void;
}

/** Connects to Redis in the background; nothing here waits for it. */
export function createRedis({ config, logger }: { config: ForwarderConfig; logger: Logger }): RedisDeps {
  const { dataDir } = config;
  const { address, keyPrefix, allowUnsafe, waitReplicas } = config.redis;
  const keys = buildKeys(keyPrefix);
  const redis = connectRedis(address, {
    failFast: true,
    // The breaker's deadline is far shorter, and is not fooled by a stall of this process.
    commandTimeoutMs: 5_000,
    name: 'forwarder',
    onError: logConnectionErrors(logger),
  });
  const breaker = new RedisBreaker({
    onChange: (state, reason) => {
      if (state === 'open') logger.warn({ reason }, 'redis unavailable');
      else logger.info('redis available');
    },
  });
  const replication = waitReplicas === 0 ? undefined : new Replication(redis, waitReplicas);
  const monitor = new RedisMonitor({ redis, keys, breaker, replication, allowUnsafe, dataDir, logger });
  const target = { redis, keys: keys.webhooks, activityKey: keys.activity, replication };
  const queue = new Queue({ ...target, outboxKeys: keys.notifications });
  const notifications = new Queue({ redis, keys: keys.notifications, settlementActivityKey: keys.activity });
  const disconnect = () => {
    queue.close();
    notifications.close();
    breaker.close();
    redis.disconnect();
  };
  return {
    start: () => monitor.start(),
    redis,
    keys,
    breaker,
    monitor,
    queue,
    batcher: new EnqueueBatcher(target, breaker),
    notifications,
    activity: new ActivityLog({ redis, keys }),
    inspector: new QueueInspector({ redis, keys: keys.webhooks, activityKey: keys.activity }),
    async close() {
      await monitor.stop();
      if (redis.status === 'ready') await redis.quit();
      disconnect();
    },
    disconnect,
  };
}

/** ioredis reports each failed attempt to connect; one line per kind and minute is enough. */
function logConnectionErrors(logger: Logger): (error: Error) => void {
  let last = { message: '', at: -Infinity };
  return (err) => {
    const now = systemClock.monotonicMs();
    if (err.message === last.message && now - last.at < 60_000) return;
    last = { message: err.message, at: now };
    logger.warn({ err }, 'redis connection failed');
  };
}
