import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { AlertEngine, TokenStore } from '@shopee-webhook/store';
import type { RowSink, SheetReader } from '@shopee-webhook/sheets';
import { Book, shopDay, type BookOrder } from '../money/book.ts';
import { moneyReport } from '../money/money-report.ts';
import type { MoneyReportStore } from '../money/money-report-store.ts';
import { checkPayouts, type OrderPayout } from '../money/payout-check.ts';
import { payoutDayRow, payoutRow } from '../money/payout-rows.ts';
import { cursorPages } from '../money/wallet-source.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import { errorText } from '../upstreams/errors.ts';
import type { Job, JobRun } from './job.ts';
import { retryTransient } from './retry.ts';

export interface PayoutCheckDeps {
  shopee: Pick<ShopeeClient, 'getPendingIncome'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
  reader: Pick<SheetReader, 'readEntries' | 'getTimeZone'>;
  sink: RowSink;
  reports: Pick<MoneyReportStore, 'replace'>;
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  logger: Logger;
  findSpreadsheet: (shopId: string) => string | undefined;
  /** Days after completion until a payout is overdue, by region. */
  overdueDays: (region: string) => number;
  now?: () => number;
}

type Shop = Awaited<ReturnType<TokenStore['list']>>[number];

interface PayoutCheckResult {
  overdue: number;
  differs: number;
  waiting: number;
  /** Shop or spreadsheet → error of those that could not be read or written. */
  failed: Record<string, string>;
}

const pageSize = 100;

/** Compares final amounts, payouts and wallet, all from the sheet, and writes Payouts and Payout days. */
export function payoutCheckJob(deps: PayoutCheckDeps): Job {
  return {
    name: 'payout-check',
    description: 'Finds overdue payouts and orders that were not paid their final amount, and sums payouts by day.',
    intervalMs: 3_600_000,
    runOnStart: true,
    async run(run) {
      const nowMs = (deps.now ?? systemClock.wallMs)();
      const result: PayoutCheckResult = { overdue: 0, differs: 0, waiting: 0, failed: {} };
      const reports: Parameters<MoneyReportStore['replace']>[0][number][] = [];
      const bySpreadsheet = Map.groupBy(await deps.tokens.list(), ({ shopId }) => deps.findSpreadsheet(shopId) ?? '');
      for (const [spreadsheetId, shops] of bySpreadsheet) {
        if (run.signal.aborted) break;
        if (spreadsheetId === '') continue;
        try {
          reports.push(...(await checkSpreadsheet(deps, run, { spreadsheetId, shops, nowMs, result })));
        } catch (error) {
          // The other spreadsheets are checked all the same.
          result.failed[spreadsheetId] = errorText(error);
        }
      }
      if (!run.signal.aborted && Object.keys(result.failed).length === 0) await deps.reports.replace(reports);
      return { ...result };
    },
  };
}

async function checkSpreadsheet(
  deps: PayoutCheckDeps,
  run: JobRun,
  options: { spreadsheetId: string; shops: readonly Shop[]; nowMs: number; result: PayoutCheckResult },
) {
  const { spreadsheetId, shops, nowMs, result } = options;
  const book = new Book(deps.reader, spreadsheetId);
  const [orders, transactions, flagged] = await Promise.all([
    book.orders(),
    book.transactions(),
    deps.reader.readEntries(spreadsheetId, 'Payouts'),
  ]);
  const now = Math.floor(nowMs / 1000);
  const estimates = await estimatedPayouts(deps, run, { shops, orders, now });
  const { payouts, days } = checkPayouts({ orders, transactions, now, overdueDays: deps.overdueDays, estimates });
  const isShown = ({ state, order }: OrderPayout) =>
    state === 'overdue' || state === 'differs' || flagged.has(`${order.shopId}:${order.orderSn}`);
  await deps.sink.upsert([
    ...payouts.filter(isShown).map((payout) => payoutRow(spreadsheetId, payout)),
    ...days.map((day) => payoutDayRow(spreadsheetId, day)),
  ]);
  for (const { state } of payouts) if (state !== 'paid') result[state] += 1;
  return Promise.all(
    shops.map(async ({ shopId, shopName = shopId, region = '' }) => {
      const ofShop = payouts.filter(({ order }) => order.shopId === shopId);
      await alertOverdue(deps, { shopId, shopName, overdue: ofShop.filter(({ state }) => state === 'overdue').length });
      return moneyReport({
        shopId,
        region,
        payouts: ofShop,
        orders: orders.filter((order) => order.shopId === shopId),
        transactions: transactions.filter((line) => line.shopId === shopId),
        checkedAt: nowMs,
      });
    }),
  );
}

/** When Shopee estimates to pay the orders that wait; what it does not say is judged by the days since completion. */
async function estimatedPayouts(
  { shopee, accessTokens, logger }: PayoutCheckDeps,
  run: JobRun,
  { shops, orders, now }: { shops: readonly Shop[]; orders: readonly BookOrder[]; now: number },
): Promise<Map<string, number>> {
  const estimates = new Map<string, number>();
  for (const { shopId, state, region = '' } of shops) {
    const isPending = ({ status, releasedAt, ...order }: BookOrder) =>
      order.shopId === shopId && status === 'COMPLETED' && releasedAt === undefined;
    if (state !== 'active' || !orders.some(isPending)) continue;
    try {
      const pages = cursorPages(async (cursor) => {
        const query = { day: shopDay(now, region), cursor, pageSize };
        const page = await retryTransient(
          () => accessTokens.withToken(shopId, (auth) => shopee.getPendingIncome(auth, query)),
          { signal: run.signal, maxAttempts: 3 },
        );
        return { ...page, more: page.cursor !== undefined && page.cursor !== '', next_cursor: page.cursor };
      });
      for await (const { rows } of pages) {
        for (const { order_sn: sn, estimated_payout_time: at } of rows) {
          if (sn !== undefined && at !== undefined) estimates.set(`${shopId}:${sn}`, at);
        }
      }
    } catch (err) {
      // Not every app may call it; the days since completion remain.
      logger.debug({ err, shop: shopId }, 'estimated payouts not read');
    }
  }
  return estimates;
}

async function alertOverdue(
  { alerts }: PayoutCheckDeps,
  { shopId, shopName, overdue }: { shopId: string; shopName: string; overdue: number },
): Promise<void> {
  const key = `payouts-overdue:${shopId}`;
  if (overdue === 0) {
    await alerts.resolve(key);
    return;
  }
  await alerts.raise(key, {
    severity: 'warning',
    title: `Shop ${shopName}: payouts overdue`,
    text: `${String(overdue)} completed ${overdue === 1 ? 'order is' : 'orders are'} not paid out in time. The tab Payouts has them; ask Shopee's seller support.`,
  });
}
