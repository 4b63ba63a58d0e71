import type { WorkerConfig } from './config.ts';
import type { Jobs } from './create-jobs.ts';
import { findSpreadsheet as ofShop } from '@shopee-webhook/runtime';
import type { WorkerComponents } from './create-deps.ts';
import { dryRun } from './rpc/dry-run.ts';
import { eraseBuyer } from './rpc/erase-buyer.ts';
import { findSheetOrder, compareOrder } from './rpc/order-comparison.ts';
import type { RpcHandlers } from './rpc/routes.ts';
import { getWorkerSettings } from './rpc/settings.ts';
import { getStatement } from './rpc/statement.ts';
import { getPushStatus, testSheets, testShopee } from './rpc/connection-tests.ts';

/** The RPC handlers that the dashboard calls through the forwarder. */
export function createRpcHandlers(
  config: WorkerConfig,
  deps: WorkerComponents,
  { runner, reports, moneyReports, reader }: Jobs,
): RpcHandlers {
  const { google, sheets, shopee, accessTokens, tokens, orderSource: source, runtimeSettings } = deps;
  const findShopSpreadsheet = (shopId: string) => ofShop(config.sheets.spreadsheets, shopId);
  const orderEventCodes = () => runtimeSettings.orderEventCodes;
  return {
    order: (requested) => compareOrder({ source, google, findSpreadsheet: findShopSpreadsheet }, requested),
    'order-row': (requested) => findSheetOrder({ google, findSpreadsheet: findShopSpreadsheet }, requested),
    'dry-run': (requested) =>
      dryRun({ source, google, findSpreadsheet: findShopSpreadsheet, orderEventCodes }, requested),
    erase: async ({ dryRun, ...requested }) => {
      await deps.erasedBuyers.refresh();
      return eraseBuyer({ google, sheets, spreadsheetIds: config.sheets.spreadsheets.all }, requested, dryRun);
    },
    'test-sheet': () => testSheets(google, config.sheets.spreadsheets.all),
    'test-shopee': () => testShopee({ shopee, accessTokens, tokens }),
    'push-status': () => getPushStatus(shopee),
    settings: async () => getWorkerSettings(config),
    reconciliations: async () => ({ reconciliations: await reports.list() }),
    money: async () => ({ reports: await moneyReports.list() }),
    statement: (requested) => getStatement({ reader, tokens, findSpreadsheet: findShopSpreadsheet }, requested),
    jobs: async () => ({ jobs: await runner.list(), scheduled: config.scheduledJobs }),
    'job-run': async ({ name, options }) => ({ outcome: await runner.run(name, options) }),
    'job-stop': async ({ name }) => ({ outcome: runner.cancel(name) ? 'stopping' : 'elsewhere' }),
  };
}
