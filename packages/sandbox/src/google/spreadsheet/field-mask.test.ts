import { describe, expect, test } from 'vitest';
import { responseMask, masked, merged, parseMask, updated, updateMask } from './field-mask.ts';

describe('a field mask', () => {
  const response = { spreadsheetId: 's', sheets: [{ properties: { sheetId: 1, title: 'a', index: 0 }, data: [] }] };

  test.each([
    ['spreadsheetId', { spreadsheetId: 's' }],
    ['sheets.properties.title', { sheets: [{ properties: { title: 'a' } }] }],
    [
      'sheets(properties(sheetId,title)),spreadsheetId',
      { spreadsheetId: 's', sheets: [{ properties: { sheetId: 1, title: 'a' } }] },
    ],
    ['sheets/properties/index', { sheets: [{ properties: { index: 0 } }] }],
    ['*', response],
  ])('%s picks its fields', (text, picked) => {
    expect(masked(response, parseMask(text))).toEqual(picked);
  });

  test.each(['a.', 'a(b', 'a)', ',a', 'a b!'])('%j is rejected', (text) => {
    expect(() => parseMask(text)).toThrow('Request contains an invalid argument.');
  });

  test('a path that the response does not have is rejected and named', () => {
    expect(() => responseMask('sheets.propertys', 'Spreadsheet')).toThrow('invalid argument');
    expect(() => updateMask('gridProperties.frozenRows', 'SheetProperties')).toThrow(
      'Invalid field: gridProperties.frozenRows',
    );
    expect(() => updateMask('title.x', 'SheetProperties')).toThrow('Invalid field: title.x');
    expect(() => updateMask('', 'SheetProperties')).toThrow("At least one field must be listed in 'fields'.");
  });

  test('an update touches what the mask names, and takes away what is not given', () => {
    const before = { title: 'a', hidden: true, gridProperties: { rowCount: 9, frozenRowCount: 1 } };
    const after = updated<object>(
      before,
      { title: 'b', gridProperties: { rowCount: 3 } },
      parseMask('title,gridProperties.frozenRowCount'),
    );
    expect(after).toEqual({ title: 'b', hidden: true, gridProperties: { rowCount: 9 } });
    expect(updated<object>(before, { title: 'b' }, parseMask('*'))).toEqual({ title: 'b' });
  });

  test('formats are laid over one another field by field', () => {
    expect(merged<object>({ a: { b: 1, c: 2 }, d: [1] }, { a: { c: 3 }, d: [2] })).toEqual({
      a: { b: 1, c: 3 },
      d: [2],
    });
  });
});
