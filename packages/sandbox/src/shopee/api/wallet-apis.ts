import type { JsonObject } from '../data/json.ts';
import type { OrderRecord } from '../orders/order-record.ts';
import type { OrderStore } from '../orders/order-store.ts';
import { regionOf, toAmount } from '../orders/regions.ts';
import { settlementOf } from '../orders/settlement.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import { ApiError } from './api-errors.ts';

const day = 86_400;
const latest = 4_294_967_295;

/** One line of the ledger, its amount signed and in minor units. */
interface Entry {
  record: OrderRecord;
  type: string;
  tab: string;
  amount: number;
  at: number;
}

/** The wallet of local shops, as far as orders move it: releases, corrections, and returns after the release. */
export function walletApis(orders: OrderStore): Api[] {
  return [
    {
      method: 'GET',
      path: '/payment/get_wallet_transaction_list',
      kind: 'shop',
      handle: (call) => transactions(orders, call),
    },
  ];
}

function transactions(orders: OrderStore, call: Call): JsonObject {
  const { query } = call;
  const pageNo = integerParam(query, 'page_no', { min: 0, max: 1_000_000 });
  const pageSize = integerParam(query, 'page_size', { min: 1, max: 100 });
  const from = integerParam(query, 'create_time_from', { min: 0, max: latest, otherwise: 0 });
  const to = integerParam(query, 'create_time_to', { min: 0, max: latest, otherwise: latest });
  const isBounded = query['create_time_from'] !== undefined || query['create_time_to'] !== undefined;
  if (from > to) throw new ApiError('time_invalid', 'Wrong parameters, detail: create_time_from.');
  if (isBounded && to - from > 15 * day)
    throw new ApiError('time_period_too_large', 'Wrong parameters, detail: create_time_from.');
  const { shopId, region } = shopOf(call);
  const { decimals } = regionOf(region);
  let balance = 0;
  const lines = entriesOf(orders, shopId).map((entry, index) => {
    balance += entry.amount;
    return { entry, line: lineOf(orders, entry, { index, balance, decimals }) };
  });
  const wanted = lines.filter(({ entry }) => entry.at >= from && entry.at <= to).toReversed();
  const page = wanted.slice(pageNo * pageSize, (pageNo + 1) * pageSize);
  const more = wanted.length > (pageNo + 1) * pageSize;
  return { response: { more, transaction_list: page.map(({ line }) => line) } };
}

/** Oldest first. */
function entriesOf(orders: OrderStore, shopId: number): Entry[] {
  const entries = [...orders.records()]
    .filter((record) => record.shopId === shopId)
    .flatMap((record) => {
      const { isReleased, released, corrections, lateReturns } = settlementOf(orders, record);
      if (!isReleased) return [];
      return [
        {
          record,
          type: released < 0 ? 'ESCROW_VERIFIED_MINUS' : 'ESCROW_VERIFIED_ADD',
          tab: 'wallet_order_income',
          amount: released,
          at: record.releaseTime,
        },
        ...corrections.map(({ amount, at }) => ({
          record,
          type: amount < 0 ? 'ADJUSTMENT_MINUS' : 'ADJUSTMENT_ADD',
          tab: 'wallet_adjustment_filter',
          amount,
          at,
        })),
        ...lateReturns.map(({ entry, cost }) => ({
          record,
          type: 'ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED',
          tab: 'wallet_adjustment_filter',
          amount: -cost,
          at: entry.updateTime,
        })),
      ];
    });
  return entries.sort((left, right) => left.at - right.at || left.record.index - right.record.index);
}

function lineOf(
  orders: OrderStore,
  { record, type, tab, amount, at }: Entry,
  { index, balance, decimals }: { index: number; balance: number; decimals: number },
): JsonObject {
  return {
    // 18 digits, as seen: beyond what a JavaScript number can hold.
    transaction_id: 222_000_000_000_000_000n + BigInt(index),
    status: 'COMPLETED',
    wallet_type: 'shopee_pay',
    transaction_type: type,
    amount: toAmount(amount, decimals),
    current_balance: toAmount(balance, decimals),
    create_time: at,
    reason: '',
    order_sn: record.sn,
    // Empty even for a return, as seen.
    refund_sn: '',
    withdrawal_type: '',
    transaction_fee: 0,
    description: `${type} #${record.sn}`,
    buyer_name: orders.contentOf(record).buyer.username,
    pay_order_list: [],
    withdrawal_id: 0,
    root_withdrawal_id: 0,
    remarks: { free_sample_order_id: null, ppp_project_id: null },
    transaction_tab_type: tab,
    money_flow: amount < 0 ? 'MONEY_OUT' : 'MONEY_IN',
    outlet_shop_name: '',
  };
}
