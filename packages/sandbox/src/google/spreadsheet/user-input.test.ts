import { expect, test } from 'vitest';
import { parseUserInput } from './user-input.ts';

test.each([
  ['=IMPORTXML("http://x","//a")', { formula: '=IMPORTXML("http://x","//a")' }],
  ["'=1+2", '=1+2'],
  ['007', 7],
  ['+84901234567', 84_901_234_567],
  ['1,234.5', 1234.5],
  ['1,23', '1,23'],
  ['.', '.'],
  ['=', '='],
  ['TRUE', true],
  ['@x', '@x'],
  ['240101ABC', '240101ABC'],
  ['', undefined],
])('%j typed into a cell becomes %j', (text, value) => {
  expect(parseUserInput(text).value).toEqual(value);
});

test('percents and dates bring their format along', () => {
  expect(parseUserInput('5%')).toEqual({ value: 0.05, numberFormat: { type: 'PERCENT', pattern: '0.00%' } });
  expect(parseUserInput('2026-11-23')).toEqual({
    value: 46_349,
    numberFormat: { type: 'DATE', pattern: 'yyyy-mm-dd' },
  });
  expect(parseUserInput('2026-11-23 12:00').value).toBe(46_349.5);
});
