import { systemClock } from '@shopee-webhook/runtime';
import { midnightIn, timeZoneOf, type ShopeeClient } from '@shopee-webhook/shopee';
import type { AlertEngine, TokenStore } from '@shopee-webhook/store';
import {
  findOutdated,
  unixSeconds,
  type SheetEntry,
  type SheetReader,
  type WrittenLog,
  type WrittenVersion,
} from '@shopee-webhook/sheets';
import { errorText } from '../upstreams/errors.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import type { FirstOrders } from './first-orders.ts';
import { summarizeReconciliation } from './reconciliation-summary.ts';
import type { Job, JobRun } from './job.ts';
import { orderPages } from './order-pages.ts';
import type { ReconciliationReport, ReconciliationStore } from '@shopee-webhook/store';
import type { OrderRefresh } from './order-refresh.ts';
import { FailedOrders } from './failed-orders.ts';

export interface ReconcileDeps {
  shopee: ShopeeClient;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
  reader: Pick<SheetReader, 'readEntries'>;
  orderRefresh: Pick<OrderRefresh, 'refreshOrder'>;
  reports: ReconciliationStore;
  alerts: Pick<AlertEngine, 'notify' | 'raise' | 'resolve'>;
  /** What was written last; without it a restored version of the file is found by Shopee's lists only. */
  writtenLog?: WrittenLog | undefined;
  findSpreadsheet: (shopId: string) => string | undefined;
  firstOrders?: Pick<FirstOrders, 'areUnreported'>;
  now?: () => number;
}

/** The result of a reconciliation over all shops. */
export interface ReconcileResult extends Record<string, unknown> {
  /** Unix seconds. */
  from: number;
  to: number;
  checked: number;
  missing: number;
  stale: number;
  /** Rows that stand at an older version than was written: somebody restored an older version of the file. */
  restored: number;
  /** Orders queued. */
  repaired: number;
  /** Shop → error of shops that could not be checked or repaired completely. */
  failed: Record<string, string>;
  /** Shop → time up to which its orders are checked; unchanged when it failed. Unix seconds. */
  coveredUntil: Record<string, number>;
}

const hour = 3_600;
const day = 24 * hour;
/** A date that was typed into the sheet must not have decades listed. Seconds. */
const maxAge = 5 * 365 * day;
/** Pushes of a younger order may still be in transit or queued: it is not missing yet. Seconds. */
const settleDelay = 120;

/** Reconciles the last two hours every hour; after downtime of the worker or a shop, everything since the last run. */
export function reconcileJob(options: ReconcileDeps): Job {
  return {
    name: 'reconcile',
    description: 'Compares orders changed in the last two hours, or since the last run, with the sheet and repairs it.',
    intervalMs: hour * 1000,
    runOnStart: true,
    // A minute more than the youngest orders that it compares.
    isDue: async () =>
      (await options.firstOrders?.areUnreported((settleDelay + 60) * 1000, () => options.reports.list())) ?? false,
    async run(run) {
      const now = seconds(options);
      const requested = run.options['from'];
      const from = typeof requested === 'number' ? requested : now - 2 * hour;
      const queued = new Set<string>();
      const result = await reconcile(options, run, { from, to: now, coveredUntil: previousCoverage(run), queued });
      // The first time the whole week, so that a new installation need not wait for the daily run.
      const isFirst = (await options.reports.list()).length === 0;
      const { failed } = await recordReconciliation(options, run, { days: isFirst ? 7 : 0, isQuiet: true, queued });
      return { ...result, failed: { ...failed, ...result.failed } };
    },
  };
}

/** Reconciles the last seven days once a day, with a report for each day. */
export function dailyReconcileJob(options: ReconcileDeps): Job {
  return {
    name: 'reconcile-week',
    description:
      'Compares the orders of the last seven days with the sheet, repairs it, and records a daily reconciliation.',
    intervalMs: day * 1000,
    async run(run) {
      const now = seconds(options);
      const days = typeof run.options['days'] === 'number' ? Math.min(90, run.options['days']) : 7;
      const result = await reconcile(options, run, { from: now - days * day, to: now, coveredUntil: {} });
      const { failed, ...reconciliation } = await recordReconciliation(options, run, { days });
      return { ...result, failed: { ...failed, ...result.failed }, reconciliation };
    },
  };
}

