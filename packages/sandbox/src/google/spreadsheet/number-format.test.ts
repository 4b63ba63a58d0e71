import { expect, test } from 'vitest';
import { formatValue } from './number-format.ts';

const at = 46_349 + (13 * 3600 + 5 * 60 + 9) / 86_400;

test.each([
  [1234.5, undefined, undefined, '1234.5'],
  [0.1 + 0.2, undefined, undefined, '0.3'],
  [1234567.891, 'NUMBER', '#,##0.00', '1,234,567.89'],
  [-1234.5, 'NUMBER', '#,##0', '-1,235'],
  [5, 'NUMBER', '#,##0.##', '5.'],
  [0.256, 'PERCENT', '0.0%', '25.6%'],
  [125000, 'CURRENCY', '[$₫]#,##0', '₫125,000'],
  [-7, 'NUMBER', '0;(0)', '(7)'],
  [7, 'NUMBER', '"no. "000', 'no. 007'],
  [240101, 'TEXT', undefined, '240101'],
  [at, 'DATE_TIME', 'yyyy-mm-dd hh:mm:ss', '2026-11-23 13:05:09'],
  [at, 'DATE_TIME', 'd mmm yy, h:mm am/pm', '23 Nov 26, 1:05 PM'],
  [at, 'DATE', undefined, '2026-11-23'],
  [1.5, 'TIME', '[h]:mm', '36:00'],
])('%d as %s %s is shown as %s', (value, type, pattern, text) => {
  expect(formatValue(value, { numberFormat: { ...(type && { type }), ...(pattern && { pattern }) } })).toBe(text);
});

test('texts, booleans, formulas and blanks are shown as they are', () => {
  expect([
    formatValue('=1', {}),
    formatValue(true, {}),
    formatValue({ formula: '=A1' }, {}),
    formatValue(undefined, {}),
  ]).toEqual(['=1', 'TRUE', '=A1', '']);
});
