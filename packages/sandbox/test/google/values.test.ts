import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { start } from './harness.ts';

const client = await start({
  quotas: { readsPerUser: Infinity, writesPerUser: Infinity, readsPerProject: Infinity, writesPerProject: Infinity },
});
const { google, call, change, get, put } = client;
const { spreadsheetId } = google;
let tab = 0;
/** A fresh tab of 10 × 4 for each test. */
let t = '';

beforeEach(async () => {
  tab += 1;
  t = `tab_${tab}`;
  await change({
    addSheet: { properties: { sheetId: tab, title: t, gridProperties: { rowCount: 10, columnCount: 4 } } },
  });
});

afterAll(() => google.close());

const batch = (data: object[], option = 'RAW', more: object = {}) =>
  call('POST', '/values:batchUpdate', { valueInputOption: option, data, ...more });

describe('reading', () => {
  test('a blank range has no values, and open ends are echoed as those of the grid', async () => {
    expect((await get(`${t}!B2`)).body).toEqual({ range: `${t}!B2`, majorDimension: 'ROWS' });
    expect((await get(`${t}!A:B`)).body).toEqual({ range: `${t}!A1:B10`, majorDimension: 'ROWS' });
    expect((await get(t)).body).toEqual({ range: `${t}!A1:D10`, majorDimension: 'ROWS' });
    expect((await get(`${t}!B3:Z99`)).body).toEqual({ range: `${t}!B3:D10`, majorDimension: 'ROWS' });
  });

  test('trailing blanks are cut, blanks before a value are empty texts', async () => {
    await put(`${t}!A1:D4`, [['a', '', 'c', ''], [], ['', 2]]);
    expect((await get(t)).body['values']).toEqual([['a', '', 'c'], [], ['', 2]]);
    expect((await get(`${t}!A1:D4`, '&majorDimension=COLUMNS')).body['values']).toEqual([['a'], ['', '', 2], ['c']]);
  });

  test('formatted values follow the format of the cell, unformatted ones do not', async () => {
    await put(`${t}!A1`, [[46_349.5, 1234.5, true]]);
    const format = (column: number, numberFormat: object) => ({
      repeatCell: {
        range: { sheetId: tab, startColumnIndex: column, endColumnIndex: column + 1 },
        cell: { userEnteredFormat: { numberFormat } },
        fields: 'userEnteredFormat.numberFormat',
      },
    });
    await change(
      format(0, { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm' }),
      format(1, { type: 'NUMBER', pattern: '#,##0.00' }),
    );
    const row = async (query: string) => (await call('GET', `/values/${t}!A1:C1${query}`)).body['values'];
    expect(await row('')).toEqual([['2026-11-23 12:00', '1,234.50', 'TRUE']]);
    expect(await row('?valueRenderOption=UNFORMATTED_VALUE')).toEqual([[46_349.5, 1234.5, true]]);
    expect(await row('?valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING')).toEqual([
      ['2026-11-23 12:00', 1234.5, true],
    ]);
  });

  test('batchGet gives the ranges in their order', async () => {
    await put(`${t}!A1`, [['a', 'b']]);
    const { body } = await call('GET', `/values:batchGet?ranges=${t}!B:B&ranges=${t}!A1&majorDimension=COLUMNS`);
    expect(body).toEqual({
      spreadsheetId,
      valueRanges: [
        { range: `${t}!B1:B10`, majorDimension: 'COLUMNS', values: [['b']] },
        { range: `${t}!A1`, majorDimension: 'COLUMNS', values: [['a']] },
      ],
    });
  });

  test('filters by range, by A1 and by developer metadata find their cells wherever a row went', async () => {
    await put(`${t}!A1`, [['h'], ['one'], ['two']]);
    const dimensionRange = { sheetId: tab, dimension: 'ROWS', startIndex: 2, endIndex: 3 };
    const developerMetadata = { metadataKey: `key${tab}`, visibility: 'DOCUMENT', location: { dimensionRange } };
    await change({ createDeveloperMetadata: { developerMetadata } });
    google.edit({ kind: 'insert-rows', tab: t, at: 2, count: 2 });
    const filters = [
      { gridRange: { sheetId: tab, startRowIndex: 3, endRowIndex: 4, endColumnIndex: 1 } },
      { a1Range: `${t}!A1` },
      { developerMetadataLookup: { metadataKey: `key${tab}` } },
    ];
    const { body } = await call('POST', '/values:batchGetByDataFilter', { dataFilters: filters });
    // In an order of its own.
    expect(body['valueRanges']).toHaveLength(3);
    expect(body['valueRanges']).toEqual(
      expect.arrayContaining([
        { valueRange: { range: `${t}!A4`, majorDimension: 'ROWS', values: [['one']] }, dataFilters: [filters[0]] },
        { valueRange: { range: `${t}!A1`, majorDimension: 'ROWS', values: [['h']] }, dataFilters: [filters[1]] },
        { valueRange: { range: `${t}!A5:D5`, majorDimension: 'ROWS', values: [['two']] }, dataFilters: [filters[2]] },
      ]),
    );
    const written = await call('POST', '/values:batchUpdateByDataFilter', {
      valueInputOption: 'RAW',
      data: [{ dataFilter: filters[2], values: [[null, 'mine']] }],
    });
    expect(written.body).toMatchObject({
      totalUpdatedCells: 1,
      responses: [{ updatedRange: `${t}!A5:B5`, dataFilter: filters[2] }],
    });
    expect((await get(`${t}!A5:B5`)).body['values']).toEqual([['two', 'mine']]);
  });
});

describe('writing', () => {
  test('null leaves a cell alone, an empty text empties it', async () => {
    await put(`${t}!A1`, [['a', 'b', 'c']]);
    const { body } = await put(`${t}!A1`, [[null, '', 'C']]);
    expect(body).toEqual({
      spreadsheetId,
      updatedRange: `${t}!A1:C1`,
      updatedRows: 1,
      updatedColumns: 2,
      updatedCells: 2,
    });
    expect((await get(t)).body['values']).toEqual([['a', '', 'C']]);
  });

  test('RAW keeps texts as they are, USER_ENTERED reads them', async () => {
    const texts = ['=1+2', '+84901', '007', '2026-11-23'];
    await put(`${t}!A1`, [texts]);
    expect((await get(t)).body['values']).toEqual([texts]);
    await batch([{ range: `${t}!A2`, values: [texts] }], 'USER_ENTERED');
    expect((await get(`${t}!A2:D2`)).body['values']).toEqual([['=1+2', 84_901, 7, 46_349]]);
    const { body } = await call('GET', `?ranges=${t}!A1:A2&fields=sheets.data.rowData.values.userEnteredValue`);
    expect(body).toEqual({
      sheets: [
        {
          data: [
            {
              rowData: [
                { values: [{ userEnteredValue: { stringValue: '=1+2' } }] },
                { values: [{ userEnteredValue: { formulaValue: '=1+2' } }] },
              ],
            },
          ],
        },
      ],
    });
  });

  test('columns as the major dimension are turned', async () => {
    await batch([{ range: `${t}!A1:B3`, majorDimension: 'COLUMNS', values: [[1, 2, 3], [4]] }]);
    expect((await get(t)).body['values']).toEqual([[1, 4], [2], [3]]);
  });

  test('a batch counts rows, columns and cells over its ranges', async () => {
    const { body } = await batch([
      { range: `${t}!A1:B1`, values: [[1, 2]] },
      { range: `${t}!A3:C3`, values: [[1, null, 3]] },
    ]);
    expect(body).toMatchObject({
      spreadsheetId,
      totalUpdatedRows: 2,
      totalUpdatedColumns: 3,
      totalUpdatedCells: 4,
      totalUpdatedSheets: 1,
    });
    expect(body['responses']).toHaveLength(2);
  });

  test('a batch gives the new values back when asked', async () => {
    const { body } = await batch([{ range: `${t}!A1`, values: [[1.5]] }], 'RAW', {
      includeValuesInResponse: true,
      responseValueRenderOption: 'UNFORMATTED_VALUE',
    });
    expect(body).toMatchObject({ responses: [{ updatedData: { range: `${t}!A1`, values: [[1.5]] } }] });
  });

  test('one bad part and nothing of the batch is written', async () => {
    const good = { range: `${t}!A1`, values: [['x']] };
    const rejected = async (bad: object, message: string) => {
      expect(await batch([good, bad])).toMatchObject({ status: 400, message });
      expect((await get(t)).body['values']).toBeUndefined();
    };
    await rejected({ range: 'Nope!A1', values: [[1]] }, 'Invalid data[1]: Unable to parse range: Nope!A1');
    await rejected(
      { range: `${t}!A11:B11`, values: [[1, 2]] },
      `Invalid data[1]: Range (${t}!A11:B11) exceeds grid limits. Max rows: 10, max columns: 4`,
    );
    await rejected(
      { range: `${t}!A1:B1`, values: [[1, 2, 3]] },
      `Invalid data[1]: Requested writing within range [${t}!A1:B1], but tried writing to column [C]`,
    );
    await rejected(
      { range: `${t}!A1:B1`, values: [[1], [2]] },
      `Invalid data[1]: Requested writing within range [${t}!A1:B1], but tried writing to row [2]`,
    );
    await rejected(
      { range: `${t}!A1`, values: [[{ a: 1 }]] },
      'Invalid data[1]: Invalid values[0][0]: struct_value {"a":1}',
    );
  });

  test('a cell holds 50,000 characters and not one more', async () => {
    expect((await put(`${t}!A1`, [['x'.repeat(50_000)]])).status).toBe(200);
    expect(await put(`${t}!A1`, [['x'.repeat(50_001)]])).toMatchObject({
      status: 400,
      message: 'Your input contains more than the maximum of 50000 characters in a single cell.',
    });
  });

  test('values may go past one cell, but never past the grid', async () => {
    expect(
      (
        await put(`${t}!C9`, [
          [1, 2],
          [3, 4],
        ])
      ).body['updatedRange'],
    ).toBe(`${t}!C9:D10`);
    expect((await put(`${t}!D10`, [[1, 2]])).message).toBe(
      `Range (${t}!D10:E10) exceeds grid limits. Max rows: 10, max columns: 4`,
    );
    expect(
      (
        await put(
          `${t}!A2:D`,
          Array.from({ length: 10 }, () => [1]),
        )
      ).message,
    ).toContain('exceeds grid limits');
  });

  test('a body for another range than the path, or without an input option, is rejected', async () => {
    const other = await call('PUT', `/values/${t}!A1?valueInputOption=RAW`, { range: `${t}!A2`, values: [['x']] });
    expect(other.message).toBe(`Input range '${t}!A1' does not match value's range '${t}!A2'.`);
    const bare = await call('PUT', `/values/${t}!A1`, { values: [['x']] });
    expect(bare.message).toBe("'valueInputOption' is required but not specified");
    expect((await call('PUT', `/values/${t}!A1?valueInputOption=Raw`, {})).message).toMatch(
      /^Invalid value at 'value_input_option'/u,
    );
  });

  test('unknown names and wrong types are rejected as proto JSON does', async () => {
    const wrong = await call('POST', '/values:batchUpdate', {
      valueInputOption: 'RAW',
      data: [{ range: 'A1', vals: [] }],
    });
    const message = `Invalid JSON payload received. Unknown name "vals" at 'data[0]': Cannot find field.`;
    expect(wrong.body).toEqual({
      error: {
        code: 400,
        message,
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'data[0]', description: message }],
          },
        ],
      },
    });
    expect((await put(`${t}!A1`, ['X'] as unknown as unknown[][])).message).toBe(
      `Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), "X"`,
    );
    expect((await call('POST', '/values:batchUpdate', '{"data":')).message).toMatch(
      /^Invalid JSON payload received\./u,
    );
    expect((await get('A1', '&valueRender=x')).message).toContain(
      'Unknown name "valueRender": Cannot bind query parameter.',
    );
  });

  test('clearing empties the values and keeps the formats', async () => {
    await put(`${t}!A1`, [
      ['a', 'b'],
      ['c', 'd'],
    ]);
    google.edit({ kind: 'color', tab: t, range: 'A1:B2', color: '#ff0000' });
    expect((await call('POST', `/values/${t}!A1:A:clear`, {})).body).toEqual({
      spreadsheetId,
      clearedRange: `${t}!A1:A10`,
    });
    expect((await call('POST', '/values:batchClear', { ranges: [`${t}!B2`] })).body['clearedRanges']).toEqual([
      `${t}!B2`,
    ]);
    expect((await get(t)).body['values']).toEqual([['', 'b']]);
    expect(google.spreadsheet().sheetByTitle(t)?.grid.format(0, 0).backgroundColor).toEqual({
      red: 1,
      green: 0,
      blue: 0,
    });
  });

  test('a range that a person protected is rejected', async () => {
    google.edit({ kind: 'protect', tab: t, range: 'A:A' });
    expect((await put(`${t}!A1`, [['x']])).message).toMatch(/^You are trying to edit a protected cell or object\./u);
    expect((await put(`${t}!B1`, [['x']])).status).toBe(200);
    google.edit({ kind: 'unprotect', tab: t });
    expect((await put(`${t}!A1`, [['x']])).status).toBe(200);
  });
});