/**
 * Reconciles every order of the sheet once a week, oldest first: what only a restored version of the file shows, or an order
 * that changed long ago. A run that was interrupted goes on where it was.
 */
export function deepReconcileJob(options: ReconcileDeps): Job {
  return {
    name: 'reconcile-all',
    description: 'Compares every order since the oldest one in the sheet with Shopee, oldest first, and repairs it.',
    intervalMs: 7 * day * 1000,
    async run(run) {
      const doneUntil = { ...previousCoverage({ ...run, last: run.interrupted }) };
      return reconcile(options, run, { from: 0, to: seconds(options), coveredUntil: doneUntil, isDeep: true });
    },
  };
}

/** Shop → time up to which earlier runs checked it. */
function previousCoverage({ last }: JobRun): Record<string, number> {
  const covered = last?.['coveredUntil'];
  if (typeof covered !== 'object' || covered === null) return {};
  return Object.fromEntries(Object.entries(covered).filter((entry): entry is [string, number] => Number(entry[1]) > 0));
}

interface ReconcileSpan {
  /** Unix seconds. */
  from: number;
  to: number;
  coveredUntil: Readonly<Record<string, number>>;
  /** Collects the orders that are queued, as `shop:sn`. */
  queued?: Set<string>;
  /** By when orders were placed, from the oldest one in the sheet or from `coveredUntil` on. */
  isDeep?: boolean;
}

/**
 * Queues every order that Shopee lists as changed and that is missing or stale in the sheet. A shop covered only until
 * before `from` is checked from one hour before there; one that fails now counts as covered until one hour after `from` at
 * most, so that a later run starts there.
 */
async function reconcile(
  options: ReconcileDeps,
  run: JobRun,
  { coveredUntil, queued, isDeep = false, ...span }: ReconcileSpan,
): Promise<ReconcileResult> {
  const counts = { checked: 0, missing: 0, stale: 0, restored: 0, repaired: 0 };
  const result: ReconcileResult = { ...span, ...counts, failed: {}, coveredUntil: { ...coveredUntil } };
  for (const { shopId, state, region } of await options.tokens.list()) {
    if (run.signal.aborted) break;
    const markFailed = (reason: string) => {
      result.failed[shopId] = reason;
      if (isDeep) return;
      result.coveredUntil[shopId] = Math.min(coveredUntil[shopId] ?? Infinity, span.from + hour);
    };
    if (state !== 'active') {
      markFailed(`the shop is ${state}`);
      continue;
    }
    const from = isDeep ? coveredUntil[shopId] : Math.min(span.from, (coveredUntil[shopId] ?? span.to) - hour);
    try {
      await reconcileShop(options, run, { shopId, region, from, to: span.to, result, queued, isDeep });
      if (!run.signal.aborted) result.coveredUntil[shopId] = span.to;
    } catch (error) {
      // One shop's failure must not block the others; the result shows it.
      markFailed(errorText(error));
    }
  }
  return result;
}

async function reconcileShop(
  options: ReconcileDeps,
  run: JobRun,
  shop: {
    shopId: string;
    region: string | undefined;
    /** Undefined: since the oldest order in the sheet. */
    from: number | undefined;
    to: number;
    result: ReconcileResult;
    queued: Set<string> | undefined;
    isDeep: boolean;
  },
): Promise<void> {
  const { shopId, to, result, queued, isDeep } = shop;
  const failedOrders = new FailedOrders({ alerts: options.alerts, failed: result.failed });
  const spreadsheetId = options.findSpreadsheet(shopId);
  if (spreadsheetId === undefined) throw new Error('no spreadsheet for this shop');
  // Read before the sheet: what is written in between is newer there.
  const written = await options.writtenLog?.readSince(spreadsheetId, '');
  const entries = await options.reader.readEntries(spreadsheetId, 'Orders', isDeep ? ['create_time'] : []);
  const repair = async (sn: string) => {
    queued?.add(`${shopId}:${sn}`);
    const order = { shopId, sn };
    if (await failedOrders.track(order, () => options.orderRefresh.refreshOrder(order, 'reconcile')))
      result.repaired += 1;
  };
  const restored = await takeRestored(options, { shopId, spreadsheetId, written: written?.rows ?? [], entries });
  for (const sn of restored) {
    result.restored += 1;
    await repair(sn);
  }
  const from = shop.from ?? oldestOrder(shopId, entries, { zone: timeZoneOf(shop.region), now: to });
  const field = isDeep ? 'create_time' : 'update_time';
  for await (const page of orderPages(options, shopId, { from, to, field })) {
    if (run.signal.aborted) return;
    const sns = page.orders.map(({ sn }) => sn);
    const outdated = await staleOrMissing(options, run, { shopId, sns, entries });
    for (const { sn, isMissing } of outdated) {
      if (restored.has(sn)) continue;
      if (isMissing) result.missing += 1;
      else result.stale += 1;
      await repair(sn);
    }
    const behindSns = new Set(outdated.map(({ sn }) => sn));
    const good = sns.filter((sn) => !behindSns.has(sn) && entries.has(`${shopId}:${sn}`));
    for (const sn of good) await failedOrders.recordSuccess({ shopId, sn });
    result.checked += page.orders.length;
    if (isDeep && page.cursor === '') result.coveredUntil[shopId] = page.to;
    run.progress({ ...result });
  }
  failedOrders.blameUpstream();
}

