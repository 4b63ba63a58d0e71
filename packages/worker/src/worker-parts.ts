import type { Logger } from '@shopee-webhook/runtime';
import { Limiter, type ShopeeClient } from '@shopee-webhook/shopee';
import { ForgottenOrders, keysOf, TokenStore, type Locks } from '@shopee-webhook/store';
import { Alarms } from './alarms.ts';
import { googleClient, sheetsQuota, shopeeClient } from './clients.ts';
import type { WorkerConfig } from './config.ts';
import { Pipeline } from './deliveries/pipeline.ts';
import { refreshMissing } from './jobs/missing-rows.ts';
import { Refresher } from './jobs/refresher.ts';
import { ForgottenBuyers } from './orders/forgotten.ts';
import { createOrderHandler } from './orders/order-parts.ts';
import { OutageWatch } from './outages/outage-watch.ts';
import { locksOf, redisParts, sharedAlarms, type RedisParts } from './redis-parts.ts';
import type { GoogleClient } from './sheets/google-client.ts';
import type { Quota } from './sheets/quota.ts';
import { sheetLocks } from './sheets/sheet-locks.ts';
import { SheetWatch } from './sheets/sheet-watch.ts';
import { SheetWriter, type MissingRows } from './sheets/sheet-writer.ts';
import { ShopFacts } from './shops/shop-facts.ts';
import { ShopWatch } from './shops/shop-watch.ts';
import { TokenKeeper } from './shops/token-keeper.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What everything else stands on. */
interface BaseParts {
  redis: RedisParts | undefined;
  locks: Locks;
  tokens: TokenStore;
  keeper: TokenKeeper;
  limiter: Limiter;
  shopee: ShopeeClient;
  quota: Quota;
  google: GoogleClient;
  sheets: SheetWriter;
  alarms: Alarms;
  outages: OutageWatch;
}

/** Everything the worker is made of, wired and not yet running. Scheduled jobs use the same parts. */
export interface WorkerParts extends BaseParts {
  shopWatch: ShopWatch;
  shopFacts: ShopFacts;
  sheetWatch: SheetWatch;
  pipeline: Pipeline;
  refresher: Refresher;
  forgotten: ForgottenBuyers;
}

interface Surroundings {
  logger: Logger;
  metrics: WorkerMetrics;
  /** Hears of rows that a user's edit cost. */
  onMissing: (missing: MissingRows) => Promise<readonly string[]>;
}

/** Wires the parts by hand; nothing runs or connects yet. */
export function buildParts(config: WorkerConfig, logger: Logger, metrics: WorkerMetrics): WorkerParts {
  // What the sheet lost is fetched again by parts that stand on the sheet: known only when it happens.
  const onMissing = (missing: MissingRows) => refreshMissing({ refresher, shopee, keeper, logger }, missing);
  const base = baseParts(config, { logger, metrics, onMissing });
  const { redis, tokens, keeper, shopee, google, sheets, alarms, outages } = base;
  const { gates } = outages;
  const { orderEventCodes, consumers, publicUrl } = config;
  const { spreadsheets } = config.sheets;
  const forgotten = new ForgottenBuyers({ store: redis && new ForgottenOrders(redis.link), logger });
  const orders = createOrderHandler({ shopee, keeper, sheets, gates, alarms, spreadsheets, forgotten });
  const pipeline = new Pipeline({ orderEventCodes, orders, shops: { tokens, keeper, alarms, publicUrl } });
  const { maxRetries } = consumers;
  const refresher = new Refresher({ queue: redis?.queue, pipeline, maxRetries, orderEventCodes });
  return {
    ...base,
    shopWatch: new ShopWatch({ tokens, gates, alarms }),
    shopFacts: new ShopFacts({ tokens, keeper, shopee, alarms, logger, publicUrl }),
    sheetWatch: new SheetWatch({ sheets, google, spreadsheetIds: spreadsheets.all, alarms }),
    pipeline,
    refresher,
    forgotten,
  };
}

function baseParts(config: WorkerConfig, { logger, metrics, onMissing }: Surroundings): BaseParts {
  const redis = redisParts(config, logger);
  const keys = redis?.link.keys ?? keysOf('shopee');
  const tokens = new TokenStore({ redis: redis?.link.redis, keys, dataDir: config.dataDir });
  const locks = locksOf(redis, config);
  const alarms = new Alarms({ owner: config.workerId, logger, ...sharedAlarms(redis) });
  const limiter = new Limiter();
  const shopee = shopeeClient(config, limiter, metrics);
  const quota = sheetsQuota(config, redis);
  const google = googleClient(config, quota, metrics);
  const { rotation, summary } = config.sheets;
  return {
    redis,
    locks,
    tokens,
    keeper: new TokenKeeper({ tokens, locks, shopee, alarms, logger }),
    limiter,
    shopee,
    quota,
    google,
    sheets: new SheetWriter({
      google,
      logger,
      locks: sheetLocks(locks),
      rotation,
      summary,
      dataDir: config.dataDir,
      onMissing,
      onSettled: (results) => metrics.wrote(results),
    }),
    alarms,
    outages: new OutageWatch({ alarms, queue: redis?.queue, logger, maxMessages: config.consumers.maxInHand }),
  };
}
