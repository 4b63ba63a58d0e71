import { readServiceAccount } from '@shopee-webhook/runtime';
import { createLogger } from '@shopee-webhook/runtime';
import { LocalLocks, type Locks } from '@shopee-webhook/store';
import { onTestFinished, vi } from 'vitest';
import {
  type AlertSink,
  type Cell,
  GoogleClient,
  LocalQuota,
  type Quota,
  type SheetAlert,
  type SheetRow,
  SheetWriter,
  type SheetWriterOptions,
  type WriterTimings,
} from '../src/index.ts';
import { createGoogle, type Google, type GoogleOptions } from '../../sandbox/src/index.ts';
import { columnsOf, type Tab } from '../../worker/src/report/columns.ts';
import { reportSchema } from '../../worker/src/report/schema.ts';

const noQuota: Quota = {
  acquire: () => Promise.resolve(),
  pause: () => Promise.resolve(),
  remaining: () => Promise.resolve(6),
};

const fast: WriterTimings = {
  minFlushIntervalMs: 10,
  lockHoldMs: 200,
  uncontendedHoldMs: 400,
  verifyDelayMs: 50,
  inDoubtWindowMs: 3000,
  initialBackoffMs: 50,
  shortRetryMs: 300,
  longRetryMs: 300,
  settingsIntervalMs: 300_000,
  missingReportRetryMs: 300,
};

/** What a user reads in one row of a tab, by header. */
export type ShownRow = Record<string, unknown>;

/** The fake for Google with a way to make writers and rows. */
export class SheetWorld {
  readonly google: Google;
  readonly locks: Locks = new LocalLocks();
  /** Lines that were logged. */
  readonly log: string[] = [];

  constructor(google: Google) {
    this.google = google;
  }

  get spreadsheetId(): string {
    return this.google.spreadsheetId;
  }

  /** A writer as one worker has it; stopped at the end of the test. */
  writer(
    options: Partial<SheetWriterOptions> & { quota?: Quota; timeoutMs?: number; account?: object } = {},
  ): SheetWriter {
    const { google } = this;
    const { quota = noQuota, timeoutMs = 1000, account = google.credentials, timings, ...rest } = options;
    const client = new GoogleClient({
      account: readServiceAccount(JSON.stringify(account)),
      quota,
      rootUrl: google.url,
      tokenUrl: google.tokenUrl,
      timeoutMs,
    });
    const destination = { write: (line: string) => void this.log.push(line) };
    const logger = createLogger({ name: 'test', level: 'debug', destination });
    const writer = new SheetWriter({
      google: client,
      logger,
      locks: this.locks,
      timings: { ...fast, ...timings },
      schema: reportSchema,
      ...rest,
    });
    onTestFinished(async () => {
      client.forceStop();
      await writer.stop();
    });
    return writer;
  }

  /** A sink of alerts, and what it took: those without an end, and those that are firing. */
  alerts() {
    const notified: SheetAlert[] = [];
    const firing = new Map<string, SheetAlert>();
    const sink: AlertSink = {
      notify: async (_key, alert) => void notified.push(alert),
      raise: async (key, alert) => void firing.set(key, alert),
      resolve: async (key) => void firing.delete(key),
    };
    return { sink, notified, firing };
  }

  /** A row with a few cells; `version` is also its update time. */
  row(key: string, version: number, cells: Record<string, Cell> = {}, tab: Tab = 'Orders'): SheetRow {
    return {
      spreadsheetId: this.spreadsheetId,
      tab,
      key,
      version,
      shopId: '1',
      cells: { order_sn: key.split(':')[1] ?? '', order_status: 'READY_TO_SHIP', total_amount: version, ...cells },
    };
  }

  /** The filled rows of a tab as the user sees them, by header. */
  rows(title = 'Orders'): ShownRow[] {
    return this.google.sheet(title).records();
  }

  /** Key → version, of each row that has a key. */
  versions(title = 'Orders'): [string, unknown][] {
    return this.rows(title)
      .filter((row) => row['Row key'] !== '')
      .map((row) => [String(row['Row key']), row['Version']]);
  }

  /** Until everything is written, verified and repaired. */
  async settled(...writers: SheetWriter[]): Promise<void> {
    await vi.waitFor(
      () => {
        if (!writers.every(({ isIdle }) => isIdle)) throw new Error('not yet quiet');
      },
      { timeout: 15_000, interval: 20 },
    );
  }
}

/** Starts a fake without latency and, unless said otherwise, without quotas; closed at the end of the test. */
export async function sheetWorld(options: GoogleOptions = {}): Promise<SheetWorld> {
  const unlimited = {
    readsPerUser: Infinity,
    writesPerUser: Infinity,
    readsPerProject: Infinity,
    writesPerProject: Infinity,
  };
  const google = await createGoogle({ quotas: unlimited, ...options });
  onTestFinished(() => google.close());
  return new SheetWorld(google);
}

export const headersOf = (tab: Tab): string[] => columnsOf[tab].map((column) => column.header);

export { LocalQuota };
