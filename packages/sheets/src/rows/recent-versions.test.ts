import { expect, test } from 'vitest';
import type { SheetRow } from '../schema/schema.ts';
import { RecentVersions } from './recent-versions.ts';

const row = (key: string, version: number, requestedAt?: number): SheetRow => ({
  spreadsheetId: 's', tab: 'Orders', key, version, shopId: '1', cells: {}, requestedAt,
}); // prettier-ignore

test('only income of the same version that was asked for earlier is outdone', () => {
  const written = new RecentVersions();
  written.record(row('a', 2, 200));
  expect(written.isNewer(row('a', 2, 100))).toBe(true);
  expect(written.isNewer(row('a', 2, 200))).toBe(false);
  expect(written.isNewer(row('a', 2, 300))).toBe(false);
  expect(written.isNewer(row('a', 3, 100))).toBe(false);
  expect(written.isNewer(row('a', 1, 100))).toBe(false);
  expect(written.isNewer(row('a', 2))).toBe(false);
  expect(written.isNewer({ ...row('a', 2, 100), tab: 'Items' })).toBe(false);
});

test('a row without income leaves what is known of the row', () => {
  const written = new RecentVersions();
  written.record(row('a', 2, 200));
  written.record(row('a', 2));
  expect(written.isNewer(row('a', 2, 100))).toBe(true);
});

test('only the rows that were written last are remembered', () => {
  const written = new RecentVersions(2);
  for (const key of ['a', 'b', 'a', 'c']) written.record(row(key, 1, 200));
  expect(['a', 'b', 'c'].map((key) => written.isNewer(row(key, 1, 100)))).toEqual([true, false, true]);
});
