import { systemClock } from '@shopee-webhook/runtime';
import type { AlertEngine, TokenStore } from '@shopee-webhook/store';
import { unixSeconds, type SheetReader } from '@shopee-webhook/sheets';
import { z } from 'zod';
import { Book } from '../money/book.ts';
import { errorText } from '../upstreams/errors.ts';
import { FailedOrders } from './failed-orders.ts';
import type { Job, JobRun } from './job.ts';
import type { OrderRefresh } from './order-refresh.ts';

export interface AdjustmentsDeps {
  tokens: Pick<TokenStore, 'list'>;
  orderRefresh: Pick<OrderRefresh, 'refreshOrder'>;
  reader: Pick<SheetReader, 'readEntries' | 'getTimeZone'>;
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  findSpreadsheet: (shopId: string) => string | undefined;
  now?: () => number;
}

interface AdjustmentsResult {
  /** Orders that were requested again: their week is over, or the wallet names them. */
  requested: number;
  /** Shop → error of shops whose orders could not be found or requested. */
  failed: Record<string, string>;
  /** Shop → time up to which it was done; unchanged when it failed. Unix seconds. */
  coveredUntil: Record<string, number>;
}

const hour = 3_600;
const day = 24 * hour;
const week = 7 * day;
/** How long after their release orders are requested again. How late Shopee may correct one is documented nowhere. */
const span = 60 * day;
/** A transaction may stand in the tab Wallet this long after it happened. */
const walletDelay = day;
/** The escrow of an order has all that these are about, or nothing of it. */
const ordinaryKinds = new Set(['order income', 'withdrawal']);

/**
 * Shopee corrects the money of released orders without a push, and without a new `update_time`: each is requested again every
 * week for 60 days, and when its shop's wallet has something else than its income.
 */
export function adjustmentsJob(deps: AdjustmentsDeps): Job {
  return {
    name: 'adjustments',
    description: 'Requests paid-out orders again, every week for 60 days, for what Shopee corrected since.',
    intervalMs: 6 * hour * 1000,
    runOnStart: true,
    async run(run) {
      const now = Math.floor((deps.now ?? systemClock.wallMs)() / 1000);
      const coveredUntil = z.record(z.string(), z.number()).catch({}).parse(run.last?.['coveredUntil']);
      const result: AdjustmentsResult = { requested: 0, failed: {}, coveredUntil };
      for (const { shopId, state } of await deps.tokens.list()) {
        if (run.signal.aborted) break;
        if (state !== 'active') {
          result.failed[shopId] = `the shop is ${state}`;
          continue;
        }
        try {
          await requestShop(deps, run, { shopId, now, result });
        } catch (error) {
          // One shop's failure must not block the others; the next run does this shop's again.
          result.failed[shopId] = errorText(error);
        }
      }
      return { ...result };
    },
  };
}

async function requestShop(
  deps: AdjustmentsDeps,
  run: JobRun,
  { shopId, now, result }: { shopId: string; now: number; result: AdjustmentsResult },
): Promise<void> {
  const spreadsheetId = deps.findSpreadsheet(shopId);
  if (spreadsheetId === undefined) return;
  const since = result.coveredUntil[shopId] ?? now - day;
  const failedOrders = new FailedOrders({ alerts: deps.alerts, failed: result.failed });
  const due = await dueOrders(deps.reader, { spreadsheetId, shopId, since, now });
  const transactions = await new Book(deps.reader, spreadsheetId).transactions();
  for (const { shopId: shop, at, kind, orderSn } of transactions) {
    if (shop === shopId && orderSn !== '' && at > since - walletDelay && !ordinaryKinds.has(kind)) due.add(orderSn);
  }
  for (const sn of due) {
    if (run.signal.aborted) return;
    const order = { shopId, sn };
    if (await failedOrders.track(order, () => deps.orderRefresh.refreshOrder(order, 'refresh'))) result.requested += 1;
    run.progress({ ...result });
  }
  result.coveredUntil[shopId] = now;
}

/** The orders of which another week since their release has ended meanwhile. */
async function dueOrders(
  reader: AdjustmentsDeps['reader'],
  { spreadsheetId, shopId, since, now }: { spreadsheetId: string; shopId: string; since: number; now: number },
): Promise<Set<string>> {
  const [entries, zone] = await Promise.all([
    reader.readEntries(spreadsheetId, 'Orders', ['escrow_release_time']),
    reader.getTimeZone(spreadsheetId),
  ]);
  const due = new Set<string>();
  for (const [key, { cells }] of entries) {
    const [shop, sn] = key.split(':', 2);
    const cell = cells['escrow_release_time'];
    if (shop !== shopId || sn === undefined || typeof cell !== 'number' || cell <= 0) continue;
    const releasedAt = unixSeconds(cell, zone);
    const weeks = (at: number) => Math.floor((Math.min(at, releasedAt + span) - releasedAt) / week);
    if (weeks(now) > Math.max(weeks(since), 0)) due.add(sn);
  }
  return due;
}
