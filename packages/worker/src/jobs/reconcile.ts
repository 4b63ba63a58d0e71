import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import type { SheetEntry, SheetReader } from '../sheets/sheet-reader.ts';
import type { Alarms } from '../alarms.ts';
import { errorText } from '../errors.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import { accountLine } from './account-line.ts';
import type { Job, JobRun } from './job.ts';
import { orderPages } from './order-pages.ts';
import type { OrderAccount, OrderAccounts } from './order-accounts.ts';
import type { Refresher } from './refresher.ts';
import { UnwrittenOrders } from './unwritten-orders.ts';

export interface ReconcileOptions {
  shopee: ShopeeClient;
  keeper: Pick<TokenKeeper, 'use'>;
  tokens: Pick<TokenStore, 'list'>;
  reader: Pick<SheetReader, 'entries'>;
  refresher: Pick<Refresher, 'refresh'>;
  accounts: OrderAccounts;
  alarms: Pick<Alarms, 'once' | 'begin' | 'end'>;
  spreadsheetOf: (shopId: string) => string | undefined;
  now?: () => number;
}

/** What a reconcile found, over all shops. */
export interface ReconcileResult extends Record<string, unknown> {
  /** Unix seconds. */
  from: number;
  to: number;
  checked: number;
  missing: number;
  stale: number;
  /** Orders put into the queue. */
  repaired: number;
  /** Shops that could not be checked or whose orders could not all be repaired, and why. */
  failed: Record<string, string>;
  /** Until when each shop's orders have been checked; a shop that failed stays where it was. Unix seconds. */
  reached: Record<string, number>;
}

const hour = 3_600;
const day = 24 * hour;
/** Its pushes may be on their way or in the queue: an order this young is not missing yet. Seconds. */
const grace = 120;

/** Every hour the last two hours; at a start, and for a shop that could not be read for a while, all that it missed. */
export function reconcileJob(options: ReconcileOptions): Job {
  return {
    name: 'reconcile',
    about:
      'Compares the orders that changed in the last two hours, or since the last run, with the sheet and repairs it.',
    everyMs: hour * 1000,
    atStart: true,
    async run(run) {
      const now = seconds(options);
      const asked = run.options['from'];
      const from = typeof asked === 'number' ? asked : now - 2 * hour;
      return reconcile(options, run, { from, to: now, reached: reachedBefore(run) });
    },
  };
}

/** Once a day the last seven days, and with it the account of each of these days. */
export function dailyReconcileJob(options: ReconcileOptions): Job {
  return {
    name: 'reconcile-week',
    about: 'Compares the orders of the last seven days with the sheet, repairs it, and takes the account of each day.',
    everyMs: day * 1000,
    async run(run) {
      const now = seconds(options);
      const days = typeof run.options['days'] === 'number' ? Math.min(90, run.options['days']) : 7;
      const result = await reconcile(options, run, { from: now - days * day, to: now, reached: {} });
      const { failed, ...account } = await takeAccounts(options, run, days);
      return { ...result, failed: { ...failed, ...result.failed }, account };
    },
  };
}

/** Until when each shop was checked by earlier runs. */
function reachedBefore({ last }: JobRun): Record<string, number> {
  const reached = last?.['reached'];
  if (typeof reached !== 'object' || reached === null) return {};
  return Object.fromEntries(Object.entries(reached).filter((entry): entry is [string, number] => Number(entry[1]) > 0));
}

/**
 * Queues every order that Shopee lists as changed and that the sheet has not, or has in an older state. A shop that was
 * checked until before `from` is checked from an hour before there; one that cannot be checked now counts as checked until
 * an hour after `from` at most, so that a later run begins there.
 */
async function reconcile(
  options: ReconcileOptions,
  run: JobRun,
  { reached, ...span }: { from: number; to: number; reached: Readonly<Record<string, number>> },
): Promise<ReconcileResult> {
  const counts = { checked: 0, missing: 0, stale: 0, repaired: 0 };
  const result: ReconcileResult = { ...span, ...counts, failed: {}, reached: { ...reached } };
  for (const { shopId, state } of await options.tokens.list()) {
    if (run.signal.aborted) break;
    const notChecked = (why: string) => {
      result.failed[shopId] = why;
      result.reached[shopId] = Math.min(reached[shopId] ?? Infinity, span.from + hour);
    };
    if (state !== 'active') {
      notChecked(`the shop is ${state}`);
      continue;
    }
    const from = Math.min(span.from, (reached[shopId] ?? span.to) - hour);
    try {
      await reconcileShop(options, run, { shopId, from, to: span.to, result });
      if (!run.signal.aborted) result.reached[shopId] = span.to;
    } catch (error) {
      // The trouble of one shop must not keep the others from being checked; it is shown with the result.
      notChecked(errorText(error));
    }
  }
  return result;
}

