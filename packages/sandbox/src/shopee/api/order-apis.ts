import type { OrderStore } from '../orders/order-store.ts';
import { orderDetailOf } from '../orders/order-detail.ts';
import { maskingFor } from '../orders/masking.ts';
import type { OrderRecord } from '../orders/order-record.ts';
import { packageDetailOf } from '../orders/package-detail.ts';
import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import { integerParam, listParam, shopOf, requiredText, type Api, type Call } from './api.ts';
import { apiError, invalidParameter } from './api-errors.ts';

const day = 86_400;

// What comes without being requested, by the marks in Shopee's documentation of get_order_detail.
const defaultFields = [
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
const optionalFields: Record<string, readonly string[]> = {
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
const unrequestedFields = [
  'advance_package',
  'buyer_preference_for_partial_cancellation',
  'can_full_cancel_order',
  'can_partial_cancel_order',
  'is_buyer_shop_collection',
  'reverse_shipping_fee',
];

/** Orders and packages. */
export function orderApis(orders: OrderStore, settings: ShopeeSettings): Api[] {
  return [
    { method: 'GET', path: '/order/get_order_detail', kind: 'shop', handle: (call) => details(orders, settings, call) },
    { method: 'GET', path: '/order/get_order_list', kind: 'shop', handle: (call) => list(orders, call) },
    {
      method: 'GET',
      path: '/order/get_package_detail',
      kind: 'shop',
      handle: (call) => packages(orders, settings, call),
    },
  ];
}

function details(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const sns = listParam(call.query, 'order_sn_list');
  if (sns.length === 0) throw invalidParameter('missing order_sn_list');
  if (sns.length > 50) throw invalidParameter('order_sn_list allows 1 to 50 orders');
  const keys = fieldsFor(call);
  const withPending = call.query['request_order_status_pending'] === 'true';
  const found = sns.flatMap((sn) => {
    const record = orders.find(sn);
    if (record?.shopId === shopOf(call).shopId) return [record];
    if (settings.unknownOrder === 'fail') throw apiError('error_not_found');
    return [];
  });
  return { response: { order_list: found.map((record) => visibleFields(orderDetail(record), keys, withPending)) } };

  function orderDetail(record: OrderRecord): JsonObject {
    return orderDetailOf(orders, record, maskingFor(record, settings.masking));
  }
}

function fieldsFor(call: Call): ReadonlySet<string> {
  const requested = listParam(call.query, 'response_optional_fields');
  const unknown = requested.find((name) => optionalFields[name] === undefined);
  if (unknown !== undefined) throw invalidParameter(`response_optional_fields has no ${unknown}`);
  const more = requested.length === 0 ? [] : unrequestedFields;
  const pending = call.query['request_order_status_pending'] === 'true' ? ['pending_terms'] : [];
  return new Set([...defaultFields, ...more, ...pending, ...requested.flatMap((name) => optionalFields[name] ?? [])]);
}

/** Fields that were not requested are absent, and PENDING looks like READY_TO_SHIP to who did not ask for it. */
function visibleFields(detail: JsonObject, keys: ReadonlySet<string>, withPending: boolean): JsonObject {
  const visible = Object.fromEntries(Object.entries(detail).filter(([key]) => keys.has(key)));
  if (visible['order_status'] === 'PENDING' && !withPending) visible['order_status'] = 'READY_TO_SHIP';
  return visible;
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

function list(orders: OrderStore, call: Call): JsonObject {
  const { query } = call;
  const field = requiredText(query, 'time_range_field');
  if (field !== 'create_time' && field !== 'update_time') throw invalidParameter('time_range_field');
  const from = integerParam(query, 'time_from', { min: 0, max: 4_294_967_295 });
  const to = integerParam(query, 'time_to', { min: 0, max: 4_294_967_295 });
  if (from >= to || to - from > 15 * day) throw apiError('order.order_list_invalid_time');
  const pageSize = integerParam(query, 'page_size', { min: 1, max: 100 });
  const status = query['order_status'] ?? '';
  if (status !== '' && !filters.has(status)) throw invalidParameter(`order_status has no ${status}`);
  const cursor = query['cursor'] ?? '';
  if (!/^\d{0,9}$/.test(cursor)) throw invalidParameter('cursor');

  const all = orders.list(shopOf(call).shopId, field, from, to);
  const matching = status === '' ? all : all.filter((record) => publicStatus(record, call) === status);
  // The cursor is an offset, as in Shopee's sample: orders that leave the window meanwhile shift the pages.
  const start = Number(cursor);
  const page = matching.slice(start, start + pageSize);
  const more = matching.length > start + pageSize;
  const withStatus = listParam(query, 'response_optional_fields').includes('order_status');
  const entries = page.map((record) => ({
    order_sn: record.sn,
    ...(withStatus ? { order_status: publicStatus(record, call) } : {}),
    booking_sn: '',
  }));
  return { response: { more, next_cursor: more ? String(start + pageSize) : '', order_list: entries } };
}

function publicStatus(record: OrderRecord, call: Call): string {
  const requested = call.query['request_order_status_pending'] === 'true';
  return record.status === 'PENDING' && !requested ? 'READY_TO_SHIP' : record.status;
}

function packages(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const numbers = listParam(call.query, 'package_number_list');
  if (numbers.length === 0 || numbers.length > 50)
    throw invalidParameter('package_number_list allows 1 to 50 packages');
  const found = numbers.map((number) => {
    const detail = packageDetailOf(orders, number, shopOf(call).shopId, settings.masking);
    if (detail === undefined) throw invalidParameter(number, 'The information you queried is not found.');
    return detail;
  });
  return { response: { package_list: found }, warning: '' };
}
