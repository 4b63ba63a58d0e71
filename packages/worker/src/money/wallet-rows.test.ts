import { expect, test } from 'vitest';
import { payoutRows, walletRows } from './wallet-rows.ts';

const shop = { shopId: '7', shopName: 'Shop', spreadsheetId: 's' };

const vietnamese = [
  {
    transaction_id: '222276000000000001', status: 'COMPLETED', transaction_type: 'ESCROW_VERIFIED_ADD', amount: 391_825,
    current_balance: 10_502_090, create_time: 1_773_482_395, order_sn: '260306EXWALT01', refund_sn: '',
    transaction_fee: 0, description: 'Income of order #260306EXWALT01', reason: '',
  },
  {
    transaction_id: '222180000000000002', status: 'COMPLETED', transaction_type: 'ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED',
    amount: -33_040, current_balance: 10_110_265, create_time: 1_773_425_378, order_sn: '260216EXWALT02', refund_sn: '',
    transaction_fee: 0, description: 'Adjustment of order', reason: '',
  },
]; // prettier-ignore

test('the two real lines of a Vietnamese wallet tie, keep their ids, and are of their kinds', () => {
  const { rows, gaps, balanceAfter } = walletRows(shop, 'VND', vietnamese, {
    balanceBefore: 1_014_330_500,
    resumeAt: 1_773_482_395,
  });
  expect(rows).toMatchObject([
    {
      tab: 'Wallet',
      key: '7:222180000000000002',
      version: 1_773_425_378,
      cells: { kind: 'return', amount: -33_040, balance_gap: 0, order_sn: '260216EXWALT02', currency: 'VND' },
    },
    { key: '7:222276000000000001', cells: { kind: 'order income', amount: 391_825, balance_gap: 0 } },
  ]);
  expect([gaps, balanceAfter]).toEqual([0, 1_050_209_000]);
});

test('a missing transaction is an amount in Unexplained, to the cent', () => {
  const cents = (amount: number, balance: number, at: number) => ({
    transaction_id: String(at), transaction_type: 'ADJUSTMENT_ADD', status: 'COMPLETED', amount, current_balance: balance,
    create_time: at,
  }); // prettier-ignore
  const lines = [cents(0.1, 0.3, 1), cents(0.2, 0.5, 2), cents(1.1, 1.93, 3)];
  const { rows, gaps, balanceAtResume } = walletRows(shop, 'SGD', lines, { balanceBefore: undefined, resumeAt: 3 });
  expect(rows.map(({ cells }) => cells['balance_gap'])).toEqual([null, 0, 0.33]);
  expect([gaps, balanceAtResume]).toEqual([1, 50]);
});

test('a withdrawal moves the balance when it is created, not again when it is completed', () => {
  const line = (type: string, amount: number, balance: number, at: number) => ({
    transaction_id: String(at), transaction_type: type, status: 'COMPLETED', amount, current_balance: balance,
    create_time: at, withdrawal_id: '77',
  }); // prettier-ignore
  const lines = [line('WITHDRAWAL_CREATED', -40, 60, 1), line('WITHDRAWAL_COMPLETED', -40, 60, 2)];
  const { rows } = walletRows(shop, 'MYR', lines, { balanceBefore: 10_000, resumeAt: 9 });
  expect(rows).toMatchObject([
    { cells: { kind: 'withdrawal', balance_gap: 0, withdrawal_id: '77' } },
    { cells: { kind: 'withdrawal', balance_gap: 0, withdrawal_id: '77' } },
  ]);
});

test('types that no page names are shown as they are, and so is a line without a balance', () => {
  const line = { transaction_id: '1', transaction_type: '', amount: 5, create_time: 1 };
  const { rows } = walletRows(
    shop,
    'BRL',
    [line, { ...line, transaction_id: '2', transaction_type: 'ESCROW_NEW_THING' }],
    {
      balanceBefore: 0,
      resumeAt: 9,
    },
  );
  expect(rows.map(({ cells: { kind, balance_gap: gap } }) => [kind, gap])).toEqual([
    ['unknown', null],
    ['unknown', null],
  ]);
});

test('a payout is its lines, and what they do not add up to is shown', () => {
  const payout = {
    encrypted_payout_id: '11796795500890875355', from_currency: 'SGD', payout_currency: 'USD', from_amount: 5.3,
    payout_amount: 3.9, exchange_rate: 0.736, payout_time: 1_691_638_015, pay_service: 'payoneer',
  }; // prettier-ignore
  const escrow = { amount: 3.1, currency: 'SGD', order_sn: 'A', billing_transaction_type: 'ESCROW', level: 'ORDER' };
  const refund = {
    amount: -0.4, currency: 'SGD', order_sn: 'B', billing_transaction_type: 'ADJUSTMENT', cost_header: 'Refund Amount',
    scenario: 'Return Refund After Order Completed',
  }; // prettier-ignore
  const rows = payoutRows(shop, { payout, lines: [escrow, escrow, refund] });
  expect(new Set(rows.map(({ key }) => key)).size).toBe(4);
  expect(rows.map(({ cells: { kind, amount, balance_gap: gap } }) => [kind, amount, gap])).toEqual([
    ['order income', 3.1, undefined],
    ['order income', 3.1, undefined],
    ['return', -0.4, undefined],
    ['withdrawal', -5.3, 0.5],
  ]);
  // Shopee may list them in another order the next time.
  const again = payoutRows(shop, { payout, lines: [refund, escrow, escrow] });
  expect(again.map(({ key }) => key).toSorted()).toEqual(rows.map(({ key }) => key).toSorted());
});
