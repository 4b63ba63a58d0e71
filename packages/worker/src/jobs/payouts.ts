import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import { errorText } from '../errors.ts';
import type { Alarms } from '../alarms.ts';
import type { SheetReader } from '../sheets/sheet-reader.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import type { Job, JobRun } from './job.ts';
import type { Refresher } from './refresher.ts';
import { UnwrittenOrders } from './unwritten-orders.ts';

export interface PayoutsOptions {
  shopee: Pick<ShopeeClient, 'getEscrowList'>;
  keeper: Pick<TokenKeeper, 'use'>;
  tokens: Pick<TokenStore, 'list'>;
  refresher: Pick<Refresher, 'refresh'>;
  reader: Pick<SheetReader, 'entries'>;
  alarms: Pick<Alarms, 'begin' | 'end'>;
  spreadsheetOf: (shopId: string) => string | undefined;
  now?: () => number;
}

interface Found {
  released: number;
  /** Completed orders whose money is still to come: their income may change until then. */
  awaited: number;
  /** Shops that could not be asked or whose orders could not all be written, and why. */
  failed: Record<string, string>;
  /** Until when each shop was asked for payouts; a shop that failed stays where it was. Unix seconds. */
  reached: Record<string, number>;
  /** When each shop's awaited orders were last fetched again, unix seconds. */
  awaitedAt: Record<string, number>;
}

/** One shop's part of a run. */
interface ShopPayouts {
  shopId: string;
  /** Unix seconds. */
  now: number;
  found: Found;
  unwritten: UnwrittenOrders;
}

const hour = 3_600;
const day = 24 * hour;
const pageSize = 100;
/** Shopee releases the money some days after the completion; what has not come after so long is not waited for. */
const longestWait = 60 * day;
/** An order's version is its last update, which may have come this much after its release. */
const laterUpdates = 14 * day;

/**
 * Shopee sends no push for a payout: released orders are listed, and their income is fetched and written again; that of
 * completed orders once a day until they are released.
 */
export function payoutsJob(options: PayoutsOptions): Job {
  return {
    name: 'payouts',
    about: 'Lists the orders that Shopee paid out, and writes their final income with the payout’s amount and time.',
    everyMs: hour * 1000,
    atStart: true,
    async run(run) {
      const now = Math.floor((options.now ?? Date.now)() / 1000);
      const reached = timesOf(run.last?.['reached']);
      const found: Found = {
        released: 0,
        awaited: 0,
        failed: {},
        reached,
        awaitedAt: timesOf(run.last?.['awaitedAt']),
      };
      for (const { shopId, state } of await options.tokens.list()) {
        if (run.signal.aborted) break;
        if (state !== 'active') {
          found.failed[shopId] = `the shop is ${state}`;
          continue;
        }
        try {
          await shopPayouts(options, run, { shopId, now, found });
        } catch (error) {
          // The other shops' payouts do not wait for this one; it is shown with the result, and asked again from there on.
          found.failed[shopId] = errorText(error);
        }
      }
      return { ...found };
    },
  };
}

async function shopPayouts(
  options: PayoutsOptions,
  run: JobRun,
  { shopId, now, found }: Omit<ShopPayouts, 'unwritten'>,
): Promise<void> {
  const unwritten = new UnwrittenOrders({ alarms: options.alarms, failed: found.failed });
  const shop = { shopId, now, found, unwritten };
  const asked = run.options['from'];
  const since = (found.reached[shopId] ?? now - 7 * day + hour) - hour;
  const from = typeof asked === 'number' ? asked : since;
  const isDue = now - (found.awaitedAt[shopId] ?? 0) >= day || run.options['awaited'] === true;
  const awaited = isDue ? await awaitedOrders(options, shop) : new Map<string, number>();
  const released = await releasedOrders(options, run, shop, { from, awaited });
  if (run.signal.aborted) return;
  found.reached[shopId] = now;
  if (!isDue) return;
  await refreshAwaited(
    options,
    run,
    shop,
    [...awaited.keys()].filter((sn) => !released.has(sn)),
  );
  if (!run.signal.aborted) found.awaitedAt[shopId] = now;
}

/** Shop → time, as an earlier run left it. */
function timesOf(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => Number(entry[1]) > 0));
}

/**
 * Queues every order that was released since `from`, and of those before it the awaited ones: their rows were lost, or
 * filled from the past, after the release had been listed.
 */
async function releasedOrders(
  { shopee, keeper, refresher }: PayoutsOptions,
  run: JobRun,
  { shopId, now, found, unwritten }: ShopPayouts,
  { from: since, awaited }: { from: number; awaited: ReadonlyMap<string, number> },
): Promise<Set<string>> {
  const released = new Set<string>();
  let earliest = since;
  for (const version of awaited.values()) earliest = Math.min(earliest, version - laterUpdates);
  for (const { from, to } of timeWindows(Math.max(earliest, Math.min(since, now - longestWait)), now)) {
    for (let pageNo = 1; !run.signal.aborted; pageNo += 1) {
      const page = await keeper.use(shopId, (auth) => shopee.getEscrowList(auth, { from, to, pageNo, pageSize }));
      for (const entry of page.escrow_list) {
        const { payout_amount: amount, escrow_release_time: releasedAt } = entry;
        if (releasedAt !== undefined && releasedAt < since && !awaited.has(entry.order_sn)) continue;
        const payout = amount === undefined || releasedAt === undefined ? undefined : { amount, releasedAt };
        const order = { shopId, sn: entry.order_sn, payout };
        const bring = () => refresher.refresh(order, 'payout');
        if (await unwritten.bring({ ...order, what: 'payout' }, bring)) found.released += 1;
        released.add(order.sn);
      }
      run.progress({ ...found });
      if (page.more !== true || page.escrow_list.length === 0) break;
    }
  }
  unwritten.suspectShopee();
  return released;
}

/** Completed orders that the sheet has no release of, with their version. */
async function awaitedOrders(
  { reader, spreadsheetOf }: PayoutsOptions,
  { shopId, now }: ShopPayouts,
): Promise<Map<string, number>> {
  const awaited = new Map<string, number>();
  const spreadsheetId = spreadsheetOf(shopId);
  if (spreadsheetId === undefined) return awaited;
  for (const [key, { status, released, version }] of await reader.entries(spreadsheetId, 'Orders')) {
    const [shop, sn] = key.split(':', 2);
    if (shop !== shopId || sn === undefined || status !== 'COMPLETED') continue;
    if (!released && version >= now - longestWait) awaited.set(sn, version);
  }
  return awaited;
}

/** The income of orders whose release is still to come. */
async function refreshAwaited(
  { refresher }: PayoutsOptions,
  run: JobRun,
  { shopId, found, unwritten }: ShopPayouts,
  sns: readonly string[],
): Promise<void> {
  for (const sn of sns) {
    if (run.signal.aborted) return;
    const order = { shopId, sn, status: 'COMPLETED' };
    if (await unwritten.bring(order, () => refresher.refresh(order, 'refresh'))) found.awaited += 1;
  }
}
