import { createLogger } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, Queue } from '@shopee-webhook/store';
import { z } from 'zod';
import { telegramEnv } from '@shopee-webhook/runtime';
import { toTelegramConfig } from '../src/config/config.ts';
import { createNotifier } from '../src/create-notifier.ts';

// A notifier in a process of its own, to be killed: node notifier-process.ts <redis port> <prefix> <data dir>
const [port = '', prefix = '', dataDir = ''] = process.argv.slice(2);
const redis = connectRedis({ host: '127.0.0.1', port: Number(port) });
const keys = buildKeys(prefix);
const outbox = new Queue({ redis, keys: keys.notifications, leaseMs: 1_500 });
const notifier = await createNotifier({
  config: toTelegramConfig(z.object(telegramEnv).parse(process.env)),
  shared: { redis, keys, outbox, queue: outbox, isAvailable: () => true },
  local: undefined,
  dataDir,
  logger: createLogger({ name: 'killed', level: 'warn' }),
  leaderLeaseMs: 1_500,
});
notifier.start();
