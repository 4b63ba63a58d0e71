import { expect, test } from 'vitest';
import { ordersColumns } from '../../report/columns.ts';
import { mapHeader, samePositions } from './header-map.ts';

const headers = ordersColumns.map((column) => column.header);

test('columns are found wherever the user moved them, with the user’s own between them', () => {
  const map = mapHeader(['My notes', ...headers.toReversed(), 'Checked'], ordersColumns);
  expect(map.missing).toEqual([]);
  expect(map.positions.get('order_sn')).toBe(headers.length);
  expect(map).toMatchObject({ first: 1, last: headers.length, version: 1, key: 2 });
});

test('spaces and case of a header do not count', () => {
  const map = mapHeader([' order sn ', 'STATUS'], ordersColumns);
  expect(map.positions.get('order_sn')).toBe(0);
  expect(map.status).toBe(1);
});

test('of two equal headers the first is ours', () => {
  expect(mapHeader(['Status', 'Status'], ordersColumns).status).toBe(0);
});

test('columns that are not there are missing', () => {
  const map = mapHeader(headers.slice(1), ordersColumns);
  expect(map.missing.map((column) => column.id)).toEqual(['order_sn']);
});

test('a column of the user’s at the end changes no position of ours', () => {
  const before = mapHeader(headers, ordersColumns);
  expect(samePositions(before, mapHeader([...headers, 'Notes'], ordersColumns))).toBe(true);
  expect(samePositions(before, mapHeader(['Notes', ...headers], ordersColumns))).toBe(false);
});
