import { hashOf } from '../data/random.ts';
import type { OrderRecord } from './order-record.ts';
import type { OrderStore } from './order-store.ts';
import { settlementOf } from './settlement.ts';

/** What a payout consists of; the amount is signed and in minor units of the market's currency. */
export interface BillingItem {
  amount: number;
  at: number;
  type: 'ESCROW' | 'ADJUSTMENT';
  /** Undefined for what concerns the shop as a whole. */
  record: OrderRecord | undefined;
  header: string;
  scenario: string;
  remark: string;
}

/** A payout to a cross-border seller: all that was released in a week. */
export interface Payout {
  id: string;
  time: number;
  items: readonly BillingItem[];
}

const day = 86_400;
const week = 7 * day;

/** The payouts of a cross-border shop by now, oldest first, and what waits for the next one. */
export function payoutsOf(orders: OrderStore, shopId: number): { payouts: Payout[]; waiting: BillingItem[] } {
  const byTime = new Map<number, BillingItem[]>();
  for (const record of orders.records()) {
    if (record.shopId !== shopId || record.releaseTime === 0) continue;
    for (const item of itemsOf(orders, record)) {
      const time = payoutTimeOf(item.at);
      byTime.set(time, [...(byTime.get(time) ?? []), item]);
    }
  }
  const all = [...byTime]
    .sort(([left], [right]) => left - right)
    .map(([time, items]) => ({ id: payoutId(shopId, time), time, items: withShopItem(time, items) }));
  return {
    payouts: all.filter(({ time }) => time <= orders.time),
    waiting: all.filter(({ time }) => time > orders.time).flatMap(({ items }) => items),
  };
}

/** When money that was released then is paid out: the Wednesday after, 02:00 UTC. */
export function payoutTimeOf(time: number): number {
  return Math.floor((time + day) / week) * week + 6 * day + 2 * 3600;
}

function itemsOf(orders: OrderStore, record: OrderRecord): BillingItem[] {
  const { isReleased, released, corrections, lateReturns } = settlementOf(orders, record);
  if (!isReleased) return [];
  const adjustment = { type: 'ADJUSTMENT' as const, record };
  return [
    {
      type: 'ESCROW',
      record,
      amount: released,
      at: record.releaseTime,
      header: 'Order Income',
      scenario: 'Order Income',
      remark: '',
    },
    ...corrections.map(({ amount, at, reason }) => ({
      ...adjustment,
      amount,
      at,
      header: 'Shipping Fee',
      scenario: reason,
      remark: reason,
    })),
    ...lateReturns.map(({ entry, cost }) => ({
      ...adjustment,
      amount: -cost,
      at: entry.updateTime,
      header: 'Refund Amount',
      scenario: 'Return Refund After Order Completed',
      remark: 'Deduction on return refund requests raised after order is completed',
    })),
  ];
}

/** Every third payout has an adjustment of the whole shop. */
function withShopItem(time: number, items: readonly BillingItem[]): BillingItem[] {
  if (Math.floor(time / week) % 3 !== 0) return [...items];
  const remark = 'Offline marketing adjustment';
  const header = 'Marketing Fee';
  return [
    ...items,
    { type: 'ADJUSTMENT', record: undefined, amount: -250, at: time - day, header, scenario: header, remark },
  ];
}

/** 20 digits: beyond what a JavaScript number can hold. */
function payoutId(shopId: number, time: number): string {
  return `1${String(hashOf(`payout ${shopId} ${time}`)).padStart(10, '0')}${String(time).slice(-9)}`;
}
