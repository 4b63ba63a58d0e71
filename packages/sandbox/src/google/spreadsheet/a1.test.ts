import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnIndex, columnName, formatA1, parseA1 } from './a1.ts';

const open = { startRow: undefined, endRow: undefined, startColumn: undefined, endColumn: undefined };

describe('A1 notation', () => {
  test.each([
    ['Orders', { ...open, title: 'Orders' }],
    ["'Đơn hàng'", { ...open, title: 'Đơn hàng' }],
    ['A1', { title: undefined, startRow: 0, endRow: 1, startColumn: 0, endColumn: 1 }],
    ['Orders!A1', { title: 'Orders', startRow: 0, endRow: 1, startColumn: 0, endColumn: 1 }],
    ['Orders!B2:D9', { title: 'Orders', startRow: 1, endRow: 9, startColumn: 1, endColumn: 4 }],
    ['Orders!D9:B2', { title: 'Orders', startRow: 1, endRow: 9, startColumn: 1, endColumn: 4 }],
    ['Orders!$B$2:D', { title: 'Orders', startRow: 1, endRow: undefined, startColumn: 1, endColumn: 4 }],
    ['Orders!B:B', { ...open, title: 'Orders', startColumn: 1, endColumn: 2 }],
    ['Orders!3:5', { ...open, title: 'Orders', startRow: 2, endRow: 5 }],
    ["'it''s'!A1:A2", { title: "it's", startRow: 0, endRow: 2, startColumn: 0, endColumn: 1 }],
    ['A', { ...open, title: 'A' }],
    ['Sheet 1', { ...open, title: 'Sheet 1' }],
    ['Sheet 1!A1', { title: 'Sheet 1', startRow: 0, endRow: 1, startColumn: 0, endColumn: 1 }],
  ])('%s is read', (text, range) => {
    expect(parseA1(text)).toEqual(range);
  });

  test.each(['', 'Orders!', 'Orders!A', 'Orders!A0', 'My sheet!A', "'Orders!A1", 'Orders!A1:B2:C3', 'Orders!AAAA1'])(
    '%j cannot be parsed',
    (text) => {
      expect(() => parseA1(text)).toThrow(`Unable to parse range: ${text}`);
    },
  );

  test.each([
    ['Orders', 'Orders!A1:B2'],
    ['Orders 2026', "'Orders 2026'!A1:B2"],
    ["it's", "'it''s'!A1:B2"],
    ['Đơn', "'Đơn'!A1:B2"],
    ['A1', "'A1'!A1:B2"],
  ])('the title %s is quoted only when it must be', (title, text) => {
    expect(formatA1(title, { startRow: 0, endRow: 2, startColumn: 0, endColumn: 2 })).toBe(text);
  });

  test('what is written is read back', () => {
    const bound = fc.integer({ min: 0, max: 18_000 });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), bound, bound, (title, row, column) => {
        const area = { startRow: row, endRow: row + 3, startColumn: column, endColumn: column + 2 };
        expect(parseA1(formatA1(title, area))).toEqual({ title, ...area });
      }),
    );
  });

  test('columns have the letters that they have in Sheets', () => {
    expect([0, 25, 26, 701, 702, 18_277].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'ZZZ']);
    fc.assert(fc.property(fc.integer({ min: 0, max: 18_277 }), (index) => columnIndex(columnName(index)) === index));
  });
});
