import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { start } from './harness.ts';

const { google, call, change, put } = await start({
  quotas: { readsPerUser: Infinity, writesPerUser: Infinity, readsPerProject: Infinity, writesPerProject: Infinity },
});
let sheetId = 0;
let t = '';

beforeEach(async () => {
  sheetId += 1;
  t = `tab_${sheetId}`;
  await change({ addSheet: { properties: { sheetId, title: t, gridProperties: { rowCount: 10, columnCount: 4 } } } });
});

afterAll(() => google.close());

/** The tab as spreadsheets.get shows it. */
async function shown(fields = '*'): Promise<Record<string, unknown>> {
  const { body } = await call('GET', `?ranges=${t}&fields=sheets(${fields})`);
  return (body['sheets'] as Record<string, unknown>[])[0] ?? {};
}

const rows = (startIndex: number, endIndex: number) => ({ sheetId, dimension: 'ROWS', startIndex, endIndex });
const columns = (startIndex: number, endIndex: number) => ({ sheetId, dimension: 'COLUMNS', startIndex, endIndex });

describe('a batch', () => {
  test('is carried out as a whole or not at all', async () => {
    const response = await change(
      { addSheet: { properties: { title: `${t} more` } } },
      {
        updateCells: {
          start: { sheetId },
          rows: [{ values: [{ userEnteredValue: { stringValue: 'x' } }] }],
          fields: '*',
        },
      },
      { appendDimension: { sheetId, dimension: 'ROWS', length: 5 } },
      { insertDimension: { range: columns(0, 1) } },
      { deleteSheet: { sheetId: 9999 } },
    );
    expect(response).toMatchObject({ status: 400, message: 'Invalid requests[4].deleteSheet: No sheet with id: 9999' });
    expect(google.sheets().map((sheet) => sheet.title)).not.toContain(`${t} more`);
    const { rowCount, columnCount } = google.sheet(t);
    expect({ rowCount, columnCount, rows: google.sheet(t).rows() }).toEqual({ rowCount: 10, columnCount: 4, rows: [] });
  });

  test('answers request by request, and with the spreadsheet when asked', async () => {
    const requests = [
      { addSheet: { properties: { title: `${t}b` } } },
      { appendDimension: { sheetId, dimension: 'ROWS', length: 1 } },
    ];
    const { body } = await call('POST', ':batchUpdate', { requests, includeSpreadsheetInResponse: true });
    expect(body).toMatchObject({
      replies: [
        { addSheet: { properties: { title: `${t}b`, gridProperties: { rowCount: 1000, columnCount: 26 } } } },
        {},
      ],
    });
    expect(body).toHaveProperty('updatedSpreadsheet.sheets');
  });

  test('without requests, with two in one, or with one that is not imitated is rejected', async () => {
    expect((await change()).message).toBe('Must specify at least one request.');
    expect((await change({})).message).toBe('Invalid requests[0]: No request set.');
    expect((await change({ deleteSheet: {}, addSheet: {} })).message).toContain("oneof field 'kind' is already set");
    expect((await change({ findReplace: { find: 'a' } })).message).toContain('does not imitate');
  });
});

