import { createLogger } from '@shopee-webhook/runtime';
import { connectRedis, keysOf, Queue } from '@shopee-webhook/store';
import { z } from 'zod';
import { telegramConfigOf, telegramEnv } from '../../src/telegram/config.ts';
import { createNotifier } from '../../src/telegram/notifier.ts';

// A notifier in a process of its own, to be killed: node notifier-process.ts <redis port> <prefix> <data dir>
const [port = '', prefix = '', dataDir = ''] = process.argv.slice(2);
const redis = connectRedis({ host: '127.0.0.1', port: Number(port) });
const keys = keysOf(prefix);
const outbox = new Queue({ redis, keys: keys.notifications, leaseMs: 1_500 });
createNotifier({
  config: telegramConfigOf(z.object(telegramEnv).parse(process.env)),
  shared: { redis, keys, outbox, queue: outbox, isUsable: () => true },
  local: undefined,
  dataDir,
  logger: createLogger({ name: 'killed', level: 'warn' }),
  termMs: 1_500,
}).start();
