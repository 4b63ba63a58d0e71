import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { mapHeader, samePositions } from './header-map.ts';

const { columns } = testSchema.tabs.Orders;
const headers = columns.map((column) => column.header);

test('columns are found wherever the user moved them, with the user’s own between them', () => {
  const map = mapHeader(['My notes', ...headers.toReversed(), 'Checked'], columns);
  expect(map.missing).toEqual([]);
  expect(map.positions.get('order_sn')).toBe(headers.length);
  expect(map).toMatchObject({ first: 1, last: headers.length, version: 1, key: 2 });
});

test('spaces and case of a header do not count', () => {
  const map = mapHeader([' order sn ', 'STATUS'], columns);
  expect(map.positions.get('order_sn')).toBe(0);
  expect(map.status).toBe(1);
});

test('of two equal headers the first is ours', () => {
  expect(mapHeader(['Status', 'Status'], columns).status).toBe(0);
});

test('columns that are not there are missing', () => {
  const map = mapHeader(headers.slice(1), columns);
  expect(map.missing.map((column) => column.id)).toEqual(['order_sn']);
});

test('a column of the user’s at the end changes no position of ours', () => {
  const before = mapHeader(headers, columns);
  expect(samePositions(before, mapHeader([...headers, 'Notes'], columns))).toBe(true);
  expect(samePositions(before, mapHeader(['Notes', ...headers], columns))).toBe(false);
});
