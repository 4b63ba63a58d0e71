import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { MissingRows } from '../sheets/sheet-writer.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import type { Refresher } from './refresher.ts';

export interface MissingRowsOptions {
  refresher: Pick<Refresher, 'refresh' | 'put'>;
  shopee: Pick<ShopeeClient, 'getReturnDetail'>;
  keeper: Pick<TokenKeeper, 'use'>;
}

/**
 * Has rows that are gone from the sheet fetched from Shopee again; resolves when that is durably queued.
 * Keys are `shop:order`, `shop:order:line`, or `shop:return`.
 */
export async function refreshMissing(options: MissingRowsOptions, { tab, keys }: MissingRows): Promise<void> {
  const names = new Set(keys.map((key) => key.split(':', 2).join(':')));
  for (const name of names) {
    const [shopId = '', sn = ''] = name.split(':');
    if (shopId === '' || sn === '') continue;
    if (tab === 'Returns') await refreshReturn(options, shopId, sn);
    else await options.refresher.refresh({ shopId, sn }, 'reconcile');
  }
}

/** A return is found through its order, which only Shopee can name. */
async function refreshReturn({ refresher, shopee, keeper }: MissingRowsOptions, shopId: string, returnSn: string) {
  const { order_sn } = await keeper.use(shopId, (auth) => shopee.getReturnDetail(auth, returnSn));
  const data = JSON.stringify({ order_sn, return_sn: returnSn, updated_values: [] });
  const timestamp = Math.floor(Date.now() / 1000);
  await refresher.put(`{"code":29,"shop_id":${shopId},"timestamp":${timestamp},"data":${data}}`, 'reconcile');
}
