import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Clock } from '@shopee-webhook/runtime';
import {
  connectRedis,
  buildKeys,
  Queue,
  type EventNotification,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import { inject } from 'vitest';
// The fakes come by path: the forwarder may not depend on the sandbox, which depends on it.
import { createTelegram, type Telegram, type TelegramOptions } from '../../sandbox/src/telegram/telegram.ts';
import { telegramEnv } from '@shopee-webhook/runtime';
import { toTelegramConfig, type TelegramConfig } from '../src/config/config.ts';
import type { Notifier, NotifierOptions } from '../src/notifier.ts';
import { DiscardingNotifier } from '../src/discarding-notifier.ts';
import { TelegramNotifier } from '../src/telegram-notifier.ts';
import { z } from 'zod';

/** A Bot API fake, an outbox in the test Redis and what is needed to make notifiers over them. */
export interface Harness {
  telegram: Telegram;
  redis: RedisConnection;
  keys: Keys;
  outbox: Queue;
  dataDir: string;
  lines: string[];
  config(env?: Record<string, string>): TelegramConfig;
  notifier(options?: Partial<NotifierOptions>): Notifier;
  enqueue(...notifications: object[]): Promise<void>;
  close(): Promise<void>;
}

/** A clock that runs `speed` times as fast as the real one. */
export function fastClock(speed: number): Clock {
  const begun = Date.now();
  return {
    wallMs: () => begun + (Date.now() - begun) * speed,
    monotonicMs: () => performance.now() * speed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms / speed);
        const wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (signal?.aborted === true) wake();
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}

/** Telegram's own clock: as ours at the start, and never stepping with it. */
function steadyClock(clock: Clock): () => number {
  const [wall, monotonic] = [clock.wallMs(), clock.monotonicMs()];
  return () => wall + clock.monotonicMs() - monotonic;
}

export async function startHarness(options: { telegram?: TelegramOptions; clock?: Clock } = {}): Promise<Harness> {
  const { clock } = options;
  const telegram = await createTelegram({
    ...options.telegram,
    ...(clock !== undefined && { now: steadyClock(clock) }),
  });
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  const keys = buildKeys(`t${randomUUID()}`);
  const outbox = new Queue({ redis, keys: keys.notifications, activityKey: keys.activity });
  const dataDir = mkdtempSync(join(tmpdir(), 'notifier-'));
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(line) },
  });
  const open: Notifier[] = [];
  const config = (env: Record<string, string> = {}) => {
    const set = {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_CHAT_ID: String(telegram.chats()[0]?.id),
      TELEGRAM_API_URL: telegram.url,
      ...env,
    };
    const parsed = toTelegramConfig(z.object(telegramEnv).parse(set));
    if (parsed === undefined) throw new Error('no bot');
    return parsed;
  };
  return {
    telegram,
    redis,
    keys,
    outbox,
    dataDir,
    lines,
    config,
    notifier(given = {}) {
      const { config: bot, ...options }: NotifierOptions = {
        config: config(),
        shared: { redis, keys, outbox, queue: outbox, isAvailable: () => true },
        local: undefined,
        dataDir,
        logger,
        clock,
        callTimeoutSeconds: 3,
        ...given,
      };
      const notifier =
        bot === undefined
          ? new DiscardingNotifier({ outboxes: [outbox], logger })
          : new TelegramNotifier({ ...options, config: bot });
      open.push(notifier);
      return notifier;
    },
    async enqueue(...notifications) {
      for (const notification of notifications) await outbox.enqueue(JSON.stringify(notification));
    },
    async close() {
      for (const notifier of open) await notifier.stop();
      outbox.close();
      redis.disconnect();
      await telegram.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

let count = 0;

/** An event notification around a push. */
export function pushEvent(push: { code: number; data: object }, more: Partial<EventNotification> = {}): object {
  count += 1;
  const text = JSON.stringify({ shop_id: 700_000_001, timestamp: 1_788_220_900, ...push });
  return {
    kind: 'event',
    messageId: `message-${count}`,
    code: push.code,
    shopId: '700000001',
    at: Date.now(),
    pushText: text,
    source: 'push',
    ...more,
  };
}

/** An order status event with the order's own number. */
export function statusEvent(sn: string, status: string, more: Partial<EventNotification> = {}): object {
  return pushEvent({ code: 3, data: { ordersn: sn, status, update_time: 1_788_220_900, items: [] } }, more);
}

export function alertNotification(key: string, more: object = {}): object {
  return {
    kind: 'alert',
    key,
    status: 'firing',
    severity: 'critical',
    title: `Alert ${key}`,
    text: 'What to do',
    at: Date.now(),
    ...more,
  };
}
