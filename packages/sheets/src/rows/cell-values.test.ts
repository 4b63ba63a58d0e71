import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SheetRow } from '../schema/schema.ts';
import { cellsToWrite, cellText, cellValue, maxCellLength, estimateSize } from './cell-values.ts';

const row: SheetRow = {
  spreadsheetId: 's', tab: 'Orders', key: '1:A', version: 5, shopId: '1',
  cells: { note: 'hello', buyer_username: null }, cellsIfNew: { buyer_username: 'j***e', note: 'masked' },
}; // prettier-ignore

test('ids stay text, whatever their type', () => {
  expect(cellValue(220_810_123, 'text', 'UTC')).toBe('220810123');
  expect(cellValue(12.5, 'money', 'UTC')).toBe(12.5);
  expect(cellValue('=1+2', 'text', 'UTC')).toBe('=1+2');
});

test('unix seconds become a serial date', () => {
  expect(cellValue(86_400, 'datetime', 'UTC')).toBe(25_570);
  expect(cellValue('', 'datetime', 'UTC')).toBe('');
});

test('a number that is none leaves the cell alone', () => {
  expect(cellValue(Number.NaN, 'money', 'UTC')).toBeNull();
});

test('a text that is too long is cut with a mark', () => {
  const cut = cellText('😀'.repeat(30_000));
  expect(cut).toHaveLength(maxCellLength);
  expect(cut).toMatch(/cut: longer than a cell can hold\]$/);
});

test('every text becomes one that JSON and Sheets can hold', () => {
  // Any UTF-16 units, lone surrogates and control characters among them.
  const texts = fc
    .uint16Array({ maxLength: 40 })
    .map((units) => String.fromCharCode(...units.map((unit) => unit % 0xe000)));
  fc.assert(
    fc.property(texts, (text) => {
      const clean = cellText(text);
      return clean.isWellFormed() && clean.length <= maxCellLength && !/[^\P{Cc}\t\n\r]/u.test(clean);
    }),
  );
  expect(cellText('a\tb\nc')).toBe('a\tb\nc');
});

test('masked values are written into new rows only, and never over a readable one', () => {
  expect(cellsToWrite(row, true)).toEqual({ note: 'hello', buyer_username: 'j***e', row_key: '1:A', row_version: 5 });
  expect(cellsToWrite(row, false)).toEqual({ note: 'hello', row_key: '1:A', row_version: 5 });
});

test('the estimate of a row’s size holds for letters of several bytes', () => {
  const thai = 'เสื้อยืด คอกลม "สีดำ"\nไซซ์ M'.repeat(40);
  const sized = { ...row, cells: { items: thai, note: thai, units: 3 }, cellsIfNew: {} };
  expect(estimateSize(sized)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(Object.values(sized.cells))));
});
