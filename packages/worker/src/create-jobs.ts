import type { Logger } from '@shopee-webhook/runtime';
import { buildKeys, ReconciliationStore } from '@shopee-webhook/store';
import { SheetReader } from '@shopee-webhook/sheets';
import type { WorkerConfig } from './config.ts';
import { MoneyReportStore } from './money/money-report-store.ts';
import { overdueDaysOf } from '@shopee-webhook/runtime';
import { OrderProcessor } from './orders/process-order-batch.ts';
import { ShopeeOrders } from './orders/shopee-orders.ts';
import { findSpreadsheet } from '@shopee-webhook/runtime';
import type { WorkerComponents } from './create-deps.ts';
import { reportSchema } from './report/schema.ts';
import { adjustmentsJob } from './jobs/adjustments.ts';
import { backfillJob } from './jobs/backfill.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { lostPushesJob } from './jobs/lost-pushes.ts';
import { payoutCheckJob } from './jobs/payout-check.ts';
import { payoutsJob } from './jobs/payouts.ts';
import { pushHealthJob } from './jobs/push-health.ts';
import { mergeDuplicatesJob } from './jobs/merge-duplicates.ts';
import { walletJob } from './jobs/wallet.ts';
import { createActivityRecorder } from './monitoring/activity-recorder.ts';
import { dailyReconcileJob, deepReconcileJob, reconcileJob } from './jobs/reconcile.ts';

/** The job runner and the stores it shares. */
export interface Jobs {
  runner: JobRunner;
  reports: ReconciliationStore;
  moneyReports: MoneyReportStore;
  reader: SheetReader;
}

/** Wires every job; nothing runs yet. */
export function createJobs(config: WorkerConfig, deps: WorkerComponents, logger: Logger): Jobs {
  const {
    redis,
    locks,
    tokens,
    accessTokens,
    shopee,
    google,
    sheets,
    writtenLog,
    alerts,
    orderRefresh,
    outageMonitor,
    erasedBuyers,
    jobStore,
    firstOrders,
    unexplainedOrders,
  } = deps;
  const { dataDir } = config;
  const keys = redis?.monitor.keys ?? buildKeys('shopee');
  const reports = new ReconciliationStore({ redis: redis?.monitor.redis, key: keys.reconciliations, dataDir });
  const moneyReports = new MoneyReportStore({ redis: redis?.monitor.redis, key: keys.money, dataDir });
  const reader = new SheetReader(google.inBackground(), reportSchema);
  const findShopSpreadsheet = (shopId: string) => findSpreadsheet(config.sheets.spreadsheets, shopId);
  // Calls for past orders yield to those for live events.
  const lowPriority = shopee.withPriority('backfill');
  const orders = new OrderProcessor({
    source: new ShopeeOrders({ shopee: lowPriority, accessTokens, alerts, erasedBuyers }),
    sink: sheets,
    breakers: outageMonitor.breakers,
    findSpreadsheet: findShopSpreadsheet,
    onIncome: (shopId, orderSn, income) => unexplainedOrders.record(shopId, orderSn, income),
  });
  const reconcileDeps = {
    shopee: lowPriority,
    accessTokens,
    tokens,
    reader,
    orderRefresh,
    reports,
    alerts,
    writtenLog,
    findSpreadsheet: findShopSpreadsheet,
    firstOrders,
  };
  const runner = new JobRunner({
    jobs: [
      lostPushesJob({ shopee: lowPriority, orderRefresh, tokens, alerts, findSpreadsheet: findShopSpreadsheet }),
      reconcileJob(reconcileDeps),
      dailyReconcileJob(reconcileDeps),
      deepReconcileJob(reconcileDeps),
      payoutsJob({
        shopee: lowPriority,
        accessTokens,
        tokens,
        orderRefresh,
        reader,
        alerts,
        findSpreadsheet: findShopSpreadsheet,
      }),
      payoutCheckJob({
        shopee: lowPriority,
        accessTokens,
        tokens,
        reader,
        sink: sheets,
        reports: moneyReports,
        alerts,
        logger,
        findSpreadsheet: findShopSpreadsheet,
        overdueDays: (region) => overdueDaysOf(config.overdueDays, region),
      }),
      walletJob({ shopee: lowPriority, accessTokens, tokens, sink: sheets, findSpreadsheet: findShopSpreadsheet }),
      adjustmentsJob({ tokens, orderRefresh, reader, alerts, findSpreadsheet: findShopSpreadsheet }),
      pushHealthJob({ shopee: lowPriority }),
      mergeDuplicatesJob({ sheets, spreadsheetIds: config.sheets.spreadsheets.all }),
      backfillJob({
        shopee: lowPriority,
        accessTokens,
        tokens,
        orders,
        reader,
        queue: redis?.queue,
        findSpreadsheet: findShopSpreadsheet,
        recordActivity: createActivityRecorder(redis?.monitor, logger),
      }),
    ],
    store: jobStore,
    locks,
    logger,
  });
  return { runner, reports, moneyReports, reader };
}
