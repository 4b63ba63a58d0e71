import type { OrderBook } from '../book/order-book.ts';
import { orderDetailOf } from '../book/order-detail.ts';
import { maskingFor } from '../book/masking.ts';
import type { OrderRecord } from '../book/order-record.ts';
import { packageDetailOf } from '../book/package-detail.ts';
import type { JsonObject } from '../json.ts';
import type { ShopeeSettings } from '../settings.ts';
import { integerIn, listIn, shopOf, textIn, type Api, type Call } from './api.ts';
import { refusal, wrongParameter } from './refusals.ts';

const day = 86_400;

// What comes without being asked for, by the marks in Shopee's documentation of get_order_detail.
const always = [
  'order_sn',
  'region',
  'currency',
  'cod',
  'order_status',
  'message_to_seller',
  'create_time',
  'update_time',
  'days_to_ship',
  'ship_by_date',
  'booking_sn',
];

// The names that response_optional_fields knows, and the keys each brings where they differ.
const optional: Record<string, readonly string[]> = {
  ...Object.fromEntries(
    [
      'buyer_user_id',
      'buyer_username',
      'estimated_shipping_fee',
      'recipient_address',
      'actual_shipping_fee',
      'goods_to_declare',
      'note',
      'note_update_time',
      'item_list',
      'pay_time',
      'dropshipper',
      'dropshipper_phone',
      'split_up',
      'buyer_cancel_reason',
      'cancel_by',
      'cancel_reason',
      'actual_shipping_fee_confirmed',
      'buyer_cpf_id',
      'fulfillment_flag',
      'pickup_done_time',
      'package_list',
      'payment_method',
      'total_amount',
      'invoice_data',
      'order_chargeable_weight_gram',
      'return_request_due_date',
      'payment_info',
      'international_label',
    ].map((name) => [name, [name]]),
  ),
  shipping_carrier: ['shipping_carrier', 'checkout_shipping_carrier'],
  edt: ['edt_from', 'edt_to'],
};

// Came unasked with the captured order, beside the documented defaults; here with any optional field.
const unasked = [
  'advance_package',
  'buyer_preference_for_partial_cancellation',
  'can_full_cancel_order',
  'can_partial_cancel_order',
  'is_buyer_shop_collection',
  'reverse_shipping_fee',
];

/** Orders and packages. */
export function orderApis(book: OrderBook, settings: ShopeeSettings): Api[] {
  return [
    { method: 'GET', path: '/order/get_order_detail', kind: 'shop', handle: (call) => details(book, settings, call) },
    { method: 'GET', path: '/order/get_order_list', kind: 'shop', handle: (call) => list(book, call) },
    {
      method: 'GET',
      path: '/order/get_package_detail',
      kind: 'shop',
      handle: (call) => packages(book, settings, call),
    },
  ];
}

function details(book: OrderBook, settings: ShopeeSettings, call: Call): JsonObject {
  const sns = listIn(call.query, 'order_sn_list');
  if (sns.length === 0) throw wrongParameter('missing order_sn_list');
  if (sns.length > 50) throw wrongParameter('order_sn_list allows 1 to 50 orders');
  const keys = keysFor(call);
  const withPending = call.query['request_order_status_pending'] === 'true';
  const found = sns.flatMap((sn) => {
    const record = book.find(sn);
    if (record?.shopId === shopOf(call).shopId) return [record];
    if (settings.unknownOrder === 'fail') throw refusal('error_not_found');
    return [];
  });
  return { response: { order_list: found.map((record) => shown(orderDetail(record), keys, withPending)) } };

  function orderDetail(record: OrderRecord): JsonObject {
    return orderDetailOf(book, record, maskingFor(record, settings.masking));
  }
}

function keysFor(call: Call): ReadonlySet<string> {
  const asked = listIn(call.query, 'response_optional_fields');
  const unknown = asked.find((name) => optional[name] === undefined);
  if (unknown !== undefined) throw wrongParameter(`response_optional_fields has no ${unknown}`);
  const more = asked.length === 0 ? [] : unasked;
  const pending = call.query['request_order_status_pending'] === 'true' ? ['pending_terms'] : [];
  return new Set([...always, ...more, ...pending, ...asked.flatMap((name) => optional[name] ?? [])]);
}

/** Fields that were not asked for are absent, and PENDING looks like READY_TO_SHIP to who did not ask for it. */
function shown(detail: JsonObject, keys: ReadonlySet<string>, withPending: boolean): JsonObject {
  const kept = Object.fromEntries(Object.entries(detail).filter(([key]) => keys.has(key)));
  if (kept['order_status'] === 'PENDING' && !withPending) kept['order_status'] = 'READY_TO_SHIP';
  return kept;
}

const filters = new Set([
  'UNPAID',
  'READY_TO_SHIP',
  'PROCESSED',
  'SHIPPED',
  'COMPLETED',
  'IN_CANCEL',
  'CANCELLED',
  'INVOICE_PENDING',
]);

function list(book: OrderBook, call: Call): JsonObject {
  const { query } = call;
  const field = textIn(query, 'time_range_field');
  if (field !== 'create_time' && field !== 'update_time') throw wrongParameter('time_range_field');
  const from = integerIn(query, 'time_from', { min: 0, max: 4_294_967_295 });
  const to = integerIn(query, 'time_to', { min: 0, max: 4_294_967_295 });
  if (from > to || to - from > 15 * day) throw refusal('order.order_list_invalid_time');
  const pageSize = integerIn(query, 'page_size', { min: 1, max: 100 });
  const status = query['order_status'] ?? '';
  if (status !== '' && !filters.has(status)) throw wrongParameter(`order_status has no ${status}`);
  const cursor = query['cursor'] ?? '';
  if (!/^\d{0,9}$/.test(cursor)) throw wrongParameter('cursor');

  const all = book.list(shopOf(call).shopId, field, from, to);
  const matching = status === '' ? all : all.filter((record) => outwards(record, call) === status);
  // The cursor is an offset, as in Shopee's sample: orders that leave the window meanwhile shift the pages.
  const start = Number(cursor);
  const page = matching.slice(start, start + pageSize);
  const more = matching.length > start + pageSize;
  const withStatus = listIn(query, 'response_optional_fields').includes('order_status');
  const entries = page.map((record) => ({
    order_sn: record.sn,
    ...(withStatus ? { order_status: outwards(record, call) } : {}),
    booking_sn: '',
  }));
  return { response: { more, next_cursor: more ? String(start + pageSize) : '', order_list: entries } };
}

function outwards(record: OrderRecord, call: Call): string {
  const asked = call.query['request_order_status_pending'] === 'true';
  return record.status === 'PENDING' && !asked ? 'READY_TO_SHIP' : record.status;
}

function packages(book: OrderBook, settings: ShopeeSettings, call: Call): JsonObject {
  const numbers = listIn(call.query, 'package_number_list');
  if (numbers.length === 0 || numbers.length > 50) throw wrongParameter('package_number_list allows 1 to 50 packages');
  const found = numbers.map((number) => {
    const detail = packageDetailOf(book, number, shopOf(call).shopId, settings.masking);
    if (detail === undefined) throw wrongParameter(`the package ${number} is not found`);
    return detail;
  });
  return { response: { package_list: found }, warning: '' };
}
