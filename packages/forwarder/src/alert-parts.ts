import type { HealthChecks, Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import { createCommandSources } from './alerts/command-answers.ts';
import { TroubleFactsGatherer } from './alerts/trouble-facts.ts';
import { troublesOf } from './alerts/troubles.ts';
import type { AnswerCounts } from './answer-counts.ts';
import type { ForwarderConfig } from './config.ts';
import type { HistoryClient } from './history/history-client.ts';
import { FilteredOutbox } from './outbox.ts';
import type { QueueReporter } from './queue-report.ts';
import type { StoreParts } from './redis-parts.ts';
import type { RefusedPushes } from './refused-pushes.ts';
import type { SpoolParts } from './spool-parts.ts';
import { createDrainOnly } from './telegram/outbox/drain-only.ts';
import type { Notifier, NotifierOptions } from './telegram/notifier.ts';

export interface AlertParts {
  config: ForwarderConfig;
  store: StoreParts | undefined;
  spool: SpoolParts;
  reporter: QueueReporter;
  history: HistoryClient;
  health: HealthChecks;
  answers: AnswerCounts;
  refused: RefusedPushes;
  /** Hears how long each notification waited until it was told, ms. */
  onWait: (ms: number, urgent: boolean) => void;
  logger: Logger;
}

/** The notifier over both outboxes: the one in Redis and what waits on this process' disk. grammY is loaded only if a bot is set. */
export async function createAlerts(parts: AlertParts): Promise<Notifier> {
  const { config, store, spool, reporter, history, health } = parts;
  const logger = parts.logger.child({ part: 'telegram' });
  const shared = store && sharedOutbox(store, spool);
  const local = spool.outbox;
  if (config.telegram === undefined) {
    return createDrainOnly(shared === undefined ? [local] : [shared.outbox, local], logger);
  }
  const { dataDir } = config;
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  const tokens = new TokenStore({ redis: store?.redis, keys, dataDir });
  const inspector = store?.inspector;
  const facts = new TroubleFactsGatherer({ ...parts, inspector, shopee: shopeeOf(config), dataDir, logger });
  const { createNotifier } = await import('./telegram/notifier.ts');
  return createNotifier({
    config: config.telegram,
    onWait: parts.onWait,
    shared,
    local,
    dataDir,
    logger,
    shops: () => tokens.list(),
    troubles: async (standing) => troublesOf(await facts.gather(), standing),
    sources: createCommandSources({ reporter, inspector, history, health }),
  });
}

function sharedOutbox(store: StoreParts, spool: SpoolParts): NotifierOptions['shared'] & { outbox: FilteredOutbox } {
  const { redis, keys, notifications, gate } = store;
  const wasHandled = (id: string) => spool.events.wasHandled(id);
  const outbox = new FilteredOutbox({ inner: notifications, wasHandled });
  return { redis, keys, outbox, queue: notifications, isUsable: () => gate.usable };
}

function shopeeOf({ shopee }: ForwarderConfig): ShopeeClient {
  const { partnerId, partnerKey, apiUrl: baseUrl } = shopee;
  return new ShopeeClient({ partnerId, partnerKey, baseUrl });
}
