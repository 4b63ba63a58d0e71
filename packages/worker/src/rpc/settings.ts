import type { WorkerSettings } from '@shopee-webhook/contracts/worker-rpc';
import type { WorkerConfig } from '../config.ts';

/** The worker's effective settings. Secrets show only whether they are set. */
export function getWorkerSettings(config: WorkerConfig): WorkerSettings {
  const { consumers, sheets, workerId, port, overdueDays } = config;
  const { spreadsheets } = sheets;
  const values: Record<string, string | number | boolean | undefined | null> = {
    WORKER_ID: workerId,
    WORKER_PORT: port,
    REDIS_NUM_WORKERS: consumers.count,
    REDIS_MAX_RETRIES: consumers.maxRetries,
    WORKER_BATCH_SIZE: consumers.batchSize,
    WORKER_MAX_IN_FLIGHT: consumers.maxInFlight,
    SCHEDULED_JOBS: config.scheduledJobs,
    // Null: set, not shown.
    GOOGLE_CREDENTIALS_JSON: null,
    SPREADSHEET_ID: formatSpreadsheets(spreadsheets),
    SHEETS_ROTATE: sheets.rotation,
    SHEETS_SUMMARY: sheets.summary,
    PAYOUT_OVERDUE_DAYS: formatOverdueDays(overdueDays),
    GOOGLE_SHEETS_API_URL: sheets.rootUrl,
    GOOGLE_TOKEN_URL: sheets.tokenUrl,
  };
  return {
    settings: Object.entries(values).map(([name, value]) => ({
      name,
      value: value === undefined || value === null ? null : String(value),
      isSet: value !== undefined,
      fromEnv: config.setVariables?.has(name) === true,
    })),
    serviceAccount: sheets.account.email,
    spreadsheets: [
      ...(spreadsheets.default === undefined ? [] : [{ shop: null, spreadsheetId: spreadsheets.default }]),
      ...[...spreadsheets.byShop].map(([shop, spreadsheetId]) => ({ shop, spreadsheetId })),
    ],
  };
}

function formatSpreadsheets({ default: fallback, byShop }: WorkerConfig['sheets']['spreadsheets']): string {
  const pairs = [...byShop].map(([shop, id]) => `${shop}:${id}`);
  return [...(fallback === undefined ? [] : [fallback]), ...pairs].join(',');
}

function formatOverdueDays({ default: fallback, byRegion }: WorkerConfig['overdueDays']): string {
  return [String(fallback), ...[...byRegion].map(([region, days]) => `${region}:${String(days)}`)].join(',');
}