describe('tabs', () => {
  test('a second one of the same name is rejected, and so is deleting the last', async () => {
    const taken = await change({ addSheet: { properties: { title: t.toLowerCase() } } });
    expect(taken.message).toBe(
      `Invalid requests[0].addSheet: A sheet with the name "${t.toLowerCase()}" already exists. Please enter another name.`,
    );
    const all = google.sheets().map((sheet) => ({ deleteSheet: { sheetId: sheet.id } }));
    expect((await change(...all)).message).toContain("You can't remove all the sheets in a document.");
  });

  test('title, place, color, frozen rows and size follow the mask', async () => {
    const properties = {
      sheetId,
      title: `${t} new`,
      index: 0,
      hidden: true,
      gridProperties: { frozenRowCount: 1, rowCount: 7, columnCount: 9 },
    };
    await change({
      updateSheetProperties: { properties, fields: 'title,index,gridProperties(frozenRowCount,rowCount)' },
    });
    expect(google.sheets()[0]?.title).toBe(`${t} new`);
    t = `'${t} new'`;
    expect(await shown('properties')).toEqual({
      properties: {
        sheetId,
        title: `tab_${sheetId} new`,
        index: 0,
        sheetType: 'GRID',
        gridProperties: { rowCount: 7, columnCount: 4, frozenRowCount: 1 },
      },
    });
  });

  test('a tab that is made smaller loses what lay beyond', async () => {
    await put(`${t}!A1`, [['a', 'b', 'c', 'd']]);
    const range = { sheetId, startRowIndex: 0, startColumnIndex: 1, endColumnIndex: 4 };
    const gridProperties = { rowCount: 2, columnCount: 3 };
    await change(
      { setBasicFilter: { filter: { range } } },
      {
        updateSheetProperties: {
          properties: { sheetId, gridProperties },
          fields: 'gridProperties(rowCount,columnCount)',
        },
      },
    );
    expect(google.sheet(t).rows()).toEqual([['a', 'b', 'c']]);
    expect(await shown('basicFilter,properties.gridProperties')).toEqual({
      // The open end was that of the grid of then, and went with its rows.
      basicFilter: { range: { ...range, endRowIndex: 2, endColumnIndex: 3 } },
      properties: { gridProperties },
    });
  });

  test('all rows cannot be frozen', async () => {
    const properties = { sheetId, gridProperties: { frozenRowCount: 10 } };
    const { message } = await change({
      updateSheetProperties: { properties, fields: 'gridProperties.frozenRowCount' },
    });
    expect(message).toBe("Invalid requests[0].updateSheetProperties: You can't freeze all visible rows on the sheet.");
  });

  test('ten million cells are the limit, blank ones included', async () => {
    const used = google.spreadsheet().cellCount;
    const rest = Math.floor((10_000_000 - used) / 4);
    expect((await change({ appendDimension: { sheetId, dimension: 'ROWS', length: rest } })).status).toBe(200);
    const { message } = await change({ appendDimension: { sheetId, dimension: 'ROWS', length: 1 } });
    expect(message).toBe(
      'Invalid requests[0].appendDimension: This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
    );
    await change({ deleteDimension: { range: rows(10, 10 + rest) } });
  });
});

