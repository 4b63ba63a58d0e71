import { currentMoneyOf, escrowOf, hasEscrow } from '../book/escrow-detail.ts';
import type { OrderBook } from '../book/order-book.ts';
import type { OrderRecord } from '../book/order-record.ts';
import { regionOf, toAmount } from '../book/regions.ts';
import type { JsonObject } from '../json.ts';
import type { ShopeeSettings } from '../settings.ts';
import { integerIn, shopOf, type Api, type Call } from './api.ts';
import { Refusal, refusal, wrongParameter } from './refusals.ts';

/** Escrow: what the seller earns with an order. */
export function paymentApis(book: OrderBook, settings: ShopeeSettings): Api[] {
  const visible = (sn: string, call: Call): OrderRecord | undefined => {
    const record = book.find(sn);
    if (record === undefined || record.shopId !== shopOf(call).shopId || !hasEscrow(record)) return undefined;
    const delay = settings.escrowDelaySeconds;
    return delay > 0 && call.now - record.payTime < delay ? undefined : record;
  };
  return [
    { method: 'GET', path: '/payment/get_escrow_detail', kind: 'shop', handle: (call) => one(book, visible, call) },
    // The documentation says GET; the live gateway wants POST with a JSON body (measured by others, 2026-08-12).
    {
      method: 'POST',
      path: '/payment/get_escrow_detail_batch',
      kind: 'shop',
      handle: (call) => batch(book, visible, call),
    },
    { method: 'GET', path: '/payment/get_escrow_list', kind: 'shop', handle: (call) => released(book, call) },
  ];
}

type Visible = (sn: string, call: Call) => OrderRecord | undefined;

function one(book: OrderBook, visible: Visible, call: Call): JsonObject {
  const sn = call.query['order_sn'] ?? '';
  if (sn === '') throw new Refusal('error_param', 'Missing order_sn in the request.');
  const record = visible(sn, call);
  if (record === undefined) throw refusal('order_not_found');
  return { response: escrowOf(book, record) };
}

/** When any order fails, the answer takes the other documented shape: `escrow_detail_list` beside `error`. */
function batch(book: OrderBook, visible: Visible, call: Call): JsonObject {
  const sns = call.body['order_sn_list'];
  if (!Array.isArray(sns) || sns.length === 0 || !sns.every((sn) => typeof sn === 'string')) {
    throw wrongParameter('order_sn_list must be a list of order numbers');
  }
  if (sns.length > 50) throw refusal('exceed_max_limit');
  const found = sns.map((sn) => ({ sn, record: visible(sn, call) }));
  const entries = found.map(({ sn, record }) =>
    record === undefined ? failed(sn) : { escrow_detail: escrowOf(book, record) },
  );
  const whole = found.every(({ record }) => record !== undefined);
  return whole ? { response: entries } : { escrow_detail_list: entries };
}

function failed(sn: string): JsonObject {
  return {
    escrow_detail: { order_sn: sn, return_order_sn_list: [] },
    fail_error: 'order_not_found',
    fail_message: 'The order info not found.',
  };
}

function released(book: OrderBook, call: Call): JsonObject {
  const from = integerIn(call.query, 'release_time_from', { min: 0, max: 4_294_967_295 });
  const to = integerIn(call.query, 'release_time_to', { min: 0, max: 4_294_967_295 });
  const pageNo = integerIn(call.query, 'page_no', { min: 1, max: 1_000_000, otherwise: 1 });
  const pageSize = integerIn(call.query, 'page_size', { min: 1, max: 100, otherwise: 40 });
  if (from > to) throw wrongParameter('release_time_from must be before release_time_to');
  const shop = shopOf(call);
  const { decimals } = regionOf(shop.region);
  const all = [...book.records()].filter(
    (record) =>
      record.shopId === shop.shopId && record.releaseTime > 0 && record.releaseTime >= from && record.releaseTime <= to,
  );
  all.sort((left, right) => left.releaseTime - right.releaseTime || left.index - right.index);
  const page = all.slice((pageNo - 1) * pageSize, pageNo * pageSize);
  const entries = page.map((record) => {
    const money = currentMoneyOf(book, record);
    const payout = toAmount(money.escrow + money.adjustment, decimals);
    return { order_sn: record.sn, payout_amount: payout, escrow_release_time: record.releaseTime };
  });
  return { response: { more: all.length > pageNo * pageSize, escrow_list: entries } };
}
