import { expect, test } from 'vitest';
import { periodOf, sheetIdOf, tabFromSheetId, tabFromTitle, titleOf } from './tab-ids.ts';

test('a tab is known again by its sheet id', () => {
  for (const tab of ['Orders', 'Items', 'Returns'] as const) {
    for (const period of ['', '2026', '2026-01', '2026-12', '2099-12']) {
      expect(tabFromSheetId(sheetIdOf({ tab, period }))).toEqual({ tab, period });
    }
  }
});

test('ids that Google gave are not ours', () => {
  expect([0, 1, 2_147_483_647, 709_999_999, 718_000_000].map(tabFromSheetId)).toEqual(Array(5).fill(undefined));
});

test('the period follows the rotation and stands in the title', () => {
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'month') })).toBe('Orders 2026-11');
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'year') })).toBe('Orders 2026');
  expect(titleOf({ tab: 'Orders', period: periodOf('2026-11-23', 'never') })).toBe('Orders');
});

test('a title tells its tab, and no other text does', () => {
  for (const period of ['', '2026', '2026-01'])
    expect(tabFromTitle(titleOf({ tab: 'Items', period }))).toEqual({ tab: 'Items', period });
  expect(['', 'Sheet1', 'Orders 2026-1', 'My Orders', 'orders'].map(tabFromTitle)).toEqual(Array(5).fill(undefined));
});
