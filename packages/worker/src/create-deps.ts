import type { Logger } from '@shopee-webhook/runtime';
import { Limiter, type ShopeeClient } from '@shopee-webhook/shopee';
import {
  type AlertEngine,
  buildKeys,
  ErasureRequests,
  type Locks,
  SettingsStore,
  TokenStore,
} from '@shopee-webhook/store';
import {
  type GoogleClient,
  type MissingRows,
  type Quota,
  SheetMonitor,
  SheetWriter,
  RedisWrittenLog,
  sheetLocks,
  type WrittenLog,
} from '@shopee-webhook/sheets';
import { createGoogleClient, createSheetsQuota, createShopeeClient } from './create-clients.ts';
import type { WorkerConfig } from './config.ts';
import { EventRouter } from './consumer/event-router.ts';
import { FileJobStore, RedisJobStore, type JobStore } from '@shopee-webhook/store';
import { FirstOrders } from './jobs/first-orders.ts';
import { refreshMissing } from './jobs/missing-rows.ts';
import { OrderRefresh } from './jobs/order-refresh.ts';
import { ErasedBuyers } from './orders/erasure.ts';
import { UnexplainedOrders } from './money/unexplained-orders.ts';
import { OrderProcessor } from './orders/process-order-batch.ts';
import { ShopeeOrders } from './orders/shopee-orders.ts';
import { RuntimeSettings } from './consumer/runtime-settings.ts';
import { findSpreadsheet } from '@shopee-webhook/runtime';
import { OutageMonitor } from './upstreams/outage-monitor.ts';
import { createAlerts, createLocks, createRedis, type RedisDeps } from './create-redis.ts';
import { ShopInfoRefresher } from './shops/shop-info.ts';
import { ShopMonitor } from './shops/shop-monitor.ts';
import { AccessTokens } from './shops/access-tokens.ts';
import type { WorkerMetrics } from './monitoring/metrics.ts';
import { reportSchema } from './report/schema.ts';
import { summaryTabs } from './report/summary.ts';

/** Shared dependencies. */
interface BaseDeps {
  redis: RedisDeps | undefined;
  locks: Locks;
  tokens: TokenStore;
  accessTokens: AccessTokens;
  limiter: Limiter;
  shopee: ShopeeClient;
  quota: Quota;
  google: GoogleClient;
  sheets: SheetWriter;
  writtenLog: WrittenLog | undefined;
  alerts: AlertEngine;
  outageMonitor: OutageMonitor;
}

/** All components of the worker, wired and not yet running. Scheduled jobs share them. */
export interface WorkerComponents extends BaseDeps {
  /** How the jobs' runs went, and which are requested. */
  jobStore: JobStore;
  shopMonitor: ShopMonitor;
  shopInfo: ShopInfoRefresher;
  sheetMonitor: SheetMonitor;
  router: EventRouter;
  orderRefresh: OrderRefresh;
  erasedBuyers: ErasedBuyers;
  firstOrders: FirstOrders;
  unexplainedOrders: UnexplainedOrders;
  runtimeSettings: RuntimeSettings;
  /** Orders from Shopee, for live events. */
  orderSource: ShopeeOrders;
}

interface BaseOptions {
  logger: Logger;
  metrics: WorkerMetrics;
  /** Called with rows that a user's edit removed. */
  onMissing: (missing: MissingRows) => Promise<readonly string[]>;
}

/** Wires the components by hand; nothing runs or connects yet. */
export function createComponents(config: WorkerConfig, logger: Logger, metrics: WorkerMetrics): WorkerComponents {
  // Missing rows are refetched by components that depend on the sheet writer itself, hence the late binding.
  const onMissing = (missing: MissingRows) =>
    refreshMissing({ orderRefresh, shopee, accessTokens, jobStore, logger }, missing);
  const base = createBase(config, { logger, metrics, onMissing });
  const { redis, tokens, accessTokens, shopee, google, sheets, alerts, outageMonitor } = base;
  const jobStore =
    redis === undefined
      ? new FileJobStore(config.dataDir)
      : new RedisJobStore({ redis: redis.monitor.redis, key: redis.monitor.keys.jobs });
  const { breakers } = outageMonitor;
  const { consumers, publicUrl } = config;
  const { spreadsheets } = config.sheets;
  const erasedBuyers = new ErasedBuyers({ store: redis && new ErasureRequests(redis.monitor), logger });
  const orderSource = new ShopeeOrders({ shopee, accessTokens, alerts, erasedBuyers });
  const firstOrders = new FirstOrders();
  const unexplainedOrders = new UnexplainedOrders({ alerts });
  const orders = new OrderProcessor({
    source: orderSource,
    sink: sheets,
    breakers,
    findSpreadsheet: (shopId) => findSpreadsheet(spreadsheets, shopId),
    onWritten: (shopId) => firstOrders.record(shopId),
    onIncome: (shopId, orderSn, income) => unexplainedOrders.record(shopId, orderSn, income),
  });
  const settingsStore = redis && new SettingsStore({ redis: redis.monitor.redis, keys: redis.monitor.keys });
  const runtimeSettings = new RuntimeSettings({ store: settingsStore, config, logger });
  const orderEventCodes = () => runtimeSettings.orderEventCodes;
  const router = new EventRouter({ orderEventCodes, orders, shops: { tokens, accessTokens, alerts, publicUrl } });
  const { maxRetries } = consumers;
  const orderRefresh = new OrderRefresh({ queue: redis?.queue, router, maxRetries, orderEventCodes });
  return {
    ...base,
    jobStore,
    shopMonitor: new ShopMonitor({ tokens, breakers, alerts }),
    shopInfo: new ShopInfoRefresher({ tokens, accessTokens, shopee, alerts, logger, publicUrl }),
    sheetMonitor: new SheetMonitor({ sheets, google, spreadsheetIds: spreadsheets.all, alerts }),
    router,
    orderRefresh,
    erasedBuyers,
    firstOrders,
    unexplainedOrders,
    runtimeSettings,
    orderSource,
  };
}

function createBase(config: WorkerConfig, { logger, metrics, onMissing }: BaseOptions): BaseDeps {
  const redis = createRedis(config, logger);
  const keys = redis?.monitor.keys ?? buildKeys('shopee');
  const tokens = new TokenStore({ redis: redis?.monitor.redis, keys, dataDir: config.dataDir });
  const locks = createLocks(redis, config);
  const alerts = createAlerts(redis, config, logger);
  const limiter = new Limiter();
  const shopee = createShopeeClient(config, limiter, metrics);
  const quota = createSheetsQuota(config, redis);
  const google = createGoogleClient(config, quota, metrics);
  const { rotation, summary } = config.sheets;
  const writtenLog = redis && new RedisWrittenLog({ redis: redis.monitor.redis, keyOf: keys.writtenRows });
  return {
    redis,
    locks,
    tokens,
    accessTokens: new AccessTokens({ tokens, locks, shopee, alerts, logger }),
    limiter,
    shopee,
    quota,
    google,
    sheets: new SheetWriter({
      google,
      logger,
      locks: sheetLocks(locks),
      schema: reportSchema,
      rotation,
      derivedTabs: summary ? summaryTabs : undefined,
      dataDir: config.dataDir,
      writtenLog,
      alerts,
      onMissing,
      onSettled: (results) => metrics.onWritten(results),
    }),
    writtenLog,
    alerts,
    outageMonitor: new OutageMonitor({
      alerts,
      queue: redis?.queue,
      logger,
      maxMessages: config.consumers.maxInFlight,
    }),
  };
}
