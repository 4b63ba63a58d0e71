import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import type { Job, JobRun } from './job.ts';
import type { Refresher } from './refresher.ts';

export interface PayoutsOptions {
  shopee: Pick<ShopeeClient, 'getEscrowList'>;
  keeper: Pick<TokenKeeper, 'use'>;
  tokens: Pick<TokenStore, 'list'>;
  refresher: Pick<Refresher, 'refresh'>;
  now?: () => number;
}

interface Found {
  /** Unix seconds. */
  from: number;
  to: number;
  released: number;
  /** Shops that could not be asked, and why. */
  failed: Record<string, string>;
}

const hour = 3_600;
const day = 24 * hour;
const pageSize = 100;

/** Shopee sends no push for a payout: released orders are listed, and their income is fetched and written again. */
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
      const found: Found = { from, to: now, released: 0, failed: {} };
      const shops = (await options.tokens.list()).filter(({ state }) => state === 'active');
      for (const { shopId } of shops) {
        if (run.signal.aborted) break;
        try {
          await payoutsOfShop(options, run, shopId, found);
        } catch (error) {
          // The other shops' payouts do not wait for this one.
          found.failed[shopId] = error instanceof Error ? error.message : String(error);
        }
      }
      const [failure] = Object.values(found.failed);
      // Not a good run: the next one begins where the last good one did.
      if (failure !== undefined)
        throw new Error(`payouts of ${Object.keys(found.failed).join(', ')} not read: ${failure}`);
      return { ...found };
    },
  };
}

async function payoutsOfShop(
  { shopee, keeper, refresher }: PayoutsOptions,
  run: JobRun,
  shopId: string,
  found: Found,
): Promise<void> {
  for (const { from, to } of timeWindows(found.from, found.to)) {
    for (let pageNo = 1; !run.signal.aborted; pageNo += 1) {
      const page = await keeper.use(shopId, (auth) => shopee.getEscrowList(auth, { from, to, pageNo, pageSize }));
      for (const entry of page.escrow_list) {
        const { payout_amount: amount, escrow_release_time: releasedAt } = entry;
        const payout = amount === undefined || releasedAt === undefined ? undefined : { amount, releasedAt };
        await refresher.refresh({ shopId, sn: entry.order_sn, payout }, 'payout');
        found.released += 1;
      }
      run.progress({ ...found });
      if (page.more !== true || page.escrow_list.length === 0) break;
    }
  }
}
