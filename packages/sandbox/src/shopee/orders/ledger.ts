import { randomOf } from '../data/random.ts';
import { moneyOf } from './money.ts';
import type { OrderRecord } from './order-record.ts';
import type { OrderStore } from './order-store.ts';
import { settlementOf } from './settlement.ts';
import { marketOf } from './shop-market.ts';

/** One line of a local shop's wallet; its amount is signed and in minor units. */
export interface LedgerEntry {
  /** A name as the answer prints it; '' was seen as well. */
  type: string;
  tab: string;
  amount: number;
  /** Unix seconds. */
  at: number;
  record?: OrderRecord;
  reason?: string;
  /** It takes nothing off the balance: the money left it when the withdrawal was created. */
  isOfPendingMoney?: boolean;
  withdrawal?: { id: number; rootId: number; fee: number; isPending: boolean };
}

type Tab =
  'wallet_order_income' | 'wallet_adjustment_filter' | 'wallet_wallet_payment' | 'wallet_withdrawals' | 'fast_pay';

const day = 86_400;
const week = 7 * day;
/** A Monday. */
const firstMonday = 4 * day;

/** The wallet's lines up to now, oldest first. */
export function ledgerOf(orders: OrderStore, shopId: number): LedgerEntry[] {
  const ofOrders = [...orders.records()]
    .filter((record) => record.shopId === shopId && record.releaseTime > 0)
    .flatMap((record) => orderEntries(orders, record));
  return withWeeks(orders, shopId, ofOrders.sort(byTime));
}

function byTime(left: LedgerEntry, right: LedgerEntry): number {
  return left.at - right.at || (left.record?.index ?? 0) - (right.record?.index ?? 0);
}

function orderEntries(orders: OrderStore, record: OrderRecord): LedgerEntry[] {
  const { isReleased, released, corrections, lateReturns } = settlementOf(orders, record);
  const entry = (type: string, tab: Tab, amount: number, at: number): LedgerEntry => ({
    type,
    tab,
    amount,
    at,
    record,
  });
  const early = earlyPart(orders, record);
  const first = early > 0 ? [entry('FAST_ESCROW_DISBURSE', 'fast_pay', early, record.completedTime)] : [];
  if (!isReleased) return first.filter(({ at }) => at <= orders.time);
  const rest = released - early;
  return [
    ...first,
    entry(releaseType(early, rest), early > 0 ? 'fast_pay' : 'wallet_order_income', rest, record.releaseTime),
    // A lost parcel's compensation came without a type.
    ...(record.lost ? [entry('', 'wallet_adjustment_filter', lostValue(orders, record), record.releaseTime)] : []),
    ...corrections.map(({ amount, at, reason }) => ({
      ...entry(correctionType(amount, reason, record), 'wallet_adjustment_filter', amount, at),
      reason,
    })),
    ...lateReturns.map(({ entry: late, cost }) =>
      entry('ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED', 'wallet_adjustment_filter', -cost, late.updateTime),
    ),
  ];
}

function releaseType(early: number, rest: number): string {
  if (early > 0) return rest < 0 ? 'FAST_ESCROW_DEDUCT' : 'FAST_ESCROW_DISBURSE_REMAIN';
  return rest < 0 ? 'ESCROW_VERIFIED_MINUS' : 'ESCROW_VERIFIED_ADD';
}

/** What is paid before the release, for orders with an early one: most of what the order brings if all goes well. */
function earlyPart(orders: OrderStore, record: OrderRecord): number {
  const content = orders.contentOf(record);
  if (!content.extras.isEarlyRelease || record.status !== 'COMPLETED') return 0;
  const hoped = moneyOf(content, {
    shipped: true,
    completed: true,
    cancelled: false,
    undelivered: false,
    lost: false,
    isProtectionPosted: true,
    returned: [],
  });
  return Math.max(Math.floor((hoped.escrow * 7) / 10), 0);
}

function lostValue(orders: OrderStore, record: OrderRecord): number {
  return settlementOf(orders, record).money.income['seller_lost_compensation'] ?? 0;
}

