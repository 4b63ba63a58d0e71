import type { MoneyOrder, MoneyReport, WalletMonth } from '@shopee-webhook/contracts/worker-rpc';
import { balanceChange, checkLedger, ledgerMonths, timeZoneOf, toMajor, toMinor } from '@shopee-webhook/shopee';
import { localDate } from '@shopee-webhook/sheets';
import type { BookOrder, BookTransaction } from './book.ts';
import { sum, type OrderPayout, type PayoutState } from './payout-check.ts';

/** Orders that a report names; the counts are of all. */
const maxNamed = 100;

/** A shop's figures for the dashboard. `checkedAt` in ms. */
export function moneyReport(inputs: {
  shopId: string;
  region: string;
  payouts: readonly OrderPayout[];
  orders: readonly BookOrder[];
  transactions: readonly BookTransaction[];
  checkedAt: number;
}): MoneyReport {
  const { shopId, region, payouts, orders, transactions, checkedAt } = inputs;
  const inState = (state: PayoutState) =>
    payouts.filter((payout) => payout.state === state).map((payout) => toMoneyOrder(payout));
  const isChecked = orders.some(({ unexplained }) => unexplained !== undefined);
  const unexplained = orders
    .filter((order) => (order.unexplained ?? 0) !== 0)
    .map((order): MoneyOrder => ({
      sn: order.orderSn,
      currency: order.currency,
      amount: order.unexplained ?? null,
      at: order.updatedAt * 1000,
      reason: 'the escrow amount is not the sum of its parts',
    }));
  return {
    shopId,
    checkedAt,
    overdue: group(inState('overdue')),
    differs: group(inState('differs')),
    // While no order has the figure, nothing is known.
    unexplained: isChecked || orders.length === 0 ? group(unexplained) : null,
    walletMonths: walletMonths(transactions, region),
  };
}

function toMoneyOrder({ order, state, dueAt, difference, reason }: OrderPayout): MoneyOrder {
  return {
    sn: order.orderSn,
    currency: order.currency,
    amount: (state === 'overdue' ? order.finalAmount : difference) ?? null,
    at: (dueAt ?? order.releasedAt ?? order.updatedAt) * 1000,
    reason,
  };
}

function group(orders: readonly MoneyOrder[]): MoneyReport['overdue'] {
  const byCurrency = Map.groupBy(orders, ({ currency }) => currency);
  return {
    orders: orders.length,
    sums: [...byCurrency].map(([currency, ones]) => ({
      currency,
      amount: sum(ones.map(({ amount }) => amount ?? undefined)) ?? null,
    })),
    named: orders.toSorted((left, right) => left.at - right.at).slice(0, maxNamed),
  };
}

/** Opening and closing balance of each month of a local shop's wallet; none of a cross-border shop, which has no balance. */
export function walletMonths(transactions: readonly BookTransaction[], region: string): WalletMonth[] {
  const zone = timeZoneOf(region);
  const currency = transactions.find((line) => line.currency !== '')?.currency ?? '';
  const lines = transactions.flatMap(({ id, at, amount, balance, type, status }) =>
    amount === undefined || balance === undefined
      ? []
      : [
          {
            id,
            at,
            change: balanceChange({ type, status, amount: toMinor(amount) }),
            balance: toMinor(balance),
          },
        ],
  );
  return ledgerMonths(checkLedger(lines), (at) => localDate(at, zone).slice(0, 7)).map((month) => ({
    month: month.month,
    currency,
    opening: toMajor(month.opening),
    added: toMajor(month.added),
    deducted: toMajor(month.deducted),
    gap: toMajor(month.gap),
    closing: toMajor(month.closing),
    transactions: month.transactions,
  }));
}
