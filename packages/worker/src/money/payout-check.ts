import { toMajor, toMinor } from '@shopee-webhook/shopee';
import { shopDay, type BookOrder, type BookTransaction } from './book.ts';

/** `overdue`: completed and not paid out in time. `differs`: paid out another amount than the final one. */
export type PayoutState = 'overdue' | 'differs' | 'waiting' | 'paid';

/** What became of one order's payout. Amounts in major units; undefined: not known. */
export interface OrderPayout {
  order: BookOrder;
  state: PayoutState;
  /** When the payout is due at the latest, unix seconds; undefined once it is paid. */
  dueAt: number | undefined;
  /** What arrived: what the wallet has of the order, else what Shopee says it paid out. */
  received: number | undefined;
  /** `received − final`. */
  difference: number | undefined;
  reason: string;
}

/** What one shop was paid on one day of its zone. */
export interface PayoutDay {
  shopId: string;
  shop: string;
  day: string;
  currency: string;
  /** Of the day's first payout, unix seconds. */
  firstAt: number;
  orders: number;
  finalAmount: number | undefined;
  paidOut: number | undefined;
  /** Order income in the wallet on that day; undefined when it has none of that day. */
  walletIncome: number | undefined;
  /** What left the wallet for the bank; undefined like `walletIncome`. */
  withdrawn: number | undefined;
}

export interface PayoutCheckInputs {
  orders: readonly BookOrder[];
  transactions: readonly BookTransaction[];
  /** Unix seconds. */
  now: number;
  /** Days after completion until a payout is overdue, by region. */
  overdueDays: (region: string) => number;
  /** When Shopee itself estimates a payout, unix seconds, by `shop:order`. */
  estimates: ReadonlyMap<string, number>;
}

const day = 86_400;
/** Shopee's estimate names a time, not a deadline. */
const estimateGrace = day;
/** A release and its transaction may be this far apart. */
const walletDelay = day;
/** These are not part of what an order brings. */
const notIncome = new Set(['withdrawal', 'ads', 'other']);

/** Compares what each completed order brings with what was paid, and sums what was paid by day. */
export function checkPayouts(inputs: PayoutCheckInputs): { payouts: OrderPayout[]; days: PayoutDay[] } {
  const wallets = Map.groupBy(inputs.transactions, ({ shopId }) => shopId);
  const received = receivedByOrder(inputs.transactions);
  const payouts = inputs.orders
    .filter(({ status, releasedAt }) => status === 'COMPLETED' || releasedAt !== undefined)
    .map((order) =>
      order.releasedAt === undefined
        ? pendingPayout(order, inputs)
        : checkPaid(order, order.releasedAt, {
            received: received.get(`${order.shopId}:${order.orderSn}`),
            span: spanOf(wallets.get(order.shopId) ?? []),
          }),
    );
  return { payouts, days: payoutDays(inputs) };
}

function pendingPayout(order: BookOrder, { now, overdueDays, estimates }: PayoutCheckInputs): OrderPayout {
  const estimate = estimates.get(`${order.shopId}:${order.orderSn}`);
  const dueAt = estimate === undefined ? order.updatedAt + overdueDays(order.region) * day : estimate + estimateGrace;
  const isOverdue = dueAt < now;
  const source = estimate === undefined ? 'after completion' : 'after Shopee’s estimate';
  const reason = isOverdue
    ? `not paid out ${String(Math.floor((now - (estimate ?? order.updatedAt)) / day))} days ${source}`
    : '';
  return { order, state: isOverdue ? 'overdue' : 'waiting', dueAt, received: undefined, difference: undefined, reason };
}

