import type { OrderStore } from '../orders/order-store.ts';
import { apiFixture } from '../data/fixture.ts';
import type { JsonObject } from '../data/json.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import type { TokenStore } from './token-store.ts';

const {
  error: _error,
  message: _message,
  request_id: _requestId,
  ...shopInfo
} = apiFixture('shop.get_shop_info.doc-shape');

/** Shops, and what Shopee says about itself; the responses have no `response` around them. */
export function shopApis(orders: OrderStore, tokens: TokenStore): Api[] {
  return [
    { method: 'GET', path: '/shop/get_shop_info', kind: 'shop', handle: (call) => info(orders, tokens, call) },
    {
      method: 'GET',
      path: '/public/get_shops_by_partner',
      kind: 'public',
      handle: (call) => authorized(orders, tokens, call),
    },
    {
      method: 'GET',
      path: '/public/get_shopee_ip_ranges',
      kind: 'public',
      handle: () => ({ ip_list: ['127.0.0.0/8', '192.0.2.0/24', '198.51.100.0/24'] }),
    },
  ];
}

function info(orders: OrderStore, tokens: TokenStore, call: Call): JsonObject {
  const shop = shopOf(call);
  const affiliates = affiliatesOf(orders, shop.shopId);
  const isAffiliate = shop.kind === 'sip-affiliate';
  const authorization = tokens.authorizations.get(shop.shopId);
  const { sip_affi_shops: _sample, ...fields } = shopInfo;
  return {
    ...fields,
    shop_name: shop.name,
    region: shop.region,
    status: 'NORMAL',
    auth_time: authorization?.authTime,
    expire_time: authorization?.expireTime,
    merchant_id: shop.merchantId ?? null,
    is_cb: (shop.kind ?? 'local') !== 'local',
    // Of both kinds; only the seller's own shop has the list.
    is_sip: isAffiliate || affiliates.length > 0,
    ...(isAffiliate ? {} : { sip_affi_shops: affiliates }),
    linked_direct_shop_list: [],
  };
}

function affiliatesOf(orders: OrderStore, shopId: number): JsonObject[] {
  return [...orders.shops.values()]
    .filter(({ primaryShopId }) => primaryShopId === shopId)
    .map((shop) => ({ affi_shop_id: shop.shopId, region: shop.region }));
}

function authorized(orders: OrderStore, tokens: TokenStore, call: Call): JsonObject {
  const pageSize = integerParam(call.query, 'page_size', { min: 1, max: 100, otherwise: 100 });
  const pageNo = integerParam(call.query, 'page_no', { min: 1, max: 100_000, otherwise: 1 });
  const all = [...tokens.authorizations].filter(([, { expireTime }]) => expireTime > call.now);
  const page = all.slice((pageNo - 1) * pageSize, pageNo * pageSize);
  const shops = page.map(([shopId, { authTime, expireTime }]) => ({
    shop_id: shopId,
    region: orders.shops.get(shopId)?.region ?? '',
    sip_affi_shops: affiliatesOf(orders, shopId),
    auth_time: authTime,
    expire_time: expireTime,
  }));
  return { authed_shop_list: shops, more: all.length > pageNo * pageSize };
}
