import type { Logger } from '@shopee-webhook/runtime';
import { keysOf } from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';
import { fetchOrders } from '../orders/order-fetcher.ts';
import { OrderHandler } from '../orders/order-handler.ts';
import { SheetReader } from '../sheets/sheet-reader.ts';
import { spreadsheetOf } from '../spreadsheets.ts';
import type { WorkerParts } from '../worker-parts.ts';
import { backfillJob } from './backfill.ts';
import { FileJobRecords, RedisJobRecords } from './job-records.ts';
import { JobRunner } from './job-runner.ts';
import { lostPushesJob } from './lost-pushes.ts';
import { OrderAccounts } from './order-accounts.ts';
import { payoutsJob } from './payouts.ts';
import { pushHealthJob } from './push-health.ts';
import { dailyReconcileJob, reconcileJob } from './reconcile.ts';

/** The scheduled jobs and what they share with the rest. */
export interface Jobs {
  runner: JobRunner;
  accounts: OrderAccounts;
  reader: SheetReader;
}

/** Wires every job from the worker's parts; nothing runs yet. */
export function createJobs(config: WorkerConfig, parts: WorkerParts, logger: Logger): Jobs {
  const { redis, locks, tokens, keeper, shopee, google, sheets, alarms, refresher, outages, forgotten } = parts;
  const { dataDir } = config;
  const keys = redis?.link.keys ?? keysOf('shopee');
  const accounts = new OrderAccounts({ redis: redis?.link.redis, key: keys.accounts, dataDir });
  const reader = new SheetReader(google);
  const ofShop = (shopId: string) => spreadsheetOf(config.sheets.spreadsheets, shopId);
  // Calls for what is long past leave room for those for live events.
  const patient = shopee.withPriority('backfill');
  const fetching = { shopee: patient, keeper, onEscrow: () => undefined, served: new Map<string, string>() };
  const orders = new OrderHandler({
    fetch: async (shopId, sns) => forgotten.strip(await fetchOrders(fetching, shopId, sns)),
    isForgotten: (sn) => forgotten.has(sn),
    shopee: patient,
    keeper,
    sheets,
    gates: outages.gates,
    spreadsheetOf: ofShop,
  });
  const compared = { shopee: patient, keeper, tokens, reader, refresher, accounts, alarms, spreadsheetOf: ofShop };
  const runner = new JobRunner({
    jobs: [
      lostPushesJob({ shopee: patient, refresher, tokens, alarms, spreadsheetOf: ofShop }),
      reconcileJob(compared),
      dailyReconcileJob(compared),
      payoutsJob({ shopee: patient, keeper, tokens, refresher, reader, alarms, spreadsheetOf: ofShop }),
      pushHealthJob({ shopee: patient }),
      backfillJob({ shopee: patient, keeper, tokens, orders, reader, queue: redis?.queue, spreadsheetOf: ofShop }),
    ],
    records:
      redis === undefined
        ? new FileJobRecords(dataDir)
        : new RedisJobRecords({ redis: redis.link.redis, key: keys.jobs }),
    locks,
    logger,
  });
  return { runner, accounts, reader };
}
