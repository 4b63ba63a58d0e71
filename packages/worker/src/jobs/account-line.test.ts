import { expect, test } from 'vitest';
import { accountLine } from './account-line.ts';

const account = (date: string, shopId: string, missing: string[]) => ({
  date,
  shopId,
  listed: 20,
  inSheet: 20 - missing.length,
  missing,
  takenAt: 0,
});
const names = new Map([['1', 'Kopi & Cotton']]);

test('a day without a gap is one line', () => {
  expect(accountLine([account('2026-11-22', '1', []), account('2026-11-23', '1', [])], names)).toEqual({
    severity: 'info',
    title: 'No order is missing',
    text: '40 orders of 2 days and 1 shop: Shopee lists as many as the sheet has.',
  });
});

test('missing orders are named with their shop, ten at most', () => {
  const many = Array.from({ length: 12 }, (_, n) => `A${n}`);
  const { severity, title, text } = accountLine(
    [account('2026-11-23', '1', many), account('2026-11-23', '2', [])],
    names,
  );
  expect({ severity, title }).toEqual({ severity: 'warning', title: '12 orders not in the sheet' });
  expect(text).toContain('A0 (Kopi & Cotton), ');
  expect(text).toContain('A9 (Kopi & Cotton) and 2 more. They were queued');
});
