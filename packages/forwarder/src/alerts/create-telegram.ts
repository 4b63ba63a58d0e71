import type { HealthChecks, Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { buildKeys, TokenStore } from '@shopee-webhook/store';
import { createCommandBackend } from './command-backend.ts';
import { AlertInputCollector } from './inputs.ts';
import { evaluateRules } from './rules.ts';
import type { ResponseStats } from '../monitoring/response-stats.ts';
import type { ForwarderConfig } from '../config.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import {
  createNotifier,
  DeduplicatingOutbox,
  type Notifier,
  type NotifierOptions,
} from '@shopee-webhook/notifier';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { RejectedPushes } from '../ingest/rejected-pushes.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';

export interface TelegramDeps {
  config: ForwarderConfig;
  store: RedisDeps | undefined;
  spool: SpoolDeps;
  queueStats: QueueStatsReader;
  history: HistoryClient;
  health: HealthChecks;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  /** Hears how long each notification waited until it was told, ms. */
  onDelivered: (latencyMs: number, urgent: boolean) => void;
  logger: Logger;
}

/** The notifier over both outboxes: the one in Redis and what waits on this process' disk. grammY is loaded only when a bot is configured. */
export async function createTelegram(deps: TelegramDeps): Promise<Notifier> {
  const { config, store, spool, queueStats, history, health } = deps;
  const logger = deps.logger.child({ part: 'telegram' });
  const shared = store && sharedOutbox(store, spool);
  const local = spool.outbox;
  const { dataDir } = config;
  const keys = store?.keys ?? buildKeys(config.redis.keyPrefix);
  const tokens = new TokenStore({ redis: store?.redis, keys, dataDir });
  const inspector = store?.inspector;
  const inputs = new AlertInputCollector({ ...deps, inspector, shopee: shopeeOf(config), dataDir, logger });
  return createNotifier({
    config: config.telegram,
    onDelivered: deps.onDelivered,
    shared,
    local,
    dataDir,
    logger,
    shops: () => tokens.list(),
    alertConditions: async (active) => evaluateRules(await inputs.collect(), active),
    commandBackend: createCommandBackend({ queueStats, inspector, history, health }),
  });
}

function sharedOutbox(store: RedisDeps, spool: SpoolDeps): NotifierOptions['shared'] & { outbox: DeduplicatingOutbox } {
  const { redis, keys, notifications, monitor } = store;
  const wasHandled = (id: string) => spool.events.wasHandled(id);
  const outbox = new DeduplicatingOutbox({ inner: notifications, wasHandled });
  return { redis, keys, outbox, queue: notifications, isAvailable: () => monitor.isAvailable };
}

function shopeeOf({ shopee }: ForwarderConfig): ShopeeClient {
  const { partnerId, partnerKey, apiUrl: baseUrl } = shopee;
  return new ShopeeClient({ partnerId, partnerKey, baseUrl });
}
