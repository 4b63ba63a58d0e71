import { z } from 'zod';
import { isRecord } from '../push/json.ts';
import { flag, id, number, optionalRows, text, time, toId } from './coercions.ts';
import { parseResponse, unwrap } from './response-parser.ts';
import type { Send, ShopAuth } from './transport.ts';

/** Wallet transactions by their creation; unix seconds, at most 15 days apart (page v2.payment.get_wallet_transaction_list). */
export interface WalletQuery {
  from: number;
  to: number;
  /** "Default 0"; whether it counts pages or entries is not documented, see `walletTransactions`. */
  pageNo: number;
  /** 1 to 100. */
  pageSize: number;
}

/** Payouts by their time; unix seconds, at most 15 days apart, not before 1 May 2022 (page v2.payment.get_payout_info). */
export interface PayoutQuery {
  from: number;
  to: number;
  /** '' for the first page. */
  cursor: string;
  /** 1 to 100. */
  pageSize: number;
}

/** The lines of at most 100 payouts, by `encrypted_payout_id`; the lines that no payout has yet, when it names none. */
export interface BillingQuery {
  payoutIds: readonly string[];
  cursor: string;
  pageSize: number;
}

const walletPath = '/api/v2/payment/get_wallet_transaction_list';
const payoutPath = '/api/v2/payment/get_payout_info';
const billingPath = '/api/v2/payment/get_billing_transaction_info';
const incomePath = '/api/v2/payment/get_income_detail';

/** 0 means "none": Shopee prints it where a transaction is no withdrawal. */
const optionalId = z
  .unknown()
  .transform((value) => (value === 0 || value === '0' ? undefined : toId(value)))
  .optional();

const walletTransaction = z.object({
  /** 18 digits: not on the page, but on the wire. */
  transaction_id: id,
  status: text,
  /** The page's name of the type; some lines carry ''. */
  transaction_type: text,
  txn_title: text,
  /** Signed. */
  amount: number,
  /** After this transaction. */
  current_balance: number,
  create_time: time,
  order_sn: text,
  refund_sn: text,
  withdrawal_type: text,
  transaction_fee: number,
  description: text,
  withdrawal_id: optionalId,
  root_withdrawal_id: optionalId,
  reason: text,
  transaction_tab_type: text,
  money_flow: text,
});

const walletSchema = z.object({ transaction_list: optionalRows(walletTransaction), more: flag });

const payout = z.object({
  encrypted_payout_id: id,
  from_currency: text,
  payout_currency: text,
  from_amount: number,
  payout_amount: number,
  exchange_rate: number,
  payout_time: time,
  pay_service: text,
});

const payoutSchema = z.object({ payout_list: optionalRows(payout), more: flag, next_cursor: text });

const billingTransaction = z.object({
  amount: number,
  currency: text,
  order_sn: text,
  cost_header: text,
  scenario: text,
  remark: text,
  /** `ORDER` or `SHOP`. */
  level: text,
  /** `ESCROW` or `ADJUSTMENT`. */
  billing_transaction_type: text,
  billing_transaction_status: text,
});

const billingSchema = z.object({ transactions: optionalRows(billingTransaction), more: flag, next_cursor: text });

const pendingIncome = z.object({
  order_sn: text,
  currency: text,
  estimated_escrow_amount: number,
  estimated_payout_time: time,
});

/** The list's table and its sample disagree on the name of the rows and of what leads to the next page: either is read. */
const incomeSchema = z.preprocess(
  (value) => {
    const list = isRecord(value) && isRecord(value['income_detail_list']) ? value['income_detail_list'] : {};
    const next = isRecord(list['next_page']) ? list['next_page'] : {};
    return { rows: list['income_detail_list_item'] ?? list['list'], cursor: next['cursor'] ?? '' };
  },
  z.object({ rows: optionalRows(pendingIncome), cursor: text }),
);

/** One line of a local shop's wallet, as Shopee prints it. */
export type WalletTransaction = z.infer<typeof walletTransaction>;
export type WalletPage = z.infer<typeof walletSchema>;
/** What a cross-border shop was paid at one time. */
export type Payout = z.infer<typeof payout>;
export type PayoutPage = z.infer<typeof payoutSchema>;
/** One line of what makes up a cross-border shop's payouts. */
export type BillingTransaction = z.infer<typeof billingTransaction>;
export type BillingPage = z.infer<typeof billingSchema>;
export type PendingIncomePage = z.infer<typeof incomeSchema>;

/** One page of a local shop's wallet, newest first. */
export async function getWalletTransactions(send: Send, shop: ShopAuth, query: WalletQuery): Promise<WalletPage> {
  const response = await send({
    method: 'GET',
    path: walletPath,
    shop,
    query: {
      page_no: query.pageNo,
      page_size: query.pageSize,
      create_time_from: query.from,
      create_time_to: query.to,
    },
  });
  return parseResponse(walletSchema, unwrap(response), walletPath);
}

/** One page of a cross-border shop's payouts. */
export async function getPayouts(send: Send, shop: ShopAuth, query: PayoutQuery): Promise<PayoutPage> {
  const response = await send({
    method: 'GET',
    path: payoutPath,
    shop,
    query: {
      payout_time_from: query.from,
      payout_time_to: query.to,
      page_size: query.pageSize,
      cursor: query.cursor,
    },
  });
  return parseResponse(payoutSchema, unwrap(response), payoutPath);
}

/** One page of a cross-border shop's billing lines. */
export async function getBillingTransactions(send: Send, shop: ShopAuth, query: BillingQuery): Promise<BillingPage> {
  const { payoutIds, cursor, pageSize } = query;
  const released = payoutIds.length > 0;
  const response = await send({
    method: 'POST',
    path: billingPath,
    shop,
    body: {
      billing_transaction_info_type: released ? 2 : 1,
      ...(released ? { encrypted_payout_ids: payoutIds } : {}),
      cursor,
      page_size: pageSize,
    },
  });
  return parseResponse(billingSchema, unwrap(response), billingPath);
}

/**
 * One page of a shop's orders that are not paid out, with the time that Shopee estimates. `day` is a date as `2026-11-23`:
 * the page requires a span and does not use it for these.
 */
export async function getPendingIncome(
  send: Send,
  shop: ShopAuth,
  query: { day: string; cursor: string; pageSize: number },
): Promise<PendingIncomePage> {
  const { day, cursor, pageSize } = query;
  const response = await send({
    method: 'GET',
    path: incomePath,
    shop,
    // The page says `page_size`, its sample `limit`.
    query: { date_from: day, date_to: day, income_status: 2, cursor, page_size: pageSize, limit: pageSize },
  });
  return parseResponse(incomeSchema, response, incomePath);
}
