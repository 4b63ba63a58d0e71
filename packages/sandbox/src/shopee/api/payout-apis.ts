import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import type { OrderStore } from '../orders/order-store.ts';
import type { SandboxShop } from '../orders/order-record.ts';
import { payoutsOf, type BillingItem, type Payout } from '../orders/payouts.ts';
import { regionOf, toAmount } from '../orders/regions.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import { ApiError } from './api-errors.ts';

const day = 86_400;
const latest = 4_294_967_295;
const firstPayout = Date.UTC(2022, 4, 1) / 1000;

// All texts are Shopee's own, from the error lists of these calls (2026-08-18).
const texts = {
  crossBorderOnly: 'This payment API is only applicable for cross boarder shop',
  ended:
    'This API is no longer available in this region. If this is unexpected, please reach out to Customer Support for assistance.',
  cursor:
    'Invalid or missing cursor parameter. Please enter an empty string i.e. "" for the first request or use the next_cursor value returned from the previous response for subsequent requests.',
  pageSize: 'page_size is required, format should be correct and input within 1-100',
  payoutTime: 'invalid payout_time format, please check',
  timeRange: 'invalid time range, please ensure payout_time_to is greater than payout_time_from but within 15 days',
  tooEarly: 'The selected payout start time is not supported. Please choose a start time no earlier than May 1, 2022.',
  type: 'billing_transaction_info_type provided is invalid, please use one of the support billing item type values: 1 - To Release, 2 - Released.',
  noType: 'billing_transaction_info_type is required',
  noIds: 'payout ids can not be empty when querying Released info',
  tooManyIds: 'payout ids length exceed limit',
};

/** Payouts and their items; of cross-border shops only. */
export function payoutApis(orders: OrderStore, settings: ShopeeSettings): Api[] {
  return [
    { method: 'GET', path: '/payment/get_payout_info', kind: 'shop', handle: (call) => payoutInfo(orders, call) },
    {
      method: 'GET',
      path: '/payment/get_payout_detail',
      kind: 'shop',
      handle: (call) => payoutDetail(orders, settings, call),
    },
    {
      method: 'POST',
      path: '/payment/get_billing_transaction_info',
      kind: 'shop',
      handle: (call) => billing(orders, call),
    },
  ];
}

function payoutInfo(orders: OrderStore, call: Call): JsonObject {
  const shop = crossBorderShop(call);
  const payouts = payoutsIn(orders, shop, call.query);
  const size = pageSizeOf(call.query['page_size']);
  const start = cursorOf(call.query['cursor']);
  const page = payouts.slice(start, start + size);
  const more = payouts.length > start + size;
  const list = page.map((payout) => ({ ...infoOf(shop, payout), encrypted_payout_id: payout.id }));
  return { response: { payout_list: list, more, next_cursor: more ? String(start + size) : '' } };
}

function payoutDetail(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const shop = crossBorderShop(call);
  if (settings.payoutDetailEnded) throw rejection(texts.ended);
  const payouts = payoutsIn(orders, shop, call.query);
  const size = pageSizeOf(call.query['page_size']);
  const pageNo = integerParam(call.query, 'page_no', { min: 1, max: 1_000_000 });
  const { decimals, currency } = regionOf(shop.region);
  const page = payouts.slice((pageNo - 1) * size, pageNo * size);
  const list = page.map((payout) => ({
    payout_info: infoOf(shop, payout),
    escrow_list: payout.items
      .filter(({ type }) => type === 'ESCROW')
      .map(({ amount, record }) => ({
        escrow_amount: toAmount(amount, decimals),
        currency,
        order_sn: record?.sn ?? '',
      })),
    offline_adjustment_list: payout.items
      .filter(({ type }) => type === 'ADJUSTMENT')
      .map(({ amount, record, header, scenario, remark }) => ({
        adjustment_amount: toAmount(amount, decimals),
        module: header,
        remark,
        scenario,
        adjustment_level: record === undefined ? 'shop' : 'order',
        order_sn: record?.sn ?? '',
      })),
  }));
  return { response: { more: payouts.length > pageNo * size, payout_list: list } };
}

