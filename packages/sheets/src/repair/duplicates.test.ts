import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { mergeDuplicates as merge, type DuplicateRow } from './duplicates.ts';
import { newHeaderMap } from '../index/header-map.ts';
import { KeyIndex } from '../index/key-index.ts';
import type { TabState } from '../index/tab-state.ts';

const columns = testSchema.tabs.Orders.columns;
const tab: TabState = {
  tab: 'Orders', period: '', sheetId: 1, title: 'Orders', rowCount: 1000, columnCount: columns.length, columns,
  header: newHeaderMap(columns), index: new KeyIndex(testSchema.isKey),
}; // prettier-ignore

const mergeDuplicates = (copies: readonly DuplicateRow[]) => merge(copies, testSchema);

const copy = (at: number, version: number, cells: DuplicateRow['cells'], userCells = 0): DuplicateRow => ({
  tab, at, version, userCells, isSuspect: false, cells: { row_key: '1:a', row_version: version, ...cells },
}); // prettier-ignore

test('of two copies the newest values stay, in the row with the user’s notes', () => {
  const rows = mergeDuplicates([copy(2, 1, { note: 'old' }, 1), copy(9, 2, { note: 'new' })]);
  expect(rows).toMatchObject([
    { at: 2, key: '1:a', cells: { note: 'new', row_version: 2 } },
    { at: 9, key: '', cells: { note: '', row_key: '' } },
  ]);
});

test('all of our columns are written, so that no row shows through that the user moved there meanwhile', () => {
  const rows = mergeDuplicates([copy(2, 1, {}), copy(9, 2, { note: 'new' })]);
  for (const { cells } of rows) expect(Object.keys(cells)).toEqual(columns.map(({ id }) => id));
  expect(Object.values(rows[1]?.cells ?? {}).every((cell) => cell === '')).toBe(true);
});

test('what Shopee masks by now stays readable, whichever copy has it', () => {
  const readable = { recipient_name: 'Jane', recipient_phone: '+65 1234' };
  const masked = { recipient_name: 'J**e', recipient_phone: '******34' };
  for (const notes of [1, 0]) {
    const rows = mergeDuplicates([copy(2, 1, readable, notes), copy(9, 2, masked, 1 - notes)]);
    expect(rows.find(({ key }) => key !== '')).toMatchObject({ cells: { ...readable, row_version: 2 } });
  }
  expect(mergeDuplicates([copy(2, 2, readable), copy(9, 1, masked)]).map(({ at, key }) => [at, key])).toEqual([
    [9, ''],
  ]);
});

test('a cell that was emptied, as a forgotten buyer’s, is not filled from a copy', () => {
  const rows = mergeDuplicates([copy(2, 1, { recipient_name: 'Jane' }, 1), copy(9, 2, {})]);
  expect(rows[0]?.cells).toMatchObject({ recipient_name: '' });
});
