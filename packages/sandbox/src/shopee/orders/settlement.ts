import type { OrderContent } from './order-content.ts';
import { moneyOf, type Money, type MoneyStage } from './money.ts';
import type { OrderStore } from './order-store.ts';
import { returnedIn, type OrderRecord, type PostedCorrection, type ReturnRecord } from './order-record.ts';
import { sipMoneyOf, type SipMoney } from './sip-money.ts';

/** A return that was settled after the release, and what it costs the seller in minor units. */
export interface LateReturn {
  entry: ReturnRecord;
  cost: number;
}

/** What an order's money has come to by now. Nothing of it shows in the order's update_time. */
export interface Settlement {
  money: Money;
  /** Of a SIP affiliate's order; `money` is what a local seller would have earned. */
  sip: SipMoney | undefined;
  /** In the currency of the shop's market. */
  escrow: number;
  /** The escrow at its release, before late returns. */
  released: number;
  isReleased: boolean;
  corrections: readonly PostedCorrection[];
  lateReturns: readonly LateReturn[];
  /** What `order_adjustment` shows: the corrections, and late returns that did not move the escrow. Oldest first. */
  adjustments: readonly PostedCorrection[];
}

const day = 86_400;

/** The money of an order at the stage it is in now. */
export function settlementOf(orders: OrderStore, record: OrderRecord): Settlement {
  const content = orders.contentOf(record);
  const now = orders.time;
  const isReleased = record.releaseTime > 0 && record.releaseTime <= now;
  const closed = record.returns.filter(({ status }) => status === 'CLOSED');
  const early = closed.filter(({ isLate }) => !isLate);
  const late = closed.filter(({ isLate }) => isLate);
  const escrowAfter = (entries: readonly ReturnRecord[]) => valueOf(content, stageOf(record, entries, now));
  const lateReturns = late.map((entry, index) => {
    const before = [...early, ...late.slice(0, index)];
    return { entry, cost: escrowAfter(before).escrow - escrowAfter([...before, entry]).escrow };
  });
  const { isLateReturnPosted } = content.extras;
  const shown = escrowAfter(isLateReturnPosted ? early : closed);
  const corrections = [...(isReleased ? plannedCorrections(content, record, now) : []), ...record.corrections];
  return {
    ...shown,
    released: escrowAfter(early).escrow,
    isReleased,
    corrections,
    lateReturns,
    adjustments: [...corrections, ...(isLateReturnPosted ? lateReturns.map(postedReturn) : [])].sort(
      (left, right) => left.at - right.at,
    ),
  };
}

/** The sum of the adjustments. */
export function adjustmentOf(settlement: Settlement): number {
  return settlement.adjustments.reduce((total, { amount }) => total + amount, 0);
}

function valueOf(content: OrderContent, stage: MoneyStage): Pick<Settlement, 'money' | 'sip' | 'escrow'> {
  const money = moneyOf(content, stage);
  const sip = content.extras.market.kind === 'sip-affiliate' ? sipMoneyOf(content, stage) : undefined;
  return { money, sip, escrow: sip?.escrow ?? money.escrow };
}

function stageOf(record: OrderRecord, returns: readonly ReturnRecord[], now: number): MoneyStage {
  return {
    shipped: record.pickupTime > 0,
    completed: record.status === 'COMPLETED',
    cancelled: record.status === 'CANCELLED',
    undelivered: record.undelivered,
    lost: record.lost,
    isProtectionPosted: record.completedTime > 0 && record.releaseTime - day <= now,
    returned: returnedIn(returns),
  };
}

function plannedCorrections(content: OrderContent, record: OrderRecord, now: number): PostedCorrection[] {
  return content.extras.corrections
    .map(({ after, amount, reason }) => ({ at: record.releaseTime + after, amount, reason }))
    .filter(({ at }) => at <= now);
}

function postedReturn({ entry, cost }: LateReturn): PostedCorrection {
  return { at: entry.updateTime, amount: -cost, reason: 'Return Refund deduction or compensation' };
}
