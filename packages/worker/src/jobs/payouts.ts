import { systemClock } from '@shopee-webhook/runtime';
import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { AlertEngine, TokenStore } from '@shopee-webhook/store';
import type { SheetReader } from '@shopee-webhook/sheets';
import { errorText } from '../upstreams/errors.ts';
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
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  findSpreadsheet: (shopId: string) => string | undefined;
  now?: () => number;
}

interface PayoutsResult {
  released: number;
  /** Completed orders not paid out yet: their income may change until then. */
  pending: number;
  /** Shop → error of shops that could not be read or written completely. */
  failed: Record<string, string>;
  /** Shop → time up to which its payouts are covered; unchanged when it failed. Unix seconds. */
  coveredUntil: Record<string, number>;
  /** Shop → when its pending orders were last refetched, unix seconds. */
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
/** Shopee releases the money some days after completion; older pending orders are not checked. */
const maxWait = 60 * day;
/** An order's version is its last update, which may follow its release by this much. */
const maxUpdateDelay = 14 * day;

/**
 * Shopee sends no push for a payout: released orders are listed and refetched with their income; completed orders are
 * refetched once a day until they are released.
 */
export function payoutsJob(options: PayoutsDeps): Job {
  return {
    name: 'payouts',
    description: 'Writes the final income of paid-out orders, with the amount and time of the payout.',
    intervalMs: hour * 1000,
    runOnStart: true,
    async run(run) {
      const now = Math.floor((options.now ?? systemClock.wallMs)() / 1000);
      const coveredUntil = parseTimes(run.last?.['coveredUntil']);
      const result: PayoutsResult = {
        released: 0,
        pending: 0,
        failed: {},
        coveredUntil,
        pendingCheckedAt: parseTimes(run.last?.['pendingCheckedAt']),
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
          // One shop's failure must not block the others; the next run continues where this shop stopped.
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
  const failedOrders = new FailedOrders({ alerts: options.alerts, failed: result.failed });
  const shop = { shopId, now, result, failedOrders };
  const requested = run.options['from'];
  const since = (result.coveredUntil[shopId] ?? now - 7 * day + hour) - hour;
  const from = typeof requested === 'number' ? requested : since;
  const isDue = now - (result.pendingCheckedAt[shopId] ?? 0) >= day || run.options['pending'] === true;
  const pending = isDue ? await pendingOrders(options, shop) : new Map<string, number>();
  const released = await releasedOrders(options, run, shop, { from, pending });
  if (run.signal.aborted) return;
  result.coveredUntil[shopId] = now;
  if (!isDue) return;
  await refreshPending(
    options,
    run,
    shop,
    [...pending.keys()].filter((sn) => !released.has(sn)),
  );
  if (!run.signal.aborted) result.pendingCheckedAt[shopId] = now;
}

/** Shop → time, from an earlier run's result. */
function parseTimes(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => Number(entry[1]) > 0));
}

/**
 * Queues every order released since `from`, and earlier ones that are still pending in the sheet: their rows were removed
 * or backfilled after the release had been listed.
 */
async function releasedOrders(
  { shopee, accessTokens, orderRefresh }: PayoutsDeps,
  run: JobRun,
  { shopId, now, result, failedOrders }: ShopPayouts,
  { from: since, pending }: { from: number; pending: ReadonlyMap<string, number> },
): Promise<Set<string>> {
  const released = new Set<string>();
  let earliest = since;
  for (const version of pending.values()) earliest = Math.min(earliest, version - maxUpdateDelay);
  for (const { from, to } of timeWindows(Math.max(earliest, Math.min(since, now - maxWait)), now)) {
    for (let pageNo = 1; !run.signal.aborted; pageNo += 1) {
      const page = await accessTokens.withToken(shopId, (auth) =>
        shopee.getEscrowList(auth, { from, to, pageNo, pageSize }),
      );
      for (const entry of page.escrow_list) {
        const { payout_amount: amount, escrow_release_time: releasedAt } = entry;
        if (releasedAt !== undefined && releasedAt < since && !pending.has(entry.order_sn)) continue;
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

/** Completed orders without a release in the sheet, with their version. */
async function pendingOrders(
  { reader, findSpreadsheet }: PayoutsDeps,
  { shopId, now }: ShopPayouts,
): Promise<Map<string, number>> {
  const pending = new Map<string, number>();
  const spreadsheetId = findSpreadsheet(shopId);
  if (spreadsheetId === undefined) return pending;
  const entries = await reader.readEntries(spreadsheetId, 'Orders', ['escrow_release_time']);
  for (const [key, { status, version, cells }] of entries) {
    const [shop, sn] = key.split(':', 2);
    if (shop !== shopId || sn === undefined || status !== 'COMPLETED') continue;
    const isReleased = Number(cells['escrow_release_time']) > 0;
    if (!isReleased && version >= now - maxWait) pending.set(sn, version);
  }
  return pending;
}

/** Refetches the income of orders that are not released yet. */
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
