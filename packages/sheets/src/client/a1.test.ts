import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnName, columnNumber, parseRangeStart, toA1 } from './a1.ts';

test('columns have the names that Sheets gives them', () => {
  expect([0, 25, 26, 51, 52, 701, 702, 18_277].map(columnName)).toEqual([
    'A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA', 'ZZZ',
  ]); // prettier-ignore
  fc.assert(fc.property(fc.nat(18_277), (column) => columnNumber(columnName(column)) === column));
});

test('a title is quoted, and its own quotes are doubled', () => {
  const block = { title: "Orders 'new'", firstRow: 2, firstColumn: 0, lastColumn: 2 };
  expect(toA1(block)).toBe("'Orders ''new'''!A2:C");
  expect(toA1({ ...block, lastRow: 9 })).toBe("'Orders ''new'''!A2:C9");
});

test('the start of a range is read in each of the forms that Google echoes', () => {
  expect(parseRangeStart("'🌵 x 1'!B7:A10")).toEqual({ title: '🌵 x 1', row: 7, column: 1 });
  expect(parseRangeStart('Orders!AB12')).toEqual({ title: 'Orders', row: 12, column: 27 });
  expect(parseRangeStart("'it''s!'!A1:Z1")).toEqual({ title: "it's!", row: 1, column: 0 });
});
