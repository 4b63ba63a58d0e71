import { expect, test } from 'vitest';
import { summarizeReconciliation } from './reconciliation-summary.ts';

const account = (date: string, shopId: string, missing: string[]) => ({
  date,
  shopId,
  listed: 20,
  inSheet: 20 - missing.length,
  missing,
  checkedAt: 0,
});
const shops = { names: new Map([['1', 'Kopi & Cotton']]), notCompared: [] };

test('a day without a gap is one line', () => {
  expect(summarizeReconciliation([account('2026-11-22', '1', []), account('2026-11-23', '1', [])], shops)).toEqual({
    severity: 'info',
    title: 'No order is missing',
    text: '40 orders of 2 days and 1 shop: Shopee lists as many as the sheet has.',
  });
});

test('missing orders are named with their shop, ten at most', () => {
  const many = Array.from({ length: 12 }, (_, n) => `A${n}`);
  const { severity, title, text } = summarizeReconciliation(
    [account('2026-11-23', '1', many), account('2026-11-23', '2', [])],
    shops,
  );
  expect({ severity, title }).toEqual({ severity: 'warning', title: '12 orders not in the sheet' });
  expect(text).toContain('A0 (Kopi & Cotton), ');
  expect(text).toContain('A9 (Kopi & Cotton) and 2 more. They were queued');
});

test('a shop that could not be compared is named, and nothing is said of its orders', () => {
  const notCompared = ['1', '2'];
  expect(summarizeReconciliation([account('2026-11-23', '3', [])], { ...shops, notCompared })).toEqual({
    severity: 'warning',
    title: 'No order is missing, where it could be seen',
    text: '20 orders of 1 day and 1 shop: Shopee lists as many as the sheet has. Not compared: Kopi & Cotton, 2.',
  });
  expect(summarizeReconciliation([], { ...shops, notCompared })).toMatchObject({
    text: 'Not compared: Kopi & Cotton, 2.',
  });
});
