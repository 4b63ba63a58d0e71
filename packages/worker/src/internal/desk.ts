import type { WorkerConfig } from '../config.ts';
import type { Jobs } from '../jobs/create-jobs.ts';
import { fetchOrders } from '../orders/order-fetcher.ts';
import { spreadsheetOf as ofShop } from '../spreadsheets.ts';
import type { WorkerParts } from '../worker-parts.ts';
import { dryRun } from './dry-run.ts';
import { forget } from './forget.ts';
import { inSheet, orderSides } from './order-sides.ts';
import type { WorkerDesk } from './routes.ts';
import { workerSettings } from './settings.ts';
import { pushStatus, testSheets, testShopee } from './side-tests.ts';

/** Answers the dashboard from the worker's own parts. */
export function createDesk(config: WorkerConfig, parts: WorkerParts, { runner, accounts }: Jobs): WorkerDesk {
  const { google, sheets, shopee, keeper, tokens } = parts;
  // That an app may not read escrow is told where orders are handled.
  const fetching = { shopee, keeper, onEscrow: () => undefined, served: new Map<string, string>() };
  const fetch = (shopId: string, orderSns: readonly string[]) => fetchOrders(fetching, shopId, orderSns);
  const spreadsheetOf = (shopId: string) => ofShop(config.sheets.spreadsheets, shopId);
  const { orderEventCodes } = config;
  return {
    order: (asked) => orderSides({ fetch, google, spreadsheetOf }, asked),
    'order-row': (asked) => inSheet({ google, spreadsheetOf }, asked),
    'dry-run': (asked) => dryRun({ fetch, shopee, keeper, google, spreadsheetOf, orderEventCodes }, asked),
    forget: async ({ dryRun, ...asked }) => {
      await parts.forgotten.look();
      return forget({ google, sheets, spreadsheetIds: config.sheets.spreadsheets.all }, asked, dryRun);
    },
    'test-sheet': () => testSheets(google, config.sheets.spreadsheets.all),
    'test-shopee': () => testShopee({ shopee, keeper, tokens }),
    'push-status': () => pushStatus(shopee),
    settings: async () => workerSettings(config),
    accounts: async () => ({ accounts: await accounts.list() }),
    jobs: async () => ({ jobs: await runner.list(), scheduled: config.scheduledJobs }),
    'job-run': async ({ name, options }) => ({ outcome: await runner.run(name, options) }),
    'job-stop': async ({ name }) => ({ outcome: runner.cancel(name) ? 'stopping' : 'elsewhere' }),
  };
}
