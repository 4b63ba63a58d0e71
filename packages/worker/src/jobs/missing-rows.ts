import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { ShopeeError, type ShopeeClient } from '@shopee-webhook/shopee';
import type { MissingRows } from '@shopee-webhook/sheets';
import { ProcessingFailedError, OrderNotFoundError } from '../upstreams/errors.ts';
import { classifyShopError } from '../upstreams/classify-outage.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import type { JobStore } from '@shopee-webhook/store';
import type { OrderRefresh } from './order-refresh.ts';

export interface MissingRowsDeps {
  orderRefresh: Pick<OrderRefresh, 'refreshOrder' | 'enqueuePush'>;
  shopee: Pick<ShopeeClient, 'getReturnDetail'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  jobStore: Pick<JobStore, 'request'>;
  logger: Logger;
}

/** The wallet is read again from here: a row's key does not say when it happened. */
const walletSpan = 365 * 86_400;

/**
 * Refetches rows that are missing from the sheet; resolves when they are durably queued, with the keys that could not be.
 * Keys are `shop:order`, `shop:order:line`, or `shop:return`; rows of other tabs are written by jobs, which run again.
 */
export async function refreshMissing(options: MissingRowsDeps, { tab, keys }: MissingRows): Promise<string[]> {
  if (tab === 'Wallet') {
    await options.jobStore.request('wallet', { from: Math.floor(systemClock.wallMs() / 1000) - walletSpan });
    return [];
  }
  if (tab === 'Payouts' || tab === 'Payout days') {
    await options.jobStore.request('payout-check', {});
    return [];
  }
  const remaining: string[] = [];
  const unavailableShops = new Set<string>();
  let firstError: unknown;
  for (const [name, ones] of Map.groupBy(keys, (key) => key.split(':', 2).join(':'))) {
    const [shopId = '', sn = ''] = name.split(':');
    if (shopId === '' || sn === '') continue;
    if (unavailableShops.has(shopId)) {
      remaining.push(...ones);
      continue;
    }
    try {
      if (tab === 'Returns') await refreshReturn(options, shopId, sn);
      else await options.orderRefresh.refreshOrder({ shopId, sn }, 'reconcile');
    } catch (err) {
      if (isNotFound(err)) {
        options.logger.warn({ tab, shop: shopId, sn }, 'missing row not found at Shopee');
        continue;
      }
      firstError ??= err;
      remaining.push(...ones);
      if (classifyShopError(err) !== undefined) unavailableShops.add(shopId);
    }
  }
  if (remaining.length > 0)
    options.logger.warn({ err: firstError, tab, rows: remaining.length }, 'could not request missing rows');
  return remaining;
}

function isNotFound(error: unknown): boolean {
  if (error instanceof ProcessingFailedError) return isNotFound(error.cause);
  return error instanceof OrderNotFoundError || (error instanceof ShopeeError && error.kind === 'not-found');
}

/** A return is refetched through its order, which only Shopee can name. */
async function refreshReturn(
  { orderRefresh, shopee, accessTokens }: MissingRowsDeps,
  shopId: string,
  returnSn: string,
) {
  const { order_sn } = await accessTokens.withToken(shopId, (auth) => shopee.getReturnDetail(auth, returnSn));
  const data = JSON.stringify({ order_sn, return_sn: returnSn, updated_values: [] });
  const timestamp = Math.floor(systemClock.wallMs() / 1000);
  await orderRefresh.enqueuePush(
    `{"code":29,"shop_id":${shopId},"timestamp":${timestamp},"data":${data}}`,
    'reconcile',
  );
}
