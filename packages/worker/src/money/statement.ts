import { incomeIds, incomeLabel, incomeTerms, type IncomeId } from '@shopee-webhook/shopee';
import type { WalletMonth } from '@shopee-webhook/contracts/worker-rpc';
import { shopDay, type BookOrder, type BookReturn, type BookTransaction } from './book.ts';
import { walletMonths } from './money-report.ts';
import { sum } from './payout-check.ts';

/** One line of a statement; a positive amount is the seller's. Undefined: not known. */
export interface StatementLine {
  label: string;
  amount: number | undefined;
  kind: 'section' | 'amount' | 'total';
  note?: string;
}

/** What a shop earned with the orders that were paid out in one month, in one currency. */
export interface Statement {
  shopId: string;
  shop: string;
  region: string;
  /** `2026-11`, in the shop's zone. */
  month: string;
  currency: string;
  lines: StatementLine[];
  /** Paid out in the month, by release. */
  orders: BookOrder[];
  /** Of the month. */
  transactions: BookTransaction[];
  /** Of these orders. */
  returns: BookReturn[];
}

export interface StatementInputs {
  shopId: string;
  shop: string;
  region: string;
  month: string;
  orders: readonly BookOrder[];
  transactions: readonly BookTransaction[];
  returns: readonly BookReturn[];
}

/** The first term of each section; the terms between lead from goods sold to the escrow amount. */
const sectionStarts: Partial<Record<IncomeId, string>> = {
  goods_sold: 'Goods',
  voucher_from_seller: 'Vouchers',
  buyer_paid_shipping_fee: 'Shipping',
  commission_fee: 'Fees',
  withholding_taxes: 'Taxes',
  ads_escrow_top_up_fee_or_technical_support_fee: 'Ads',
  seller_return_refund: 'Refunds',
};

/** Kinds of wallet transactions that belong to the shop rather than to an order. */
const shopKinds = ['compensation', 'ads', 'affiliate', 'adjustment', 'return', 'other', 'unknown'] as const;

/** The statements of a shop and month, one per currency; none when nothing was paid out and the wallet did not move. */
export function buildStatements(inputs: StatementInputs): Statement[] {
  const { shopId, region, month, orders, transactions } = inputs;
  const isOfMonth = (at: number) => shopDay(at, region).startsWith(`${month}-`);
  const released = orders.filter(
    (order) => order.shopId === shopId && order.releasedAt !== undefined && isOfMonth(order.releasedAt),
  );
  const ofShop = transactions.filter((line) => line.shopId === shopId);
  const balances = walletMonths(ofShop, region).filter((one) => one.month === month);
  const moved = ofShop.filter(({ at }) => isOfMonth(at));
  const currencies = new Set([...released, ...moved].map(({ currency }) => currency));
  return [...currencies].toSorted().map((currency) => {
    const ofCurrency = <Row extends { currency: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.currency === currency);
    return buildStatement(inputs, currency, {
      orders: ofCurrency(released).toSorted((left, right) => (left.releasedAt ?? 0) - (right.releasedAt ?? 0)),
      transactions: ofCurrency(moved).toSorted((left, right) => left.at - right.at),
      balance: balances.find((one) => one.currency === currency),
    });
  });
}

function buildStatement(
  { shopId, shop, region, month, returns }: StatementInputs,
  currency: string,
  ofMonth: { orders: BookOrder[]; transactions: BookTransaction[]; balance: WalletMonth | undefined },
): Statement {
  const { orders, transactions, balance } = ofMonth;
  const sns = new Set(orders.map(({ orderSn }) => orderSn));
  return {
    shopId,
    shop,
    region,
    month,
    currency,
    lines: [...orderLines(orders), ...walletLines(orders, transactions), ...balanceLines(balance, transactions)],
    orders,
    transactions,
    returns: returns.filter((one) => one.shopId === shopId && sns.has(one.orderSn)),
  };
}