async function reconcileShop(
  options: ReconcileOptions,
  run: JobRun,
  shop: { shopId: string; from: number; to: number; result: ReconcileResult },
): Promise<void> {
  const { shopId, from, to, result } = shop;
  const unwritten = new UnwrittenOrders({ alarms: options.alarms, failed: result.failed });
  const spreadsheetId = options.spreadsheetOf(shopId);
  if (spreadsheetId === undefined) throw new Error('no spreadsheet for this shop');
  const entries = await options.reader.entries(spreadsheetId, 'Orders');
  for await (const page of orderPages(options, shopId, { from, to, field: 'update_time' })) {
    if (run.signal.aborted) return;
    const sns = page.orders.map(({ sn }) => sn);
    const behind = await ordersBehind(options, run, { shopId, sns, entries });
    for (const { sn, isMissing } of behind) {
      if (isMissing) result.missing += 1;
      else result.stale += 1;
      const order = { shopId, sn };
      if (await unwritten.bring(order, () => options.refresher.refresh(order, 'reconcile'))) result.repaired += 1;
    }
    const behindSns = new Set(behind.map(({ sn }) => sn));
    const good = sns.filter((sn) => !behindSns.has(sn) && entries.has(`${shopId}:${sn}`));
    for (const sn of good) await unwritten.written({ shopId, sn });
    result.checked += page.orders.length;
    run.progress({ ...result });
  }
  unwritten.suspectShopee();
}

/** Of these orders, those whose row is not there or older than what Shopee says now. */
async function ordersBehind(
  { shopee, keeper, now = Date.now }: ReconcileOptions,
  { options }: JobRun,
  { shopId, sns, entries }: { shopId: string; sns: readonly string[]; entries: ReadonlyMap<string, SheetEntry> },
): Promise<{ sn: string; isMissing: boolean }[]> {
  const behind: { sn: string; isMissing: boolean }[] = [];
  const graceSeconds = typeof options['graceSeconds'] === 'number' ? options['graceSeconds'] : grace;
  for (let start = 0; start < sns.length; start += 50) {
    const some = sns.slice(start, start + 50);
    // The list does not tell when an order changed.
    const details = await keeper.use(shopId, (auth) => shopee.withPriority('backfill').getOrderDetail(auth, some));
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

/** For each shop and of the last days each: the orders that Shopee lists against those in the sheet. Told once a day. */
async function takeAccounts(options: ReconcileOptions, run: JobRun, days: number) {
  const taken: OrderAccount[] = [];
  const unread: Record<string, string> = {};
  const failed: Record<string, string> = {};
  const unwritten = new UnwrittenOrders({ alarms: options.alarms, failed });
  const shops = await options.tokens.list();
  const today = Math.floor(seconds(options) / day) * day;
  for (const { shopId, state } of shops) {
    const spreadsheetId = options.spreadsheetOf(shopId);
    if (state !== 'active' || spreadsheetId === undefined) {
      unread[shopId] = state === 'active' ? 'no spreadsheet for this shop' : `the shop is ${state}`;
      continue;
    }
    try {
      const entries = await options.reader.entries(spreadsheetId, 'Orders');
      for (let from = today - days * day; from <= today && !run.signal.aborted; from += day) {
        const account = await accountOfDay(options, { shopId, from, entries });
        await options.accounts.keep(account);
        for (const sn of account.missing) {
          const order = { shopId, sn };
          await unwritten.bring(order, () => options.refresher.refresh(order, 'reconcile'));
        }
        taken.push(account);
      }
    } catch (error) {
      // The other shops' accounts are taken all the same.
      unread[shopId] = errorText(error);
    }
  }
  const names = new Map(shops.map(({ shopId, shopName }) => [shopId, shopName]));
  const date = new Date(today * 1000).toISOString().slice(0, 10);
  if (shops.length > 0 && !run.signal.aborted) {
    await options.alarms.once(`order-account:${date}`, accountLine(taken, { names, unread: Object.keys(unread) }));
  }
  const sum = (of: (account: OrderAccount) => number) => taken.reduce((total, account) => total + of(account), 0);
  return {
    listed: sum(({ listed }) => listed),
    inSheet: sum(({ inSheet }) => inSheet),
    missing: sum(({ missing }) => missing.length),
    failed: { ...failed, ...unread },
  };
}

async function accountOfDay(
  options: ReconcileOptions,
  { shopId, from, entries }: { shopId: string; from: number; entries: ReadonlyMap<string, SheetEntry> },
) {
  const to = Math.min(from + day, seconds(options) - grace);
  const listed = new Set<string>();
  if (to > from) {
    for await (const page of orderPages(options, shopId, { from, to, field: 'create_time' })) {
      for (const { sn } of page.orders) listed.add(sn);
    }
  }
  const missing = [...listed].filter((sn) => !entries.has(`${shopId}:${sn}`));
  const date = new Date(from * 1000).toISOString().slice(0, 10);
  return { shopId, date, listed: listed.size, inSheet: listed.size - missing.length, missing, takenAt: Date.now() };
}

function seconds({ now = Date.now }: ReconcileOptions): number {
  return Math.floor(now() / 1000);
}