function billing(orders: OrderStore, call: Call): JsonObject {
  const shop = crossBorderShop(call);
  const type = call.body['billing_transaction_info_type'];
  if (type === undefined) throw rejection(texts.noType);
  if (type !== 1 && type !== 2) throw rejection(texts.type);
  const size = pageSizeOf(call.body['page_size']);
  const start = cursorOf(call.body['cursor']);
  const items = type === 1 ? payoutsOf(orders, shop.shopId).waiting : releasedItems(orders, shop, call);
  const page = items.slice(start, start + size);
  const more = items.length > start + size;
  const status = type === 1 ? 'TO_RELEASE' : 'RELEASED';
  return {
    response: {
      transactions: page.map((item) => transactionOf(shop, item, status)),
      more,
      next_cursor: more ? String(start + size) : '',
    },
  };
}

function releasedItems(orders: OrderStore, shop: SandboxShop, call: Call): BillingItem[] {
  const ids = call.body['encrypted_payout_ids'];
  if (!Array.isArray(ids) || ids.length === 0) throw rejection(texts.noIds);
  if (ids.length > 100) throw rejection(texts.tooManyIds);
  const { payouts } = payoutsOf(orders, shop.shopId);
  const unknown = ids.filter((id) => !payouts.some((payout) => payout.id === id));
  if (unknown.length > 0)
    throw rejection(`payout ids{${unknown.join(',')}} not found, please recheck if the id is correct or not`);
  return payouts.filter(({ id }) => ids.includes(id)).flatMap(({ items }) => items);
}

function transactionOf(shop: SandboxShop, item: BillingItem, status: string): JsonObject {
  const { decimals, currency } = regionOf(shop.region);
  return {
    amount: toAmount(item.amount, decimals),
    currency,
    order_sn: item.record?.sn ?? '',
    cost_header: item.header,
    scenario: item.scenario,
    remark: item.remark,
    level: item.record === undefined ? 'SHOP' : 'ORDER',
    billing_transaction_type: item.type,
    billing_transaction_status: status,
  };
}

function infoOf(shop: SandboxShop, payout: Payout): JsonObject {
  const { decimals, currency } = regionOf(shop.region);
  const amount = toAmount(
    payout.items.reduce((total, item) => total + item.amount, 0),
    decimals,
  );
  return {
    from_currency: currency,
    payout_currency: currency,
    from_amount: amount,
    payout_amount: amount,
    exchange_rate: '1',
    payout_time: payout.time,
    pay_service: 'Payoneer',
    payee_id: '279000000000',
  };
}

/** Newest first, as in Shopee's sample. */
function payoutsIn(orders: OrderStore, shop: SandboxShop, query: Call['query']): Payout[] {
  const from = timeOf(query, 'payout_time_from');
  const to = timeOf(query, 'payout_time_to');
  if (from >= to || to - from > 15 * day) throw rejection(texts.timeRange);
  if (from < firstPayout) throw rejection(texts.tooEarly);
  return payoutsOf(orders, shop.shopId)
    .payouts.filter(({ time }) => time >= from && time <= to)
    .toReversed();
}

function timeOf(query: Call['query'], name: string): number {
  const value = query[name];
  if (value === undefined || value === '') throw rejection(`${name} is required`);
  if (!/^\d+$/.test(value) || Number(value) > latest) throw rejection(texts.payoutTime);
  return Number(value);
}

/** In the query a text, in the body a number. */
function pageSizeOf(value: unknown): number {
  const size = Number(value ?? Number.NaN);
  if (!Number.isInteger(size) || size < 1 || size > 100) throw rejection(texts.pageSize);
  return size;
}

function cursorOf(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{0,9}$/.test(value)) throw rejection(texts.cursor);
  return Number(value);
}

function crossBorderShop(call: Call): SandboxShop {
  const shop = shopOf(call);
  if ((shop.kind ?? 'local') === 'local') throw rejection(texts.crossBorderOnly);
  return shop;
}

function rejection(message: string): ApiError {
  return new ApiError('error_param', message);
}
