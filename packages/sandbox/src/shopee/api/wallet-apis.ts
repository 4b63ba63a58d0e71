import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import { ledgerOf, type LedgerEntry } from '../orders/ledger.ts';
import type { OrderStore } from '../orders/order-store.ts';
import { marketOf } from '../orders/shop-market.ts';
import { toAmount } from '../orders/regions.ts';
import { integerParam, shopOf, type Api, type Call } from './api.ts';
import { ApiError, apiError } from './api-errors.ts';

const day = 86_400;
const latest = 4_294_967_295;

/** The wallet of local shops. */
export function walletApis(orders: OrderStore, settings: ShopeeSettings): Api[] {
  return [
    {
      method: 'GET',
      path: '/payment/get_wallet_transaction_list',
      kind: 'shop',
      handle: (call) => transactions(orders, settings, call),
    },
  ];
}

// The request takes the number, the answer prints the name: Shopee's page of this call, and guide 31 for those beyond it.
const typeNumbers: Readonly<Record<string, string>> = {
  101: 'ESCROW_VERIFIED_ADD',
  102: 'ESCROW_VERIFIED_MINUS',
  201: 'WITHDRAWAL_CREATED',
  202: 'WITHDRAWAL_COMPLETED',
  203: 'WITHDRAWAL_CANCELLED',
  401: 'ADJUSTMENT_ADD',
  402: 'ADJUSTMENT_MINUS',
  406: 'ADJUSTMENT_CENTER_ADD',
  407: 'ADJUSTMENT_CENTER_DEDUCT',
  411: 'ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED',
  415: 'SELLER_COMPENSATE_ADD',
  450: 'PAID_ADS_CHARGE',
  451: 'PAID_ADS_REFUND',
  452: 'FAST_ESCROW_DISBURSE',
  458: 'FAST_ESCROW_DEDUCT',
  459: 'FAST_ESCROW_DISBURSE_REMAIN',
  460: 'AFFILIATE_FEE_DEDUCT',
  502: 'SPM_DEDUCT',
};

const tabs = new Set([
  'wallet_order_income',
  'wallet_adjustment_filter',
  'wallet_wallet_payment',
  'wallet_refund_from_order',
  'wallet_withdrawals',
  'fast_escrow_repayment',
  'fast_pay',
  'seller_loan',
  'corporate_loan',
  'pix_transactions_filter',
  'open_finance_transactions_filter',
]);

function transactions(orders: OrderStore, settings: ShopeeSettings, call: Call): JsonObject {
  const { query } = call;
  const pageNo = integerParam(query, 'page_no', { min: 0, max: 1_000_000 });
  const pageSize = integerParam(query, 'page_size', { min: 1, max: 100 });
  const { from, to } = windowOf(query);
  const shop = shopOf(call);
  if (shop.kind === 'sip-affiliate') throw apiError('error_ashop_api_permission');
  if (shop.kind === 'cross-border') throw new ApiError('error_param', 'parameter invalid');
  const { decimals } = marketOf(shop).region;
  let balance = 0;
  const lines = ledgerOf(orders, shop.shopId).map((entry, index) => {
    if (entry.isOfPendingMoney !== true) balance += entry.amount;
    return { entry, line: lineOf(orders, entry, { index, balance, decimals }) };
  });
  const wanted = lines.filter(({ entry }) => entry.at >= from && entry.at <= to && isWanted(entry, query)).toReversed();
  const start = startOf(settings, pageNo, pageSize);
  const page = wanted.slice(start, start + pageSize);
  return { response: { more: wanted.length > start + pageSize, transaction_list: page.map(({ line }) => line) } };
}

function windowOf(query: Call['query']): { from: number; to: number } {
  const from = integerParam(query, 'create_time_from', { min: 0, max: latest, otherwise: 0 });
  const to = integerParam(query, 'create_time_to', { min: 0, max: latest, otherwise: latest });
  const isBounded = query['create_time_from'] !== undefined || query['create_time_to'] !== undefined;
  if (isBounded && from > to)
    throw new ApiError('time_invalid', 'The param error: create_time_from bigger than create_time_to.');
  if (isBounded && from === to) throw new ApiError('time_invalid', 'The param error: time is invalid');
  if (isBounded && to - from > 15 * day)
    throw new ApiError('time_period_too_large', 'The param error: time period too large.');
  return { from, to };
}

function isWanted(entry: LedgerEntry, query: Call['query']): boolean {
  const { transaction_type: type, money_flow: flow, transaction_tab_type: tab } = query;
  if (type !== undefined && type !== '' && typeNumbers[type] !== entry.type) return false;
  if (flow !== undefined && flow !== '' && flow !== flowOf(entry)) return false;
  // More than one value is no value of the list, and brings everything: documented.
  return tab === undefined || !tabs.has(tab) || tab === entry.tab;
}

/** Clients that work with the real service page in three ways. */
function startOf({ walletPaging }: ShopeeSettings, pageNo: number, pageSize: number): number {
  if (walletPaging === 'entry') return pageNo;
  return walletPaging === 'page-from-1' ? Math.max(pageNo - 1, 0) * pageSize : pageNo * pageSize;
}

function flowOf({ amount }: LedgerEntry): string {
  return amount < 0 ? 'MONEY_OUT' : 'MONEY_IN';
}

function lineOf(
  orders: OrderStore,
  entry: LedgerEntry,
  { index, balance, decimals }: { index: number; balance: number; decimals: number },
): JsonObject {
  const { record, type, withdrawal } = entry;
  const isCorrection = type === 'ADJUSTMENT_ADD' || type === 'ADJUSTMENT_MINUS';
  return {
    // 18 digits, as seen: beyond what a JavaScript number can hold.
    transaction_id: 222_000_000_000_000_000n + BigInt(index),
    status: withdrawal?.isPending === true ? 'PENDING' : 'COMPLETED',
    wallet_type: 'shopee_pay',
    transaction_type: type,
    amount: toAmount(entry.amount, decimals),
    current_balance: toAmount(balance, decimals),
    create_time: entry.at,
    reason: isCorrection ? (entry.reason ?? '') : '',
    order_sn: record?.sn ?? '',
    // Empty even for a return, as seen.
    refund_sn: '',
    withdrawal_type: '',
    transaction_fee: toAmount(withdrawal?.fee ?? 0, decimals),
    description: record === undefined ? type : `${entry.reason ?? 'Income'} of order #${record.sn}`,
    buyer_name: record === undefined ? '' : orders.contentOf(record).buyer.username,
    pay_order_list: [],
    withdrawal_id: withdrawal?.id ?? 0,
    root_withdrawal_id: withdrawal?.rootId ?? 0,
    remarks: { free_sample_order_id: null, ppp_project_id: null },
    transaction_tab_type: entry.tab,
    money_flow: flowOf(entry),
    outlet_shop_name: '',
  };
}
