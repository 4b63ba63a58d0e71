import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { periodOf, sheetIdOf, tabFromSheetId, tabFromTitle, titleOf } from './tab-ids.ts';

const { tabs } = testSchema;

test('a tab is recognized by its sheet id', () => {
  for (const tab of ['Orders', 'Items', 'Returns'] as const) {
    for (const period of ['', '2026', '2026-01', '2026-12', '2099-12']) {
      expect(tabFromSheetId(tabs, sheetIdOf(tabs, { tab, period }))).toEqual({ tab, period });
    }
  }
});

test('ids assigned by Google are not ours', () => {
  expect([0, 1, 2_147_483_647, 709_999_999, 718_000_000].map((id) => tabFromSheetId(tabs, id))).toEqual(
    Array(5).fill(undefined),
  );
});

test('the period follows the rotation and is part of the title', () => {
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'month') })).toBe('Orders 2026-11');
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'year') })).toBe('Orders 2026');
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'never') })).toBe('Orders');
});

test('a tab is recognized by its title, and by no other text', () => {
  for (const period of ['', '2026', '2026-01'])
    expect(tabFromTitle(tabs, titleOf({ tab: 'Items', period }))).toEqual({ tab: 'Items', period });
  expect(['', 'Sheet1', 'Orders 2026-1', 'My Orders', 'orders'].map((title) => tabFromTitle(tabs, title))).toEqual(
    Array(5).fill(undefined),
  );
});
