import type { Logger } from '@shopee-webhook/runtime';
import { ShopeeError, type ShopeeClient } from '@shopee-webhook/shopee';
import { NotHandledError, OrderNotFoundError } from '../errors.ts';
import { shopOutageOf } from '../outages/side-outages.ts';
import type { MissingRows } from '../sheets/sheet-writer.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import type { Refresher } from './refresher.ts';

export interface MissingRowsOptions {
  refresher: Pick<Refresher, 'refresh' | 'put'>;
  shopee: Pick<ShopeeClient, 'getReturnDetail'>;
  keeper: Pick<TokenKeeper, 'use'>;
  logger: Logger;
}

/**
 * Has rows that are gone from the sheet fetched from Shopee again; resolves when that is durably queued, with the keys
 * for which it could not be. Keys are `shop:order`, `shop:order:line`, or `shop:return`.
 */
export async function refreshMissing(options: MissingRowsOptions, { tab, keys }: MissingRows): Promise<string[]> {
  const left: string[] = [];
  const awayShops = new Set<string>();
  let firstError: unknown;
  for (const [name, ones] of Map.groupBy(keys, (key) => key.split(':', 2).join(':'))) {
    const [shopId = '', sn = ''] = name.split(':');
    if (shopId === '' || sn === '') continue;
    if (awayShops.has(shopId)) {
      left.push(...ones);
      continue;
    }
    try {
      if (tab === 'Returns') await refreshReturn(options, shopId, sn);
      else await options.refresher.refresh({ shopId, sn }, 'reconcile');
    } catch (err) {
      if (isNotFound(err)) {
        options.logger.warn({ tab, shop: shopId, sn }, 'missing row given up: Shopee does not know it');
        continue;
      }
      firstError ??= err;
      left.push(...ones);
      if (shopOutageOf(err) !== undefined) awayShops.add(shopId);
    }
  }
  if (left.length > 0) options.logger.warn({ err: firstError, tab, rows: left.length }, 'missing rows not fetched yet');
  return left;
}

function isNotFound(error: unknown): boolean {
  if (error instanceof NotHandledError) return isNotFound(error.cause);
  return error instanceof OrderNotFoundError || (error instanceof ShopeeError && error.kind === 'not-found');
}

/** A return is found through its order, which only Shopee can name. */
async function refreshReturn({ refresher, shopee, keeper }: MissingRowsOptions, shopId: string, returnSn: string) {
  const { order_sn } = await keeper.use(shopId, (auth) => shopee.getReturnDetail(auth, returnSn));
  const data = JSON.stringify({ order_sn, return_sn: returnSn, updated_values: [] });
  const timestamp = Math.floor(Date.now() / 1000);
  await refresher.put(`{"code":29,"shop_id":${shopId},"timestamp":${timestamp},"data":${data}}`, 'reconcile');
}
