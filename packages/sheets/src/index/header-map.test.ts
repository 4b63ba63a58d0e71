import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { ReadCells } from '../client/read-cells.ts';
import { createHeaderMap, headerMatches, newHeaderMap, samePositions } from './header-map.ts';

const { columns } = testSchema.tabs.Orders;
const texts = columns.map(({ header }) => header);
const cells = (row: number, values: readonly string[]) =>
  new ReadCells([{ title: 't', row, column: 0, values: [[...values]] }], 't');

test('columns that have no position are missing', () => {
  const map = createHeaderMap(columns, new Map([['note', 3]]), { row: 2, texts: ['', '', '', 'Note'] });
  expect(map.missing).toHaveLength(columns.length - 1);
  expect(map).toMatchObject({ row: 2, first: 3, last: 3, key: -1 });
});

test('a header matches while our columns say the same; the user’s own do not count', () => {
  const map = newHeaderMap(columns);
  expect(headerMatches(map, cells(1, [...texts, 'Mine']))).toBe(true);
  expect(headerMatches(map, cells(1, ['Mine', ...texts]))).toBe(false);
  expect(headerMatches(map, cells(2, texts))).toBe(false);
});

test('positions are the same or not', () => {
  const map = newHeaderMap(columns);
  const moved = new Map([...map.positions].map(([id, at]) => [id, at + 1]));
  expect(samePositions(map, createHeaderMap(columns, moved, { row: 1, texts: [] }))).toBe(false);
  expect(samePositions(map, newHeaderMap(columns))).toBe(true);
});
