import type { HealthChecks, Logger } from '@shopee-webhook/runtime';
import { buildKeys, TokenStore } from '@shopee-webhook/store';
import { createCommandBackend } from './command-backend.ts';
import type { ForwarderConfig } from '../config.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import { createNotifier, DeduplicatingOutbox, type Notifier, type NotifierOptions } from '@shopee-webhook/notifier';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';

export interface TelegramDeps {
  config: ForwarderConfig;
  redis: RedisDeps | undefined;
  spool: SpoolDeps;
  queueStats: QueueStatsReader;
  history: HistoryClient;
  health: HealthChecks;
  /** Called with how long each notification waited until it was sent, ms. */
  onDelivered: (latencyMs: number, urgent: boolean) => void;
  logger: Logger;
}

/** The notifier over both outboxes: the one in Redis and the one on this process' disk. grammY is loaded only if a bot is configured. */
export async function createTelegram(deps: TelegramDeps): Promise<Notifier> {
  const { config, redis, spool, queueStats, history, health } = deps;
  const logger = deps.logger.child({ part: 'telegram' });
  const shared = redis && sharedOutbox(redis, spool);
  const local = spool.outbox;
  const { dataDir } = config;
  const keys = redis?.keys ?? buildKeys(config.redis.keyPrefix);
  const tokens = new TokenStore({ redis: redis?.redis, keys, dataDir });
  return createNotifier({
    config: config.telegram,
    onDelivered: deps.onDelivered,
    shared,
    local,
    dataDir,
    logger,
    shops: () => tokens.list(),
    commandBackend: createCommandBackend({ queueStats, inspector: redis?.inspector, history, health }),
  });
}

function sharedOutbox(deps: RedisDeps, spool: SpoolDeps): NotifierOptions['shared'] & { outbox: DeduplicatingOutbox } {
  const { redis, keys, notifications, monitor } = deps;
  const wasHandled = (id: string) => spool.events.wasHandled(id);
  const outbox = new DeduplicatingOutbox({ inner: notifications, wasHandled });
  return { redis, keys, outbox, queue: notifications, isAvailable: () => monitor.isAvailable };
}
