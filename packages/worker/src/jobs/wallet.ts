import { systemClock } from '@shopee-webhook/runtime';
import { currencyOf, timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { RowSink } from '@shopee-webhook/sheets';
import type { TokenStore } from '@shopee-webhook/store';
import { z } from 'zod';
import { errorText } from '../upstreams/errors.ts';
import { payoutRows, walletRows } from '../money/wallet-rows.ts';
import { payoutsWithLines, walletTransactions, type WalletSourceDeps } from '../money/wallet-source.ts';
import type { ShopTarget } from '../orders/order-row.ts';
import type { ReportRow } from '../report/columns.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import type { Job, JobRun } from './job.ts';
import { retryTransient } from './retry.ts';

export interface WalletDeps {
  shopee: WalletSourceDeps['shopee'] & Pick<ShopeeClient, 'getShopInfo'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
  sink: RowSink;
  findSpreadsheet: (shopId: string) => string | undefined;
  now?: () => number;
}

/** Where the next run of a shop begins. */
const Cursor = z.object({
  /** Unix seconds. */
  from: z.number(),
  /** The wallet's balance then, minor units; null when it is not known. */
  balance: z.number().nullable(),
});
type Cursor = z.infer<typeof Cursor>;

interface WalletResult {
  /** Transactions that were read. */
  transactions: number;
  /** Of those, how many the balance does not account for. */
  gaps: number;
  /** Rows that Google rejects. */
  rejected: number;
  /** Shop → error of shops that could not be read or written completely. */
  failed: Record<string, string>;
  /** By shop; unchanged when it failed. */
  cursors: Record<string, Cursor>;
}

const day = 86_400;
/** How far back the first run goes. */
const firstSpan = 365 * day;
/** A transaction's status changes for some days: a withdrawal is pending until the bank has it. */
const overlap = 7 * day;
/** Shopee takes 15 days at most; each window is requested with the second before it. */
const windowSeconds = 14 * day;
/** Rows handed over together. */
const chunkSize = 1000;

/** Writes every transaction of each shop's wallet, oldest first; of cross-border shops, every payout with its lines. */
export function walletJob(deps: WalletDeps): Job {
  return {
    name: 'wallet',
    description: 'Writes the transactions of each shop’s wallet, or its payouts, and checks that the balance adds up.',
    intervalMs: 6 * 3_600_000,
    runOnStart: true,
    async run(run) {
      const now = Math.floor((deps.now ?? systemClock.wallMs)() / 1000);
      const result: WalletResult = {
        transactions: 0,
        gaps: 0,
        rejected: 0,
        failed: {},
        cursors: { ...cursorsOf(run.last), ...cursorsOf(run.interrupted) },
      };
      for (const shop of await deps.tokens.list()) {
        if (run.signal.aborted) break;
        try {
          if (shop.state !== 'active') throw new Error(`the shop is ${shop.state}`);
          const spreadsheetId = deps.findSpreadsheet(shop.shopId);
          if (spreadsheetId === undefined) throw new Error('the shop has no spreadsheet');
          const target = { shopId: shop.shopId, shopName: shop.shopName, spreadsheetId };
          await shopWallet(deps, run, { target, now, result });
        } catch (error) {
          // One shop's failure must not block the others; the next run continues where this shop stopped.
          result.failed[shop.shopId] = errorText(error);
        }
      }
      return { ...result };
    },
  };
}

function cursorsOf(result: JobRun['last']): Record<string, Cursor> {
  return z.record(z.string(), Cursor).catch({}).parse(result?.['cursors']);
}

interface ShopRun {
  target: ShopTarget;
  /** Unix seconds. */
  now: number;
  result: WalletResult;
}

async function shopWallet(deps: WalletDeps, run: JobRun, shopRun: ShopRun): Promise<void> {
  const { target, now, result } = shopRun;
  const call: WalletSourceDeps['call'] = (send) =>
    retryTransient(() => deps.accessTokens.withToken(target.shopId, send), { signal: run.signal });
  const { is_cb: isCrossBorder, region } = await call((auth) => deps.shopee.getShopInfo(auth));
  const source = { shopee: deps.shopee, call };
  const cursor = startOf(run, result.cursors[target.shopId], now);
  let balance = cursor.balance ?? undefined;
  for (const { from, to } of timeWindows(cursor.from, now + 1, windowSeconds)) {
    if (run.signal.aborted) return;
    const resumeAt = Math.min(to, now - overlap);
    let balanceAtResume: number | undefined;
    if (isCrossBorder === true) {
      for await (const payout of payoutsWithLines(source, { from: from - 1, to })) {
        await write(deps, result, payoutRows(target, payout));
        if (run.signal.aborted) return;
      }
    } else {
      const read = await walletTransactions(source, { from: from - 1, to });
      const lines = read.filter(({ create_time: at = from }) => at >= from && at < to);
      const checked = walletRows(target, currencyOf(region) ?? '', lines, { balanceBefore: balance, resumeAt });
      await write(deps, result, checked.rows);
      result.gaps += checked.gaps;
      balance = checked.balanceAfter;
      ({ balanceAtResume } = checked);
    }
    if (resumeAt >= from) result.cursors[target.shopId] = { from: resumeAt, balance: balanceAtResume ?? null };
    run.progress({ ...result });
  }
}

/** An operator's `from`, else where the last run ended, else a year ago. */
function startOf({ options }: JobRun, known: Cursor | undefined, now: number): Cursor {
  const requested = options['from'];
  if (typeof requested === 'number') return { from: requested, balance: null };
  return known ?? { from: now - firstSpan, balance: null };
}

async function write(deps: WalletDeps, result: WalletResult, rows: readonly ReportRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += chunkSize) {
    const written = await deps.sink.upsert(rows.slice(start, start + chunkSize));
    result.rejected += written.filter(({ kind }) => kind === 'rejected').length;
  }
  result.transactions += rows.length;
}