describe('rows and columns', () => {
  test('are inserted, moved and deleted with what is in them', async () => {
    await put(`${t}!A1`, [['h'], ['a'], ['b'], ['c']]);
    await change(
      { insertDimension: { range: rows(1, 3) } },
      { moveDimension: { source: rows(5, 6), destinationIndex: 1 } },
      { deleteDimension: { range: rows(3, 4) } },
    );
    expect(google.sheet(t).rows()).toEqual([['h'], ['c'], [], ['a'], ['b']]);
  });

  test('that are not there cannot be deleted, nor all that scroll', async () => {
    const beyond = await change({ deleteDimension: { range: rows(10, 11) } });
    expect(beyond.message).toBe(
      "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. Tried to delete row index 10 but there are only 10 rows.",
    );
    await change({
      updateSheetProperties: {
        properties: { sheetId, gridProperties: { frozenRowCount: 1 } },
        fields: 'gridProperties.frozenRowCount',
      },
    });
    expect((await change({ deleteDimension: { range: rows(1, 10) } })).message).toContain(
      'not possible to delete all non-frozen rows',
    );
    expect((await change({ deleteDimension: { range: columns(0, 4) } })).message).toContain(
      "You can't delete all the columns on the sheet.",
    );
  });

  test('carry filters, bands, rules, protection and charts along', async () => {
    const range = { sheetId, startRowIndex: 0, startColumnIndex: 1, endColumnIndex: 3 };
    const color = { red: 1 };
    const booleanRule = {
      condition: { type: 'TEXT_EQ', values: [{ userEnteredValue: 'X' }] },
      format: { backgroundColor: color },
    };
    const overlayPosition = { anchorCell: { sheetId, rowIndex: 1, columnIndex: 1 } };
    const sources = [{ sheetId, startColumnIndex: 2, endColumnIndex: 3 }];
    const spec = { title: 'c', basicChart: { chartType: 'LINE', series: [{ series: { sourceRange: { sources } } }] } };
    const made = await change(
      { setBasicFilter: { filter: { range } } },
      { addBanding: { bandedRange: { range, rowProperties: { firstBandColor: color } } } },
      { addConditionalFormatRule: { index: 0, rule: { ranges: [range], booleanRule } } },
      { addProtectedRange: { protectedRange: { range, warningOnly: true } } },
      { addChart: { chart: { spec, position: { overlayPosition } } } },
      { insertDimension: { range: columns(1, 2) } },
      { deleteDimension: { range: columns(2, 3) } },
    );
    expect(made.message).toBe('');
    const moved = { ...range, startColumnIndex: 2, endColumnIndex: 3 };
    expect(
      await shown('basicFilter,bandedRanges(range),conditionalFormats(ranges),protectedRanges(range),charts(spec)'),
    ).toEqual({
      basicFilter: { range: { ...moved, endRowIndex: 10 } },
      bandedRanges: [{ range: moved }],
      conditionalFormats: [{ ranges: [moved] }],
      protectedRanges: [{ range: moved }],
      charts: [
        {
          spec: {
            title: 'c',
            basicChart: {
              chartType: 'LINE',
              series: [{ series: { sourceRange: { sources: [{ sheetId, startColumnIndex: 2, endColumnIndex: 3 }] } } }],
            },
          },
        },
      ],
    });
    await change({ deleteDimension: { range: columns(2, 3) } });
    expect(await shown('basicFilter,bandedRanges,conditionalFormats,protectedRanges')).toEqual({});
  });

  test('take a width and can be hidden', async () => {
    await change({
      updateDimensionProperties: {
        range: columns(1, 2),
        properties: { pixelSize: 42, hiddenByUser: true },
        fields: 'pixelSize,hiddenByUser',
      },
    });
    expect(await shown('data.columnMetadata')).toEqual({
      data: [
        {
          columnMetadata: [
            { pixelSize: 100 },
            { pixelSize: 42, hiddenByUser: true },
            { pixelSize: 100 },
            { pixelSize: 100 },
          ],
        },
      ],
    });
  });
});

