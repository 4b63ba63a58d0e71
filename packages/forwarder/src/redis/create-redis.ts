import type { Logger } from '@shopee-webhook/runtime';
import {
  ActivityLog,
  connectRedis,
  QueueInspector,
  buildKeys,
  Queue,
  Replication,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { Alerts } from '../alerts/alerts.ts';
import { RedisBreaker } from './circuit-breaker.ts';
import type { ForwarderConfig } from '../config.ts';
import { EnqueueBatcher } from '../ingest/enqueue-batcher.ts';
import { RedisMonitor } from './redis-monitor.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';

/** All that stands on the connection to Redis. */
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
  /** Throws UnsafeRedisError; see RedisGate. */
  start(): Promise<void>;
  /** In order: what was sent is answered. */
  close(): Promise<void>;
  /** At once. */
  disconnect(): void;
}

/** Connects to Redis in the background; nothing here waits for it. */
export function createRedis(options: { config: ForwarderConfig; spool: SpoolDeps; logger: Logger }): RedisDeps {
  const { config, spool, logger } = options;
  const { alerts } = spool;
  const { address, keyPrefix, allowUnsafe, waitReplicas } = config.redis;
  const keys = buildKeys(keyPrefix);
  const redis = connectRedis(address, {
    failFast: true,
    commandTimeoutMs: 2_000,
    name: 'forwarder',
    onError: logConnectionErrors(logger),
  });
  const breaker = new RedisBreaker({ onChange: (state, why) => reportBreaker(alerts, state, why) });
  const replication = new Replication(redis, waitReplicas);
  const { dataDir } = config;
  const monitor = new RedisMonitor({ redis, keys, breaker, replication, alerts, allowUnsafe, dataDir, logger });
  const start = async () => {
    await monitor.start();
    // An outage that the last process saw begin ended while nobody looked.
    if (monitor.isAvailable) reportBreaker(alerts, 'closed', '');
  };
  const queue = new Queue({
    redis,
    keys: keys.webhooks,
    outboxKeys: keys.notifications,
    activityKey: keys.activity,
    replication,
  });
  const notifications = new Queue({ redis, keys: keys.notifications, settlementActivityKey: keys.activity });
  const batcher = new EnqueueBatcher((requests) => monitor.run(() => queue.enqueueAll(requests)));
  spool.fallbackPublish = (alarm) => trySend(monitor, () => notifications.enqueue(JSON.stringify(alarm)));
  const disconnect = () => {
    queue.close();
    notifications.close();
    breaker.close();
    redis.disconnect();
  };
  return {
    start,
    redis,
    keys,
    breaker,
    monitor,
    queue,
    batcher,
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

/** True when Redis took it. */
async function trySend(monitor: RedisMonitor, send: () => Promise<unknown>): Promise<boolean> {
  if (!monitor.isAvailable) return false;
  return monitor.run(send).then(
    () => true,
    () => false,
  );
}

const alertKey = 'redis-away';

function reportBreaker(alerts: Alerts, state: 'open' | 'closed', reason: string): void {
  if (state === 'open') {
    const text = `The forwarder keeps pushes on disk and hands them to the worker over HTTP until Redis is back. ${reason}`;
    alerts.raise(alertKey, { severity: 'critical', title: 'Redis is away', text });
  } else {
    alerts.resolve(alertKey, {
      title: 'Redis is back',
      text: 'Pushes go to Redis again; what waited on disk follows.',
    });
  }
}

/** ioredis reports each failed attempt to connect; one line per kind and minute is enough. */
function logConnectionErrors(logger: Logger): (error: Error) => void {
  let last = { message: '', at: 0 };
  return (err) => {
    const now = Date.now();
    if (err.message === last.message && now - last.at < 60_000) return;
    last = { message: err.message, at: now };
    logger.warn({ err }, 'redis connection');
  };
}