function checkPaid(
  order: BookOrder,
  releasedAt: number,
  wallet: { received: number | undefined; span: { from: number; to: number } | undefined },
): OrderPayout {
  const { finalAmount, escrowAmount, paidOut } = order;
  const paid = { order, dueAt: undefined };
  const isCovered =
    wallet.span !== undefined &&
    wallet.span.from <= releasedAt - walletDelay &&
    wallet.span.to >= releasedAt + walletDelay;
  if (wallet.received === undefined && isCovered && finalAmount !== undefined && finalAmount !== 0) {
    const difference = -finalAmount;
    return { ...paid, state: 'differs', received: 0, difference, reason: 'no transaction in the wallet' };
  }
  const amount = wallet.received ?? paidOut;
  if (amount === undefined || finalAmount === undefined) {
    return { ...paid, state: 'paid', received: amount, difference: undefined, reason: '' };
  }
  const difference = toMajor(toMinor(amount) - toMinor(finalAmount));
  if (difference === 0) return { ...paid, state: 'paid', received: amount, difference, reason: '' };
  const isUnadjusted = escrowAmount !== undefined && toMinor(amount) === toMinor(escrowAmount);
  const where = wallet.received === undefined ? 'paid out' : 'in the wallet';
  const reason = isUnadjusted
    ? `${where}: the escrow amount, without the adjustments`
    : `${where}: not the final amount`;
  return { ...paid, state: 'differs', received: amount, difference, reason };
}

/** What the wallet has of each order, by `shop:order`. */
function receivedByOrder(transactions: readonly BookTransaction[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { shopId, orderSn, kind, status, amount } of transactions) {
    if (orderSn === '' || amount === undefined || notIncome.has(kind) || status === 'FAILED') continue;
    const key = `${shopId}:${orderSn}`;
    sums.set(key, (sums.get(key) ?? 0) + toMinor(amount));
  }
  return new Map([...sums].map(([key, minor]) => [key, toMajor(minor)]));
}

function spanOf(transactions: readonly BookTransaction[]): { from: number; to: number } | undefined {
  if (transactions.length === 0) return undefined;
  return transactions.reduce((span, { at }) => ({ from: Math.min(span.from, at), to: Math.max(span.to, at) }), {
    from: Number.POSITIVE_INFINITY,
    to: 0,
  });
}

function payoutDays({ orders, transactions }: PayoutCheckInputs): PayoutDay[] {
  const regions = new Map(orders.map(({ shopId, region }) => [shopId, region]));
  const wallet = Map.groupBy(transactions, ({ shopId, at, currency }) =>
    dayKey(shopId, shopDay(at, regions.get(shopId) ?? ''), currency),
  );
  const released = orders.filter(({ releasedAt }) => releasedAt !== undefined);
  const byDay = Map.groupBy(released, ({ shopId, releasedAt = 0, region, currency }) =>
    dayKey(shopId, shopDay(releasedAt, region), currency),
  );
  return [...byDay].map(([key, paid]): PayoutDay => {
    const [first] = paid;
    const currency = first?.currency ?? '';
    const ofDay = wallet.get(key);
    const ofKind = (kind: string, type?: string) =>
      ofDay === undefined
        ? undefined
        : sum(
            ofDay
              .filter((line) => line.kind === kind && line.status !== 'FAILED' && line.type !== type)
              .map(({ amount }) => amount),
          );
    return {
      shopId: first?.shopId ?? '',
      shop: first?.shop ?? '',
      day: key.split(':')[1] ?? '',
      currency,
      firstAt: Math.min(...paid.map(({ releasedAt = 0 }) => releasedAt)),
      orders: paid.length,
      finalAmount: sum(paid.map(({ finalAmount }) => finalAmount)),
      paidOut: sum(paid.map(({ paidOut }) => paidOut)),
      walletIncome: ofKind('order income'),
      // Completed, it left the balance before.
      withdrawn: ofKind('withdrawal', 'WITHDRAWAL_COMPLETED'),
    };
  });
}

function dayKey(shopId: string, date: string, currency: string): string {
  return `${shopId}:${date}:${currency}`;
}

/** Undefined when any of the amounts is: a sum without one would claim more than is known. */
export function sum(amounts: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const amount of amounts) {
    if (amount === undefined) return undefined;
    total += toMinor(amount);
  }
  return toMajor(total);
}
