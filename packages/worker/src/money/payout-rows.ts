import type { Cell } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { sum, type OrderPayout, type PayoutDay } from './payout-check.ts';

/** The row of an order's payout. */
export function payoutRow(spreadsheetId: string, { order, ...payout }: OrderPayout): ReportRow {
  return {
    spreadsheetId,
    tab: 'Payouts',
    key: `${order.shopId}:${order.orderSn}`,
    version: order.updatedAt,
    shopId: order.shopId,
    cells: {
      state: payout.state.toUpperCase(),
      order_sn: order.orderSn,
      shop: order.shop,
      shop_id: order.shopId,
      region: order.region,
      create_time: known(order.createdAt),
      update_time: order.updatedAt,
      due_at: known(payout.dueAt),
      currency: order.currency,
      escrow_amount: known(order.escrowAmount),
      total_adjustment_amount: known(order.adjustments),
      escrow_amount_after_adjustment: known(order.finalAmount),
      payout_amount: known(order.paidOut),
      escrow_release_time: known(order.releasedAt),
      received: known(payout.received),
      difference: known(payout.difference),
      reason: payout.reason,
    },
  };
}

/** The row of a day. Its version never changes: an equal one is written when a figure did. */
export function payoutDayRow(spreadsheetId: string, day: PayoutDay): ReportRow {
  const { currency, finalAmount, paidOut } = day;
  return {
    spreadsheetId,
    tab: 'Payout days',
    key: `${day.shopId}:${day.day}:${currency}`,
    version: 1,
    shopId: day.shopId,
    cells: {
      day: day.day,
      shop: day.shop,
      shop_id: day.shopId,
      currency,
      orders: day.orders,
      final_amount: known(finalAmount),
      paid_out: known(paidOut),
      difference: known(finalAmount === undefined ? undefined : sum([paidOut, -finalAmount])),
      wallet_income: known(day.walletIncome),
      withdrawn: known(day.withdrawn),
      create_time: day.firstAt,
    },
  };
}

/** What is not known any more must not stay in the cell. */
function known(value: number | undefined): Cell {
  return value ?? '';
}