/** The shop's orders that stand at an older version than was written last; from now on they count as not written. */
async function takeRestored(
  { writtenLog, alerts }: ReconcileDeps,
  {
    shopId,
    spreadsheetId,
    written,
    entries,
  }: {
    shopId: string;
    spreadsheetId: string;
    written: readonly WrittenVersion[];
    entries: ReadonlyMap<string, SheetEntry>;
  },
): Promise<Set<string>> {
  const ours = new Map(
    written
      .filter(({ tab, key }) => tab === 'Orders' && key.startsWith(`${shopId}:`))
      .map((row) => [row.key, row] as const),
  );
  const versions = new Map([...entries].map(([key, { version }]) => [`Orders\n${key}`, version] as const));
  const outdated = findOutdated([...ours.values()], versions);
  if (outdated.length === 0) return new Set();
  const dropped = outdated.map((row) => ({ ...row, version: 0 }));
  await writtenLog?.append(spreadsheetId, dropped);
  await alerts.notify(`sheet-restored:${spreadsheetId}`, {
    severity: 'warning',
    title: 'An older version of the spreadsheet was restored',
    text: `${String(outdated.length)} orders of shop ${shopId} that were written since are fetched and written again.`,
  });
  return new Set(outdated.map(({ key }) => key.slice(shopId.length + 1)));
}

/** When the oldest order in the sheet was placed, unix seconds: what the user deleted before it stays away. */
function oldestOrder(
  shopId: string,
  entries: ReadonlyMap<string, SheetEntry>,
  { zone, now }: { zone: string; now: number },
): number {
  let oldest = now;
  for (const [key, { cells }] of entries) {
    const serial = Number(cells['create_time']);
    if (serial > 0 && key.startsWith(`${shopId}:`)) oldest = Math.min(oldest, unixSeconds(serial, zone));
  }
  return Math.max(Math.floor(oldest), now - maxAge);
}

/** Of these orders, those whose row is missing or older than Shopee's response. */
async function staleOrMissing(
  { shopee, accessTokens, now = systemClock.wallMs }: ReconcileDeps,
  { options }: JobRun,
  { shopId, sns, entries }: { shopId: string; sns: readonly string[]; entries: ReadonlyMap<string, SheetEntry> },
): Promise<{ sn: string; isMissing: boolean }[]> {
  const behind: { sn: string; isMissing: boolean }[] = [];
  const graceSeconds = typeof options['graceSeconds'] === 'number' ? options['graceSeconds'] : settleDelay;
  for (let start = 0; start < sns.length; start += 50) {
    const some = sns.slice(start, start + 50);
    // The list does not contain the update time.
    const details = await accessTokens.withToken(shopId, (auth) =>
      shopee.withPriority('backfill').getOrderDetail(auth, some),
    );
    for (const { order_sn: sn, update_time: updatedAt = 0 } of details) {
      const entry = entries.get(`${shopId}:${sn}`);
      const isYoung = updatedAt > now() / 1000 - graceSeconds;
      if (entry !== undefined ? entry.version < updatedAt && !isYoung : !isYoung) {
        behind.push({ sn, isMissing: entry === undefined });
      }
    }
  }
  return behind;
}