describe('appending', () => {
  const append = (range: string, values: unknown[][], query = '') =>
    call('POST', `/values/${encodeURIComponent(range)}:append?valueInputOption=RAW${query}`, { values });

  test('goes below the table, from its first column on, and says where', async () => {
    expect((await append(t, [['a']])).body).toEqual({
      spreadsheetId,
      updates: { spreadsheetId, updatedRange: `${t}!A1`, updatedRows: 1, updatedColumns: 1, updatedCells: 1 },
    });
    await put(`${t}!B4`, [
      ['x', 'y'],
      ['z', ''],
    ]);
    expect((await append(t, [['p', 'q']])).body).toMatchObject({
      tableRange: `${t}!B4:C5`,
      updates: { updatedRange: `${t}!B6:C6` },
    });
  });

  test('drifts to the right when the last row begins with blanks', async () => {
    await put(`${t}!A1`, [['a', 'b', 'c', 'd']]);
    await put(`${t}!C3`, [['only here']]);
    expect((await append(t, [['next']])).body).toMatchObject({ updates: { updatedRange: `${t}!C4` } });
  });

  test('grows the grid, by blank rows too with INSERT_ROWS', async () => {
    await put(`${t}!A10`, [['last']]);
    await append(t, [[1], [2]]);
    expect(google.sheet(t).rowCount).toBe(12);
    await append(`${t}!A1:D3`, [[3]], '&insertDataOption=INSERT_ROWS');
    expect(google.sheet(t).rowCount).toBe(13);
  });

  test('in parallel loses rows, as the real one does', async () => {
    await put(`${t}!A1`, [['head']]);
    google.settings.latencyMs = 50;
    await Promise.all(['a', 'b', 'c'].map((value) => append(t, [[value]])));
    google.settings.latencyMs = 0;
    expect(google.sheet(t).rows()).toHaveLength(2);
  });
});
