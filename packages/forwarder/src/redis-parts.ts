import type { Logger } from '@shopee-webhook/runtime';
import {
  ActivityLog,
  connectRedis,
  Inspector,
  keysOf,
  Queue,
  Replication,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { Alarms } from './alarms.ts';
import { Breaker } from './breaker.ts';
import type { ForwarderConfig } from './config.ts';
import { EnqueueGroups } from './enqueue-groups.ts';
import { RedisGate } from './redis-gate.ts';
import type { SpoolParts } from './spool-parts.ts';

/** All that stands on the connection to Redis. */
export interface StoreParts {
  redis: RedisConnection;
  keys: Keys;
  breaker: Breaker;
  gate: RedisGate;
  queue: Queue;
  /** The way of pushes into the queue, under the breaker. */
  groups: EnqueueGroups;
  notifications: Queue;
  activity: ActivityLog;
  inspector: Inspector;
  /** Throws UnsafeRedisError; see RedisGate. */
  start(): Promise<void>;
  /** In order: what was sent is answered. */
  close(): Promise<void>;
  /** At once. */
  disconnect(): void;
}

/** Connects to Redis in the background; nothing here waits for it. */
export function connectStore(options: { config: ForwarderConfig; spool: SpoolParts; logger: Logger }): StoreParts {
  const { config, spool, logger } = options;
  const { alarms } = spool;
  const { address, keyPrefix, allowUnsafe, waitReplicas } = config.redis;
  const keys = keysOf(keyPrefix);
  const redis = connectRedis(address, {
    failFast: true,
    commandTimeoutMs: 2_000,
    name: 'forwarder',
    onError: outageLog(logger),
  });
  const breaker = new Breaker({ onChange: (state, why) => breakerAlarm(alarms, state, why) });
  const replication = new Replication(redis, waitReplicas);
  const { dataDir } = config;
  const gate = new RedisGate({ redis, keys, breaker, replication, alarms, allowUnsafe, dataDir, logger });
  const start = async () => {
    await gate.start();
    // An outage that the last process saw begin ended while nobody looked.
    if (gate.usable) breakerAlarm(alarms, 'closed', '');
  };
  const queue = new Queue({
    redis,
    keys: keys.webhooks,
    outboxKeys: keys.notifications,
    activityKey: keys.activity,
    replication,
  });
  const notifications = new Queue({ redis, keys: keys.notifications, settledStepsKey: keys.activity });
  const groups = new EnqueueGroups((requests) => gate.run(() => queue.enqueueAll(requests)));
  spool.alarmsOtherwise = (alarm) => sendThrough(gate, () => notifications.enqueue(JSON.stringify(alarm)));
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
    gate,
    queue,
    groups,
    notifications,
    activity: new ActivityLog({ redis, keys }),
    inspector: new Inspector({ redis, keys: keys.webhooks, activityKey: keys.activity }),
    async close() {
      await gate.stop();
      if (redis.status === 'ready') await redis.quit();
      disconnect();
    },
    disconnect,
  };
}

/** True when Redis took it. */
async function sendThrough(gate: RedisGate, send: () => Promise<unknown>): Promise<boolean> {
  if (!gate.usable) return false;
  return gate.run(send).then(
    () => true,
    () => false,
  );
}

const alarmKey = 'redis-away';

function breakerAlarm(alarms: Alarms, state: 'open' | 'closed', why: string): void {
  if (state === 'open') {
    const text = `The forwarder keeps pushes on disk and hands them to the worker over HTTP until Redis is back. ${why}`;
    alarms.begin(alarmKey, { severity: 'critical', title: 'Redis is away', text });
  } else {
    alarms.end(alarmKey, { title: 'Redis is back', text: 'Pushes go to Redis again; what waited on disk follows.' });
  }
}

/** ioredis reports each failed attempt to connect; one line per kind and minute is enough. */
function outageLog(logger: Logger): (error: Error) => void {
  let last = { message: '', at: 0 };
  return (err) => {
    const now = Date.now();
    if (err.message === last.message && now - last.at < 60_000) return;
    last = { message: err.message, at: now };
    logger.warn({ err }, 'redis connection');
  };
}
