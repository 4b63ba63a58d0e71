import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import { errorText } from '../consumer/errors.ts';
import type { Alerts } from '../monitoring/alerts.ts';
import type { SheetReader } from '../sheets/reader/sheet-reader.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import type { Job, JobRun } from './job.ts';
import type { OrderRefresh } from './order-refresh.ts';
import { FailedOrders } from './failed-orders.ts';

export interface PayoutsDeps {
  shopee: Pick<ShopeeClient, 'getEscrowList'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
  orderRefresh: Pick<OrderRefresh, 'refreshOrder'>;
  reader: Pick<SheetReader, 'readEntries'>;
  alerts: Pick<Alerts, 'raise' | 'resolve'>;
  findSpreadsheet: (shopId: string) => string | undefined;
  now?: () => number;
}

interface PayoutsResult {
  released: number;
  /** Completed orders whose money is still to come: their income may change until then. */
  pending: number;
  /** Shops that could not be asked or whose orders could not all be written, and why. */
  failed: Record<string, string>;
  /** Until when each shop was asked for payouts; a shop that failed stays where it was. Unix seconds. */
  coveredUntil: Record<string, number>;
  /** When each shop's awaited orders were last fetched again, unix seconds. */
  pendingCheckedAt: Record<string, number>;
}

/** One shop's part of a run. */
interface ShopPayouts {
  shopId: string;
  /** Unix seconds. */
  now: number;
  result: PayoutsResult;
  failedOrders: FailedOrders;
}

const hour = 3_600;
const day = 24 * hour;
const pageSize = 100;
/** Shopee releases the money some days after the completion; what has not come after so long is not waited for. */
const maxWait = 60 * day;
/** An order's version is its last update, which may have come this much after its release. */
const maxUpdateDelay = 14 * day;

/**
 * Shopee sends no push for a payout: released orders are listed, and their income is fetched and written again; that of
 * completed orders once a day until they are released.
 */
export function payoutsJob(options: PayoutsDeps): Job {
  return {
    name: 'payouts',
    description:
      'Lists the orders that Shopee paid out, and writes their final income with the payout’s amount and time.',
    intervalMs: hour * 1000,
    runOnStart: true,
    async run(run) {
      const now = Math.floor((options.now ?? Date.now)() / 1000);
      const coveredUntil = parseTimes(run.last?.['reached']);
      const result: PayoutsResult = {
        released: 0,
        pending: 0,
        failed: {},
        coveredUntil,
        pendingCheckedAt: parseTimes(run.last?.['awaitedAt']),
      };
      for (const { shopId, state } of await options.tokens.list()) {
        if (run.signal.aborted) break;
        if (state !== 'active') {
          result.failed[shopId] = `the shop is ${state}`;
          continue;
        }
        try {
          await shopPayouts(options, run, { shopId, now, result });
        } catch (error) {
          // The other shops' payouts do not wait for this one; it is shown with the result, and asked again from there on.
          result.failed[shopId] = errorText(error);
        }
      }
      return { ...result };
    },
  };
}

async function shopPayouts(
  options: PayoutsDeps,
  run: JobRun,
  { shopId, now, result }: Omit<ShopPayouts, 'failedOrders'>,
): Promise<void> {
  const unwritten = new FailedOrders({ alerts: options.alerts, failed: result.failed });
  const shop = { shopId, now, result: result, failedOrders: unwritten };
  const asked = run.options['from'];
  const since = (result.coveredUntil[shopId] ?? now - 7 * day + hour) - hour;
  const from = typeof asked === 'number' ? asked : since;
  const isDue = now - (result.pendingCheckedAt[shopId] ?? 0) >= day || run.options['awaited'] === true;
  const awaited = isDue ? await pendingOrders(options, shop) : new Map<string, number>();
  const released = await releasedOrders(options, run, shop, { from, awaited });
  if (run.signal.aborted) return;
  result.coveredUntil[shopId] = now;
  if (!isDue) return;
  await refreshPending(
    options,
    run,
    shop,
    [...awaited.keys()].filter((sn) => !released.has(sn)),
  );
  if (!run.signal.aborted) result.pendingCheckedAt[shopId] = now;
}

/** Shop → time, as an earlier run left it. */
function parseTimes(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => Number(entry[1]) > 0));
}

/**
 * Queues every order that was released since `from`, and of those before it the awaited ones: their rows were lost, or
 * filled from the past, after the release had been listed.
 */
async function releasedOrders(
  { shopee, accessTokens, orderRefresh }: PayoutsDeps,
  run: JobRun,
  { shopId, now, result, failedOrders }: ShopPayouts,
  { from: since, awaited }: { from: number; awaited: ReadonlyMap<string, number> },
): Promise<Set<string>> {
  const released = new Set<string>();
  let earliest = since;
  for (const version of awaited.values()) earliest = Math.min(earliest, version - maxUpdateDelay);
  for (const { from, to } of timeWindows(Math.max(earliest, Math.min(since, now - maxWait)), now)) {
    for (let pageNo = 1; !run.signal.aborted; pageNo += 1) {
      const page = await accessTokens.withToken(shopId, (auth) =>
        shopee.getEscrowList(auth, { from, to, pageNo, pageSize }),
      );
      for (const entry of page.escrow_list) {
        const { payout_amount: amount, escrow_release_time: releasedAt } = entry;
        if (releasedAt !== undefined && releasedAt < since && !awaited.has(entry.order_sn)) continue;
        const payout = amount === undefined || releasedAt === undefined ? undefined : { amount, releasedAt };
        const order = { shopId, sn: entry.order_sn, payout };
        const bring = () => orderRefresh.refreshOrder(order, 'payout');
        if (await failedOrders.track({ ...order, kind: 'payout' }, bring)) result.released += 1;
        released.add(order.sn);
      }
      run.progress({ ...result });
      if (page.more !== true || page.escrow_list.length === 0) break;
    }
  }
  failedOrders.blameUpstream();
  return released;
}

/** Completed orders that the sheet has no release of, with their version. */
async function pendingOrders(
  { reader, findSpreadsheet }: PayoutsDeps,
  { shopId, now }: ShopPayouts,
): Promise<Map<string, number>> {
  const awaited = new Map<string, number>();
  const spreadsheetId = findSpreadsheet(shopId);
  if (spreadsheetId === undefined) return awaited;
  for (const [key, { status, released, version }] of await reader.readEntries(spreadsheetId, 'Orders')) {
    const [shop, sn] = key.split(':', 2);
    if (shop !== shopId || sn === undefined || status !== 'COMPLETED') continue;
    if (!released && version >= now - maxWait) awaited.set(sn, version);
  }
  return awaited;
}

/** The income of orders whose release is still to come. */
async function refreshPending(
  { orderRefresh }: PayoutsDeps,
  run: JobRun,
  { shopId, result, failedOrders }: ShopPayouts,
  sns: readonly string[],
): Promise<void> {
  for (const sn of sns) {
    if (run.signal.aborted) return;
    const order = { shopId, sn, status: 'COMPLETED' };
    if (await failedOrders.track(order, () => orderRefresh.refreshOrder(order, 'refresh'))) result.pending += 1;
  }
}
