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

test('complete days are summarized in one line', () => {
  expect(summarizeReconciliation([account('2026-11-22', '1', []), account('2026-11-23', '1', [])], shops)).toEqual({
    severity: 'info',
    title: 'No orders missing',
    text: '40 orders of 2 days and 1 shop: every order that Shopee lists is in the sheet.',
  });
});

test('missing orders are listed with their shop, ten at most', () => {
  const many = Array.from({ length: 12 }, (_, n) => `A${n}`);
  const { severity, title, text } = summarizeReconciliation(
    [account('2026-11-23', '1', many), account('2026-11-23', '2', [])],
    shops,
  );
  expect({ severity, title }).toEqual({ severity: 'warning', title: '12 orders missing from the sheet' });
  expect(text).toContain('A0 (Kopi & Cotton), ');
  expect(text).toContain('A9 (Kopi & Cotton) and 2 more. They were queued');
});

test('a shop that could not be reconciled is named', () => {
  const notCompared = ['1', '2'];
  expect(summarizeReconciliation([account('2026-11-23', '3', [])], { ...shops, notCompared })).toEqual({
    severity: 'warning',
    title: 'No orders missing in the reconciled shops',
    text: '20 orders of 1 day and 1 shop: every order that Shopee lists is in the sheet. Not reconciled: Kopi & Cotton, 2.',
  });
  expect(summarizeReconciliation([], { ...shops, notCompared })).toMatchObject({
    text: 'Not reconciled: Kopi & Cotton, 2.',
  });
});