/** From goods to final amount. */
function orderLines(orders: readonly BookOrder[]): StatementLine[] {
  const settled = orders.filter(({ escrowAmount }) => escrowAmount !== undefined);
  const total = (id: IncomeId, sign: 1 | -1 = 1) =>
    sumKnown(
      settled.map(({ amounts }) => amounts[id]),
      sign,
    );
  const ofAll = (id: IncomeId) => sum(settled.map(({ amounts }) => amounts[id]));
  const without = orders.length - settled.length;
  return [
    { label: `${String(orders.length)} orders paid out`, amount: undefined, kind: 'section' },
    ...(without === 0
      ? []
      : [
          {
            label: `${String(without)} of them without an escrow, which are in no amount but Paid out`,
            amount: undefined,
            kind: 'section' as const,
          },
        ]),
    ...incomeIds.flatMap((id): StatementLine[] => {
      const { role, label } = incomeTerms[id];
      if (role !== 'add' && role !== 'subtract') return [];
      const title = sectionStarts[id];
      return [
        ...(title === undefined ? [] : [{ label: title, amount: undefined, kind: 'section' as const }]),
        amountLine(label, total(id, role === 'add' ? 1 : -1)),
      ];
    }),
    amountLine(incomeLabel('unexplained'), ofAll('unexplained'), 'Escrow amount less the lines above'),
    totalLine(incomeLabel('escrow_amount'), ofAll('escrow_amount')),
    amountLine(incomeLabel('total_adjustment_amount'), ofAll('total_adjustment_amount')),
    totalLine(incomeLabel('escrow_amount_after_adjustment'), ofAll('escrow_amount_after_adjustment')),
  ];
}

/** What the wallet has beside the orders, the net, and what was paid out. */
function walletLines(orders: readonly BookOrder[], transactions: readonly BookTransaction[]): StatementLine[] {
  const shopLevel = transactions.filter(({ orderSn, status }) => orderSn === '' && status !== 'FAILED');
  const ofKind = (kind: string) => sum(shopLevel.filter((line) => line.kind === kind).map(({ amount }) => amount));
  const final = sum(orders.map(({ finalAmount }) => finalAmount));
  const amounts = shopKinds.map((kind) => ofKind(kind));
  // Without a line of the wallet nothing is known of the charges beside the orders.
  const isKnown = transactions.length > 0;
  return [
    { label: 'Beside the orders, by the wallet', amount: undefined, kind: 'section' },
    ...shopKinds.map((kind, index) => amountLine(kindLabels[kind], isKnown ? amounts[index] : undefined)),
    totalLine('Net', isKnown ? sum([final, ...amounts]) : undefined),
    totalLine('Paid out', sum(orders.map(({ paidOut }) => paidOut))),
  ];
}

const kindLabels: Readonly<Record<(typeof shopKinds)[number], string>> = {
  compensation: 'Compensation',
  ads: 'Ads',
  affiliate: 'Affiliates',
  adjustment: 'Adjustments of the shop',
  return: 'Returns without an order',
  other: 'Other',
  unknown: 'Of an unknown kind',
};

function balanceLines(balance: WalletMonth | undefined, transactions: readonly BookTransaction[]): StatementLine[] {
  if (balance === undefined) return [];
  const withdrawn = transactions.filter(
    ({ kind, type, status }) => kind === 'withdrawal' && type !== 'WITHDRAWAL_COMPLETED' && status !== 'FAILED',
  );
  return [
    { label: 'Wallet', amount: undefined, kind: 'section' },
    amountLine('Opening balance', balance.opening),
    amountLine('Added', balance.added),
    amountLine('Deducted', balance.deducted),
    amountLine('of it withdrawn', sum(withdrawn.map(({ amount }) => amount))),
    amountLine('Unexplained', balance.gap, 'The balance moved by it with no transaction that says why'),
    totalLine('Closing balance', balance.closing),
  ];
}

function amountLine(label: string, amount: number | undefined, note?: string): StatementLine {
  return { label, amount, kind: 'amount', ...(note === undefined ? {} : { note }) };
}

function totalLine(label: string, amount: number | undefined): StatementLine {
  return { label, amount, kind: 'total' };
}

/** The sum of the amounts that are there; a settled order lacks those that do not apply to it. Undefined when none is. */
function sumKnown(amounts: readonly (number | undefined)[], sign: 1 | -1): number | undefined {
  const known = amounts.filter((amount) => amount !== undefined);
  if (known.length === 0 && amounts.length > 0) return undefined;
  const total = sum(known);
  return total === undefined || total === 0 ? total : sign * total;
}
