import type { Logger } from '@shopee-webhook/runtime';
import { Limiter, ShopeeClient } from '@shopee-webhook/shopee';
import { keysOf, LocalLocks, Queue, RedisLocks, TokenStore, type Locks } from '@shopee-webhook/store';
import { Alarms, type SharedAlarms } from './alarms.ts';
import { AwayLocks } from './away-locks.ts';
import type { WorkerConfig } from './config.ts';
import { FetchGatherer } from './orders/fetch-gatherer.ts';
import { refreshMissing } from './jobs/missing-rows.ts';
import { Refresher } from './jobs/refresher.ts';
import { fetchOrders, type OrderFetcherOptions } from './orders/order-fetcher.ts';
import { OrderHandler } from './orders/order-handler.ts';
import { OutageWatch } from './outages/outage-watch.ts';
import { Pipeline } from './deliveries/pipeline.ts';
import { RedisLink } from './redis-link.ts';
import { sheetLocks } from './sheets/sheet-locks.ts';
import { SheetWatch } from './sheets/sheet-watch.ts';
import { GoogleClient } from './sheets/google-client.ts';
import { LocalQuota, SharedQuota } from './sheets/quota.ts';
import { SheetWriter } from './sheets/sheet-writer.ts';
import { ShopFacts } from './shops/shop-facts.ts';
import { ShopWatch } from './shops/shop-watch.ts';
import { spreadsheetOf } from './spreadsheets.ts';
import { TokenKeeper } from './shops/token-keeper.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What of the worker works only with Redis. */
export interface RedisParts {
  link: RedisLink;
  queue: Queue;
  outbox: Queue;
}

/** Everything the worker is made of, wired and not yet running. Scheduled jobs use the same parts. */
export interface WorkerParts {
  redis: RedisParts | undefined;
  locks: Locks;
  tokens: TokenStore;
  keeper: TokenKeeper;
  limiter: Limiter;
  shopee: ShopeeClient;
  google: GoogleClient;
  sheets: SheetWriter;
  alarms: Alarms;
  outages: OutageWatch;
  shopWatch: ShopWatch;
  shopFacts: ShopFacts;
  sheetWatch: SheetWatch;
  pipeline: Pipeline;
  refresher: Refresher;
}

/** Wires the parts by hand; nothing runs or connects yet. */
export function buildParts(config: WorkerConfig, logger: Logger, metrics: WorkerMetrics): WorkerParts {
  const redis = config.redis === undefined ? undefined : redisParts(config, config.redis, logger);
  const { dataDir } = config;
  const keys = redis?.link.keys ?? keysOf('shopee');
  const tokens = new TokenStore({ redis: redis?.link.redis, keys, dataDir });
  const locks: Locks =
    redis === undefined
      ? new LocalLocks()
      : new AwayLocks({ shared: new RedisLocks({ redis: redis.link.redis, keys }), awayMs: () => redis.link.awayMs() });
  const alarms = new Alarms({
    owner: config.workerId,
    logger,
    ...(redis === undefined ? {} : { shared: sharedAlarms(redis) }),
  });
  const outages = new OutageWatch({ alarms, queue: redis?.queue, logger, maxMessages: config.consumers.maxInHand });
  const { gates } = outages;
  const limiter = new Limiter();
  const shopee = shopeeClient(config, limiter, metrics);
  const keeper = new TokenKeeper({ tokens, locks, shopee, alarms, logger });
  const google = googleClient(config, redis, metrics);
  const { rotation, summary } = config.sheets;
  const sheets = new SheetWriter({
    google,
    logger,
    locks: sheetLocks(locks),
    rotation,
    summary,
    onMissing: (missing) => refreshMissing({ refresher, shopee, keeper }, missing),
  });
  const gatherer = new FetchGatherer({
    fetch: (shopId, orderSns) => fetchOrders({ shopee, keeper, onEscrow: escrowAlarms(alarms) }, shopId, orderSns),
  });
  const orders = new OrderHandler({
    fetch: (shopId, orderSns) => gatherer.fetch(shopId, orderSns),
    shopee,
    keeper,
    sheets,
    gates,
    spreadsheetOf: (shopId) => spreadsheetOf(config.sheets.spreadsheets, shopId),
  });
  const pipeline = new Pipeline({ orderEventCodes: config.orderEventCodes, orders, shops: { tokens, keeper, alarms } });
  const refresher = new Refresher({
    queue: redis?.queue,
    pipeline,
    maxRetries: config.consumers.maxRetries,
    orderEventCodes: config.orderEventCodes,
  });
  return {
    redis,
    locks,
    tokens,
    keeper,
    limiter,
    shopee,
    google,
    sheets,
    alarms,
    outages,
    shopWatch: new ShopWatch({ tokens, gates, alarms }),
    shopFacts: new ShopFacts({ tokens, keeper, shopee, alarms, logger }),
    sheetWatch: new SheetWatch({ sheets, google, spreadsheetIds: config.sheets.spreadsheets.all, alarms }),
    pipeline,
    refresher,
  };
}

function redisParts(config: WorkerConfig, redis: NonNullable<WorkerConfig['redis']>, logger: Logger): RedisParts {
  const name = `worker ${config.workerId}`;
  const link = new RedisLink({ config: redis, name, dataDir: config.dataDir, logger });
  const { keys } = link;
  const base = { redis: link.redis, activityKey: keys.activity };
  return {
    link,
    queue: new Queue({ ...base, keys: keys.webhooks, outboxKeys: keys.notifications }),
    outbox: new Queue({ redis: link.redis, keys: keys.notifications }),
  };
}

function sharedAlarms({ link, outbox }: RedisParts): SharedAlarms {
  return { outbox, redis: link.redis, key: link.keys.alarms };
}

function shopeeClient(config: WorkerConfig, limiter: Limiter, metrics: WorkerMetrics): ShopeeClient {
  return new ShopeeClient({
    partnerId: config.partner.id,
    partnerKey: config.partner.key,
    baseUrl: config.shopeeUrl,
    limiter,
    onCall: ({ path, error, ms }) => metrics.shopeeCalls.observe({ path, error: error ?? '' }, ms / 1000),
  });
}

function googleClient(config: WorkerConfig, redis: RedisParts | undefined, metrics: WorkerMetrics): GoogleClient {
  const { account, rootUrl, tokenUrl } = config.sheets;
  const shared = redis === undefined ? undefined : { redis: redis.link.redis, keys: redis.link.keys };
  return new GoogleClient({
    account,
    quota: shared === undefined ? new LocalQuota() : new SharedQuota({ ...shared, email: account.email }),
    rootUrl,
    tokenUrl,
    onCall: ({ method, error, ms }) => metrics.sheetCalls.observe({ method, error: error?.kind ?? '' }, ms / 1000),
  });
}

/** An app that may not read escrow writes orders without their income, and the operator is told. */
function escrowAlarms(alarms: Alarms): OrderFetcherOptions['onEscrow'] {
  return (shopId, refusal) => {
    const key = `escrow:${shopId}`;
    if (refusal === undefined) void alarms.end(key);
    else
      void alarms.begin(key, {
        severity: 'warning',
        title: `Shop ${shopId}: escrow may not be read`,
        text: `Orders are written without their income. ${refusal.message}. Check the app's category and permissions.`,
      });
  };
}