/**
 * Reconciles each shop and day, today and `days` before it in the shop's own zone: the orders Shopee lists against those in
 * the sheet. Sends one summary a day, unless it is quiet.
 */
async function recordReconciliation(
  options: ReconcileDeps,
  run: JobRun,
  { days, isQuiet = false, queued }: { days: number; isQuiet?: boolean; queued?: ReadonlySet<string> },
) {
  const reports: ReconciliationReport[] = [];
  const notCompared: Record<string, string> = {};
  const failed: Record<string, string> = {};
  const failedOrders = new FailedOrders({ alerts: options.alerts, failed });
  const shops = await options.tokens.list();
  // Each spreadsheet is read once, however many shops share it.
  const read = new Map<string, ReadonlyMap<string, SheetEntry>>();
  for (const { shopId, state, region } of shops) {
    const spreadsheetId = options.findSpreadsheet(shopId);
    if (state !== 'active' || spreadsheetId === undefined) {
      notCompared[shopId] = state === 'active' ? 'no spreadsheet for this shop' : `the shop is ${state}`;
      continue;
    }
    try {
      const entries = read.get(spreadsheetId) ?? (await options.reader.readEntries(spreadsheetId, 'Orders'));
      read.set(spreadsheetId, entries);
      for (const span of lastDays(region, seconds(options), days)) {
        if (run.signal.aborted) break;
        const report = await reconcileDay(options, { shopId, ...span, entries });
        await options.reports.save(report);
        for (const sn of report.missing) {
          if (queued?.has(`${shopId}:${sn}`) === true) continue;
          const order = { shopId, sn };
          await failedOrders.track(order, () => options.orderRefresh.refreshOrder(order, 'reconcile'));
        }
        reports.push(report);
      }
    } catch (error) {
      // One shop's failure must not block the others.
      notCompared[shopId] = errorText(error);
    }
  }
  const names = new Map(shops.map(({ shopId, shopName }) => [shopId, shopName]));
  const date = new Date(seconds(options) * 1000).toISOString().slice(0, 10);
  if (shops.length > 0 && !isQuiet && !run.signal.aborted) {
    await options.alerts.notify(
      `reconciliation:${date}`,
      summarizeReconciliation(reports, { names, notCompared: Object.keys(notCompared) }),
    );
  }
  const sum = (of: (report: ReconciliationReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    listed: sum(({ listed }) => listed),
    inSheet: sum(({ inSheet }) => inSheet),
    missing: sum(({ missing }) => missing.length),
    failed: { ...failed, ...notCompared },
  };
}

async function reconcileDay(
  options: ReconcileDeps,
  { shopId, date, from, end, entries }: DaySpan & { shopId: string; entries: ReadonlyMap<string, SheetEntry> },
) {
  const to = Math.min(end, seconds(options) - settleDelay);
  const listed = new Set<string>();
  if (to > from) {
    for await (const page of orderPages(options, shopId, { from, to, field: 'create_time' })) {
      for (const { sn } of page.orders) listed.add(sn);
    }
  }
  const missing = [...listed].filter((sn) => !entries.has(`${shopId}:${sn}`));
  return {
    shopId,
    date,
    listed: listed.size,
    inSheet: listed.size - missing.length,
    missing,
    checkedAt: systemClock.wallMs(),
  };
}

/** A day in a shop's zone; times in unix seconds. */
interface DaySpan {
  date: string;
  from: number;
  end: number;
}

/** Today and the `days` before it in a region's zone, oldest first. */
function lastDays(region: string | undefined, now: number, days: number): DaySpan[] {
  const zone = timeZoneOf(region);
  const dates = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  const midnight = (at: number) => midnightIn(zone, at * 1000) / 1000;
  const today = midnight(now);
  return Array.from({ length: days + 1 }, (_, index) => {
    // From noon to noon: where clocks change, a day has 23 or 25 hours.
    const noon = today + day / 2 - (days - index) * day;
    return { date: dates.format(noon * 1000), from: midnight(noon), end: midnight(noon + day) };
  });
}

function seconds({ now = systemClock.wallMs }: ReconcileDeps): number {
  return Math.floor(now() / 1000);
}