describe('cells', () => {
  const cell = (value: string) => ({ userEnteredValue: { stringValue: value } });

  test('a stringValue is never a formula', async () => {
    await change({
      updateCells: {
        start: { sheetId },
        rows: [{ values: [cell('=1+2'), { userEnteredValue: { formulaValue: '=1+2' } }] }],
        fields: 'userEnteredValue',
      },
    });
    expect(google.spreadsheet().sheetByTitle(t)?.grid.rows[0]?.cells).toEqual(['=1+2', { formula: '=1+2' }]);
  });

  test('with a range the cells without data are emptied, with a start they are left alone', async () => {
    await put(`${t}!A1`, [
      ['a', 'b'],
      ['c', 'd'],
    ]);
    const updated = [{ values: [cell('A')] }];
    await change({ updateCells: { start: { sheetId }, rows: updated, fields: 'userEnteredValue' } });
    expect(google.sheet(t).rows()).toEqual([
      ['A', 'b'],
      ['c', 'd'],
    ]);
    const range = { sheetId, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 2 };
    await change({ updateCells: { range, rows: updated, fields: 'userEnteredValue' } });
    expect(google.sheet(t).rows()).toEqual([['A', '']]);
  });

  test('beyond the grid or beyond the range they are rejected', async () => {
    const three = [{ values: [cell('1'), cell('2'), cell('3')] }];
    const beyond = await change({ updateCells: { start: { sheetId, rowIndex: 10 }, rows: three, fields: '*' } });
    expect(beyond.message).toBe(
      `Invalid requests[0].updateCells: Range (${t}!A11:C11) exceeds grid limits. Max rows: 10, max columns: 4`,
    );
    const range = { sheetId, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 0, endColumnIndex: 2 };
    expect((await change({ updateCells: { range, rows: three, fields: '*' } })).message).toContain(
      'beyond the last requested column of: 1',
    );
    const five = [{ values: Array.from({ length: 5 }, () => cell('x')) }];
    expect((await change({ appendCells: { sheetId, rows: five, fields: '*' } })).message).toBe(
      'Invalid requests[0].appendCells: Attempting to write column: 4, beyond the last requested column of: 3',
    );
  });

  test('an update without a mask, and a number format without a type, are rejected', async () => {
    expect((await change({ updateCells: { start: { sheetId }, rows: [] } })).message).toContain(
      "At least one field must be listed in 'fields'.",
    );
    const repeatCell = {
      range: { sheetId },
      cell: { userEnteredFormat: { numberFormat: { pattern: '0' } } },
      fields: 'userEnteredFormat',
    };
    expect((await change({ repeatCell })).message).toContain('Number format type must be specified.');
  });

  test('a repeated formula counts on, but for what has a dollar sign', async () => {
    const range = { sheetId, startRowIndex: 1, endRowIndex: 3, startColumnIndex: 0, endColumnIndex: 2 };
    await change({
      repeatCell: { range, cell: { userEnteredValue: { formulaValue: '=A$1+B2&"A1"' } }, fields: 'userEnteredValue' },
    });
    expect(google.sheet(t).rows().slice(1)).toEqual([
      ['=A$1+B2&"A1"', '=B$1+C2&"A1"'],
      ['=A$1+B3&"A1"', '=B$1+C3&"A1"'],
    ]);
  });

  test('are sorted with blanks last', async () => {
    await put(`${t}!A1`, [
      ['h', 1],
      ['b', 2],
      ['', 3],
      ['a', 4],
      [7, 5],
    ]);
    const range = { sheetId, startRowIndex: 1, endRowIndex: 5, startColumnIndex: 0, endColumnIndex: 4 };
    await change({ sortRange: { range, sortSpecs: [{ dimensionIndex: 0, sortOrder: 'DESCENDING' }] } });
    expect(
      google
        .sheet(t)
        .rows()
        .map((row) => row[1]),
    ).toEqual([1, 2, 4, 5, 3]);
  });

  test('are appended below the last row with data in any column', async () => {
    await put(`${t}!C3`, [['x']]);
    await change({ appendCells: { sheetId, rows: [{ values: [cell('new')] }], fields: '*' } });
    expect(google.sheet(t).rows()[3]).toEqual(['new']);
  });
});

