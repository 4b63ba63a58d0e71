import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import type { SheetReader } from '../sheets/sheet-reader.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import type { Job, JobRun } from './job.ts';
import type { Refresher } from './refresher.ts';

export interface PayoutsOptions {
  shopee: Pick<ShopeeClient, 'getEscrowList'>;
  keeper: Pick<TokenKeeper, 'use'>;
  tokens: Pick<TokenStore, 'list'>;
  refresher: Pick<Refresher, 'refresh'>;
  reader: Pick<SheetReader, 'entries'>;
  spreadsheetOf: (shopId: string) => string | undefined;
  now?: () => number;
}

interface Found {
  /** Unix seconds. */
  from: number;
  to: number;
  released: number;
  /** Completed orders whose money is still to come: their income may change until then. */
  awaited: number;
  /** When those were last fetched again, unix seconds. */
  awaitedAt: number;
  /** Shops that could not be asked, and why. */
  failed: Record<string, string>;
}

const hour = 3_600;
const day = 24 * hour;
const pageSize = 100;
/** Shopee releases the money some days after the completion; what has not come after so long is not waited for. */
const longestWait = 60 * day;

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
      const since = run.lastBeganAt === undefined ? now - 7 * day : Math.floor(run.lastBeganAt / 1000) - hour;
      const from = typeof run.options['from'] === 'number' ? run.options['from'] : since;
      const awaitedAt = Number(run.last?.['awaitedAt'] ?? 0) || 0;
      const found: Found = { from, to: now, released: 0, awaited: 0, awaitedAt, failed: {} };
      const isDue = now - awaitedAt >= day || run.options['awaited'] === true;
      const shops = (await options.tokens.list()).filter(({ state }) => state === 'active');
      for (const { shopId } of shops) {
        if (run.signal.aborted) break;
        try {
          const released = await payoutsOfShop(options, run, shopId, found);
          if (isDue) await refreshAwaited(options, run, { shopId, released, found });
        } catch (error) {
          // The other shops' payouts do not wait for this one.
          found.failed[shopId] = error instanceof Error ? error.message : String(error);
        }
      }
      const [failure] = Object.values(found.failed);
      // Not a good run: the next one begins where the last good one did.
      if (failure !== undefined)
        throw new Error(`payouts of ${Object.keys(found.failed).join(', ')} not read: ${failure}`);
      return { ...found, ...(isDue ? { awaitedAt: now } : {}) };
    },
  };
}

async function payoutsOfShop(
  { shopee, keeper, refresher }: PayoutsOptions,
  run: JobRun,
  shopId: string,
  found: Found,
): Promise<Set<string>> {
  const released = new Set<string>();
  for (const { from, to } of timeWindows(found.from, found.to)) {
    for (let pageNo = 1; !run.signal.aborted; pageNo += 1) {
      const page = await keeper.use(shopId, (auth) => shopee.getEscrowList(auth, { from, to, pageNo, pageSize }));
      for (const entry of page.escrow_list) {
        const { payout_amount: amount, escrow_release_time: releasedAt } = entry;
        const payout = amount === undefined || releasedAt === undefined ? undefined : { amount, releasedAt };
        await refresher.refresh({ shopId, sn: entry.order_sn, payout }, 'payout');
        found.released += 1;
        released.add(entry.order_sn);
      }
      run.progress({ ...found });
      if (page.more !== true || page.escrow_list.length === 0) break;
    }
  }
  return released;
}

/** The income of completed orders that the sheet has no release of. */
async function refreshAwaited(
  { reader, spreadsheetOf, refresher }: PayoutsOptions,
  run: JobRun,
  { shopId, released, found }: { shopId: string; released: ReadonlySet<string>; found: Found },
): Promise<void> {
  const spreadsheetId = spreadsheetOf(shopId);
  if (spreadsheetId === undefined) return;
  for (const [key, entry] of await reader.entries(spreadsheetId, 'Orders')) {
    const [shop, sn] = key.split(':', 2);
    if (run.signal.aborted) return;
    if (shop !== shopId || sn === undefined || entry.status !== 'COMPLETED') continue;
    if (entry.released || released.has(sn) || entry.version < found.to - longestWait) continue;
    await refresher.refresh({ shopId, sn, status: entry.status }, 'refresh');
    found.awaited += 1;
  }
}
