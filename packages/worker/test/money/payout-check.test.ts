import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOverdueDays, overdueDaysOf } from '@shopee-webhook/runtime';
import { checkPayouts, type PayoutCheckInputs } from '../../src/money/payout-check.ts';
import { bookOrder, bookTransaction } from './book.ts';

const day = 86_400;
const now = Date.parse('2026-11-30T12:00:00Z') / 1000;

function check(inputs: Partial<PayoutCheckInputs>) {
  return checkPayouts({ orders: [], transactions: [], now, overdueDays: () => 7, estimates: new Map(), ...inputs });
}

describe('a completed order that is not paid out', () => {
  const order = bookOrder({ updatedAt: now - 8 * day, releasedAt: undefined, paidOut: undefined });

  test('is overdue after the days of its market', () => {
    const days = { default: 7, byRegion: new Map([['BR', 14]]) };
    const orders = [order, { ...order, orderSn: 'BR', region: 'BR' }];
    const { payouts } = check({ orders, overdueDays: (region) => overdueDaysOf(days, region) });
    expect(payouts.map(({ state }) => state)).toEqual(['overdue', 'waiting']);
  });

  test('is overdue a day after Shopee’s own estimate, when there is one', () => {
    const estimates = new Map([[`7:${order.orderSn}`, now - 2 * day]]);
    expect(check({ orders: [{ ...order, updatedAt: now }], estimates }).payouts).toMatchObject([
      { state: 'overdue', dueAt: now - day, reason: expect.stringContaining('2 days after Shopee’s estimate') },
    ]);
    const later = new Map([[`7:${order.orderSn}`, now + day]]);
    expect(check({ orders: [order], estimates: later }).payouts).toMatchObject([{ state: 'waiting' }]);
  });

  test('is none of the payouts while it is on its way or was canceled', () => {
    const orders = ['SHIPPED', 'CANCELLED', 'TO_RETURN'].map((status) => ({ ...order, status }));
    expect(check({ orders }).payouts).toEqual([]);
  });
});

describe('a paid order', () => {
  // The example of a Brazilian order: 33.80 at the release, then −6.46.
  const adjusted = bookOrder({
    currency: 'BRL', escrowAmount: 33.8, adjustments: -6.46, finalAmount: 27.34, paidOut: 33.8, releasedAt: now - 5 * day,
  }); // prettier-ignore

  test('differs while the wallet is not known and only the escrow amount was paid out', () => {
    expect(check({ orders: [adjusted] }).payouts).toMatchObject([
      { state: 'differs', difference: 6.46, reason: 'paid out: the escrow amount, without the adjustments' },
    ]);
  });

  test('agrees when all that the wallet has of it is the final amount', () => {
    const line = { currency: 'BRL', orderSn: adjusted.orderSn };
    const transactions = [
      bookTransaction({ ...line, amount: 33.8, at: now - 5 * day }),
      bookTransaction({ ...line, kind: 'adjustment', amount: -3.5, at: now - 4 * day }),
      bookTransaction({ ...line, kind: 'adjustment', amount: -2.96, at: now - 3 * day }),
      bookTransaction({ ...line, kind: 'ads', amount: -2, at: now - 3 * day }),
      bookTransaction({ ...line, kind: 'adjustment', amount: -9, at: now - 3 * day, status: 'FAILED' }),
    ];
    expect(check({ orders: [adjusted], transactions }).payouts).toMatchObject([
      { state: 'paid', received: 27.34, difference: 0 },
    ]);
  });

  test('differs when the wallet covers its release and has nothing of it', () => {
    const other = (at: number) => bookTransaction({ currency: 'BRL', orderSn: 'other', amount: 1, at });
    const covered = [other(now - 9 * day), other(now - 2 * day)];
    expect(check({ orders: [adjusted], transactions: covered }).payouts).toMatchObject([
      { state: 'differs', received: 0, difference: -27.34, reason: 'no transaction in the wallet' },
    ]);
    const begunLater = [other(now - 2 * day), other(now - day)];
    expect(check({ orders: [adjusted], transactions: begunLater }).payouts).toMatchObject([{ received: 33.8 }]);
  });

  test('says nothing of an amount that is not known', () => {
    const orders = [
      { ...adjusted, finalAmount: undefined },
      { ...adjusted, paidOut: undefined },
    ];
    expect(check({ orders }).payouts).toMatchObject([
      { state: 'paid', difference: undefined },
      { state: 'paid', difference: undefined },
    ]);
  });
});

test('every payout is in the sum of one day of the shop’s zone', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          paidOut: fc.integer({ min: -5_000, max: 1_000_000 }).map((cents) => cents / 100),
          releasedAt: fc.integer({ min: now - 90 * day, max: now }),
          shopId: fc.constantFrom('7', '8'),
        }),
        { minLength: 1, maxLength: 40 },
      ),
      (paid) => {
        const orders = paid.map((one, index) =>
          bookOrder({ ...one, orderSn: String(index), finalAmount: one.paidOut }),
        );
        const { days, payouts } = check({ orders });
        expect(days.reduce((count, one) => count + one.orders, 0)).toBe(orders.length);
        const cents = (amount = Number.NaN) => Math.round(amount * 100);
        expect(days.reduce((total, { paidOut }) => total + cents(paidOut), 0)).toBe(
          orders.reduce((total, { paidOut }) => total + cents(paidOut), 0),
        );
        expect(payouts.every(({ state }) => state === 'paid')).toBe(true);
        for (const { day: date, firstAt } of days) {
          expect(new Date((firstAt + 8 * 3600) * 1000).toISOString().slice(0, 10)).toBe(date);
        }
      },
    ),
  );
});

test('a day with an amount that is not known has no sum, and what the bank got stands beside it', () => {
  const at = Date.parse('2026-11-20T03:00:00Z') / 1000;
  const orders = [
    bookOrder({ releasedAt: at, paidOut: 5 }),
    bookOrder({ releasedAt: at, orderSn: 'B', paidOut: undefined }),
  ];
  const transactions = [
    bookTransaction({ at, amount: 5 }),
    bookTransaction({ at, kind: 'withdrawal', type: 'WITHDRAWAL_CREATED', amount: -3, orderSn: '' }),
    bookTransaction({ at, kind: 'withdrawal', type: 'WITHDRAWAL_COMPLETED', amount: -3, orderSn: '' }),
  ];
  expect(check({ orders, transactions }).days).toMatchObject([
    { day: '2026-11-20', orders: 2, paidOut: undefined, walletIncome: 5, withdrawn: -3 },
  ]);
});

test('the days of each market are read from one setting', () => {
  expect(parseOverdueDays(['7'])).toEqual({ default: 7, byRegion: new Map() });
  expect(parseOverdueDays(['7', 'br:14'])).toEqual({ default: 7, byRegion: new Map([['BR', 14]]) });
  for (const wrong of [['BR:14'], ['a'], [''], ['7', '-1'], []]) expect(parseOverdueDays(wrong)).toBeUndefined();
});
