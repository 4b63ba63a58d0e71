import { escrowOf, hasEscrow } from '../orders/escrow-detail.ts';
import type { OrderStore } from '../orders/order-store.ts';
import type { OrderRecord } from '../orders/order-record.ts';
import { regionOf, toAmount } from '../orders/regions.ts';
import { settlementOf } from '../orders/settlement.ts';
import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import { ApiError, apiError } from './api-errors.ts';

/** Escrow: what the seller earns with an order. */
export function paymentApis(orders: OrderStore, settings: ShopeeSettings): Api[] {
  const escrowFor = (sn: string, call: Call): JsonObject | undefined => {
    const record = orders.find(sn);
    if (record === undefined || record.shopId !== shopOf(call).shopId) return undefined;
    const { escrowDelaySeconds: delay, escrowFrom } = settings;
    const isDelayed = delay > 0 && call.now - record.payTime < delay;
    if (hasEscrow(record, escrowFrom) && !isDelayed) return escrowOf(orders, record);
    if (!isShownEmpty(record, settings)) return undefined;
    return { order_sn: sn, buyer_user_name: '', return_order_sn_list: [], order_income: {}, buyer_payment_info: {} };
  };
  return [
    {
      method: 'GET',
      path: '/payment/get_escrow_detail',
      kind: 'shop',
      handle: (call) => escrowDetail(escrowFor, call),
    },
    // The documentation says GET; the live gateway wants POST with a JSON body (measured by others, 2026-08-12).
    {
      method: 'POST',
      path: '/payment/get_escrow_detail_batch',
      kind: 'shop',
      handle: (call) => escrowBatch({ escrowFor, orders, settings }, call),
    },
    { method: 'GET', path: '/payment/get_escrow_list', kind: 'shop', handle: (call) => escrowList(orders, call) },
  ];
}

// Shopee's own texts, from the error list of get_escrow_list (2026-08-18).
const wrongTime =
  'release_time_from and/or release_time_to parameter is missing or invalid. Please provide both a valid start date, and end date to query.';
const wrongOrder =
  'release_time_from and/or release_time_to parameter is invalid. Please provide both a valid start date, and end date to query where start date cannot be later than the end date.';
const wrongPageSize =
  'Invalid page_size parameter. Please provide a valid value between 1 and 100. If left empty, the default value of 40 will be applied.';

type EscrowFor = (sn: string, call: Call) => JsonObject | undefined;

function escrowDetail(escrowFor: EscrowFor, call: Call): JsonObject {
  const sn = call.query['order_sn'] ?? '';
  if (sn === '')
    throw new ApiError('error_param', 'Missing order_sn. Please include a valid order_sn to get escrow details.');
  const escrow = escrowFor(sn, call);
  if (escrow === undefined) throw apiError('order_not_found');
  return { response: escrow };
}

/** When any order fails, the response takes the other documented shape: `escrow_detail_list` beside `error`. */
function escrowBatch(
  { escrowFor, orders, settings }: { escrowFor: EscrowFor; orders: OrderStore; settings: ShopeeSettings },
  call: Call,
): JsonObject {
  const sns = call.body['order_sn_list'];
  if (!Array.isArray(sns) || sns.length === 0 || !sns.every((sn) => typeof sn === 'string')) {
    throw new ApiError('error_param', 'order_sn_list is required, format should be string[]');
  }
  if (sns.length > 50) throw apiError('exceed_max_limit');
  const found = sns.map((sn) => ({ sn, escrow: escrowFor(sn, call) }));
  const entries = found.map(({ sn, escrow }) =>
    escrow === undefined ? failedEntry(sn) : { escrow_detail: inBatch(escrow, orders, settings) },
  );
  const whole = found.every(({ escrow }) => escrow !== undefined);
  return whole ? { response: entries } : { escrow_detail_list: entries };
}

/** Both answers were seen for an escrow that is not there yet; of unpaid orders only the error. */
function isShownEmpty(record: OrderRecord, { missingEscrow }: ShopeeSettings): boolean {
  if (record.status === 'UNPAID') return false;
  if (missingEscrow === 'both') return record.index % 2 === 1;
  return missingEscrow === 'empty';
}

const adjustmentFields = new Set(['order_adjustment', 'total_adjustment_amount', 'escrow_amount_after_adjustment']);
const pageSpellings = new Map([
  ['shipping_fee_discount_from_3pl', 'shipping_fee_discount_from_pl'],
  ['trade_in_bonus_by_seller', 'trade_in_bonus_seller'],
]);

/** The same escrow as an element of the batch call: without adjustments, and with what only the batch call's page names. */
function inBatch(escrow: JsonObject, orders: OrderStore, settings: ShopeeSettings): JsonObject {
  const income = escrow['order_income'] as JsonObject;
  const record = orders.find(String(escrow['order_sn']));
  if (record === undefined || income['seller_return_refund'] === undefined) return escrow;
  const { region, kind } = orders.contentOf(record).extras.market;
  const premium = orders.contentOf(record).extras.fees.returnPremium;
  const shown = Object.entries(income)
    .filter(([name]) => name !== 'tenure_info_list' && (settings.batchAdjustments || !adjustmentFields.has(name)))
    .map(([name, value]) => [(settings.batchSpelling === 'page' && pageSpellings.get(name)) || name, value] as const);
  return {
    ...escrow,
    order_income: {
      ...Object.fromEntries(shown),
      refund_amount_to_buyer: income['seller_return_refund'],
      ...(region.code === 'PH' && kind === 'local'
        ? { rsf_seller_protection_fee_premium_amount: toAmount(premium, region.decimals) }
        : {}),
    },
    buyer_payment_info: { ...(escrow['buyer_payment_info'] as JsonObject), bcrs_discount: 0 },
  };
}

function failedEntry(sn: string): JsonObject {
  return {
    escrow_detail: { order_sn: sn, return_order_sn_list: [] },
    fail_error: 'order_not_found',
    fail_message: 'The order info not found.',
  };
}

function escrowList(orders: OrderStore, call: Call): JsonObject {
  const from = integerParam(call.query, 'release_time_from', { min: 0, max: 4_294_967_295, message: wrongTime });
  const to = integerParam(call.query, 'release_time_to', { min: 0, max: 4_294_967_295, message: wrongTime });
  const pageNo = integerParam(call.query, 'page_no', { min: 1, max: 1_000_000, otherwise: 1 });
  const pageSize = integerParam(call.query, 'page_size', { min: 1, max: 100, otherwise: 40, message: wrongPageSize });
  if (from > to) throw new ApiError('error_param', wrongOrder);
  const shop = shopOf(call);
  const { decimals } = regionOf(shop.region);
  const all = [...orders.records()].filter(
    (record) =>
      record.shopId === shop.shopId &&
      record.releaseTime > 0 &&
      record.releaseTime >= from &&
      record.releaseTime <= Math.min(to, orders.time),
  );
  all.sort((left, right) => left.releaseTime - right.releaseTime || left.index - right.index);
  const page = all.slice((pageNo - 1) * pageSize, pageNo * pageSize);
  const entries = page.map((record) => {
    const payout = toAmount(settlementOf(orders, record).released, decimals);
    return { order_sn: record.sn, payout_amount: payout, escrow_release_time: record.releaseTime };
  });
  return { response: { more: all.length > pageNo * pageSize, escrow_list: entries } };
}