describe('what lies on cells', () => {
  test('two bands over the same cells are rejected', async () => {
    const addBanding = { bandedRange: { range: { sheetId }, rowProperties: { firstBandColor: {} } } };
    expect((await change({ addBanding })).status).toBe(200);
    expect((await change({ addBanding })).message).toContain('already has alternating background colors');
  });

  test('a protection that only warns has no editors, and a sheet has one protection', async () => {
    const warning = { range: { sheetId }, warningOnly: true, editors: { users: ['a@example.com'] } };
    expect((await change({ addProtectedRange: { protectedRange: warning } })).message).toBe(
      'Invalid requests[0].addProtectedRange: ProtectedRange is warningOnly. Editors cannot be set on it.',
    );
    const protectedRange = { range: { sheetId } };
    const made = await change({ addProtectedRange: { protectedRange } });
    expect(made.body).toMatchObject({
      replies: [{ addProtectedRange: { protectedRange: { editors: { users: [google.credentials.client_email] } } } }],
    });
    expect((await change({ addProtectedRange: { protectedRange } })).message).toBe(
      `Invalid requests[0].addProtectedRange: Sheet "${t}" already has sheet protection.`,
    );
    expect((await put(`${t}!A1`, [['x']])).status).toBe(200);
  });

  test('a rule needs a range, a condition that it can have, and its values', async () => {
    const add = (rule: object) => change({ addConditionalFormatRule: { index: 0, rule } });
    const ranges = [{ sheetId }];
    expect((await add({ ranges: [], booleanRule: {} })).message).toContain('Must specify at least one range.');
    expect((await add({ ranges })).message).toContain('either a boolean rule or a gradient rule');
    expect((await add({ ranges, booleanRule: { condition: { type: 'TEXT_EQ' } } })).message).toContain(
      'takes 1 values, got 0',
    );
    expect((await add({ ranges, booleanRule: { condition: { type: 'BOOLEAN' } } })).message).toContain('not supported');
    expect((await add({ ranges: [{ sheetId: 999 }], booleanRule: {} })).message).toContain('No grid with id: 999');
  });

  test('named ranges, filter views and metadata come and go', async () => {
    const range = { sheetId, startColumnIndex: 0, endColumnIndex: 1 };
    const namedRange = { namedRangeId: `n${sheetId}`, name: `name_${sheetId}`, range };
    const developerMetadata = {
      metadataId: 500 + sheetId,
      metadataKey: 'k',
      metadataValue: 'v',
      visibility: 'DOCUMENT',
      location: { dimensionRange: columns(1, 2) },
    };
    await change(
      { addNamedRange: { namedRange } },
      { addFilterView: { filter: { filterViewId: 700, range } } },
      { createDeveloperMetadata: { developerMetadata } },
    );
    google.edit({ kind: 'insert-column', tab: t, before: 'A', header: 'mine' });
    const found = await call('GET', `/developerMetadata/${500 + sheetId}`);
    expect(found.body).toMatchObject({
      metadataKey: 'k',
      location: { locationType: 'COLUMN', dimensionRange: columns(2, 3) },
    });
    const search = await call('POST', '/developerMetadata:search', {
      dataFilters: [{ developerMetadataLookup: { metadataKey: 'k' } }],
    });
    expect(search.body).toHaveProperty('matchedDeveloperMetadata.0.developerMetadata.metadataValue', 'v');
    const dataFilter = { developerMetadataLookup: { metadataKey: 'k' } };
    const gone = await change(
      { deleteNamedRange: { namedRangeId: `n${sheetId}` } },
      { deleteFilterView: { filterId: 700 } },
      { deleteDeveloperMetadata: { dataFilter } },
    );
    expect(gone.status).toBe(200);
    expect((await call('GET', `/developerMetadata/${500 + sheetId}`)).status).toBe(404);
  });
});

describe('spreadsheets.get', () => {
  test('shows the cells only when they are requested', async () => {
    await put(`${t}!A1`, [['x']]);
    expect((await call('GET', `?ranges=${t}`)).body).not.toHaveProperty('sheets.0.data');
    expect((await call('GET', `?ranges=${t}!A1:B2&includeGridData=true`)).body).toHaveProperty(
      'sheets.0.data.0.rowData',
      [
        {
          values: [
            { userEnteredValue: { stringValue: 'x' }, effectiveValue: { stringValue: 'x' }, formattedValue: 'x' },
          ],
        },
      ],
    );
  });

  test('a mask with a path that is not there is rejected and named', async () => {
    const { body } = await call('GET', '?fields=sheets.propertees');
    expect(body).toMatchObject({
      error: {
        code: 400,
        message: 'Request contains an invalid argument.',
        details: [{ fieldViolations: [{ field: 'sheets.propertees' }] }],
      },
    });
  });
});