function correctionType(amount: number, reason: string, record: OrderRecord): string {
  if (reason === 'Logistics Related Compensation') return 'SELLER_COMPENSATE_ADD';
  if (record.index % 2 === 0) return amount < 0 ? 'ADJUSTMENT_CENTER_DEDUCT' : 'ADJUSTMENT_CENTER_ADD';
  return amount < 0 ? 'ADJUSTMENT_MINUS' : 'ADJUSTMENT_ADD';
}

/** Each Monday the seller pays for ads and withdraws most of the balance. */
function withWeeks(orders: OrderStore, shopId: number, ofOrders: readonly LedgerEntry[]): LedgerEntry[] {
  const shop = orders.shopOf({ shopId });
  const { region } = marketOf(shop);
  const [first] = ofOrders;
  if (first === undefined) return [];
  const lines: LedgerEntry[] = [];
  let balance = 0;
  let next = 0;
  const add = (entry: LedgerEntry) => {
    lines.push(entry);
    if (entry.isOfPendingMoney !== true) balance += entry.amount;
  };
  const addUntil = (time: number) => {
    for (let entry = ofOrders[next]; entry !== undefined && entry.at < time; entry = ofOrders[next]) {
      add(entry);
      next += 1;
    }
  };
  for (let monday = mondayAfter(first.at); monday <= orders.time; monday += week) {
    addUntil(monday);
    const random = randomOf(orders.seed, 'week', shopId, monday);
    const pay = (type: string, amount: number) =>
      add({ type, tab: 'wallet_wallet_payment', amount, at: monday, reason: '' });
    const spent = Math.floor(Math.max(balance, 0) / random.int(20, 60));
    // In Brazil a recharge of ads shows as a payment with the wallet.
    if (spent > 0) pay(region.code === 'BR' ? 'SPM_DEDUCT' : 'PAID_ADS_CHARGE', -spent);
    if (spent > 0 && random.chance(0.2)) pay('PAID_ADS_REFUND', Math.ceil(spent / 3));
    if (spent > 0 && random.chance(0.2)) pay('AFFILIATE_FEE_DEDUCT', -Math.ceil(spent / 5));
    for (const entry of withdrawals(monday, Math.floor(balance * 0.8), random)) {
      if (entry.at > orders.time) continue;
      addUntil(entry.at);
      add({ ...entry, ...(entry.withdrawal && { withdrawal: { ...entry.withdrawal, isPending: isPending(entry) } }) });
    }
  }
  // All of them: a return's time may be some seconds ahead of the clock.
  addUntil(Infinity);
  return lines;

  function isPending({ type, at }: LedgerEntry): boolean {
    return type === 'WITHDRAWAL_CREATED' && at + settling > orders.time;
  }
}

const settling = day / 4;

/** Created, then completed or cancelled; now and then split in two under one root. */
function withdrawals(monday: number, amount: number, random: { chance(probability: number): boolean }): LedgerEntry[] {
  if (amount <= 0) return [];
  const rootId = Math.floor(monday / day) * 10;
  const parts = random.chance(0.2) ? [Math.floor(amount / 2), amount - Math.floor(amount / 2)] : [amount];
  const isCancelled = random.chance(0.1);
  const entries = parts.flatMap((part, index): LedgerEntry[] => {
    const withdrawal = { id: rootId + index, rootId: parts.length > 1 ? rootId : 0, fee: 0, isPending: false };
    const base = { tab: 'wallet_withdrawals', withdrawal };
    const end = { ...base, at: monday + settling };
    return [
      { ...base, type: 'WITHDRAWAL_CREATED', amount: -part, at: monday },
      isCancelled
        ? { ...end, type: 'WITHDRAWAL_CANCELLED', amount: part }
        : { ...end, type: 'WITHDRAWAL_COMPLETED', amount: -part, isOfPendingMoney: true },
    ];
  });
  return entries.sort((left, right) => left.at - right.at);
}

function mondayAfter(time: number): number {
  return Math.floor((time - firstMonday) / week) * week + firstMonday + week;
}
