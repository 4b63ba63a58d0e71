import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { start, type Client } from './harness.ts';

// What the Sheets fake must be as strict about as Google: one test for each line of the README's list.
let client: Client;
let sheetId = 0;
let title = '';

beforeAll(async () => {
  client = await start({
    quotas: { readsPerUser: 10_000, writesPerUser: 10_000, readsPerProject: 10_000, writesPerProject: 10_000 },
  });
});
afterAll(() => client.google.close());
beforeEach(async () => {
  sheetId += 1;
  title = `T${sheetId}x`;
  const gridProperties = { rowCount: 10, columnCount: 4 };
  await client.change({ addSheet: { properties: { sheetId, title, gridProperties } } });
});

const lines = (dimension: 'ROWS' | 'COLUMNS', startIndex: number, endIndex = startIndex + 1) => ({
  sheetId,
  dimension,
  startIndex,
  endIndex,
});
const tag = (dimension: 'ROWS' | 'COLUMNS', index: number, metadataKey: string) => ({
  createDeveloperMetadata: {
    developerMetadata: {
      metadataKey,
      visibility: 'DOCUMENT',
      location: { dimensionRange: lines(dimension, index) },
    },
  },
});
async function search(filter: object) {
  const { body } = await client.call('POST', '/developerMetadata:search', { dataFilters: [filter] });
  const matched = (body['matchedDeveloperMetadata'] ?? []) as { developerMetadata: Record<string, unknown> }[];
  return matched.map(({ developerMetadata }) => developerMetadata);
}
const placeOf = async (metadataKey: string) => {
  const [found] = await search({ developerMetadataLookup: { metadataKey } });
  return (found?.['location'] as { dimensionRange?: { startIndex?: number } } | undefined)?.dimensionRange?.startIndex;
};

describe('developer metadata', () => {
  test('of a column follows inserts, moves and deletes, and goes with its column', async () => {
    const key = `column${sheetId}`;
    await client.change(tag('COLUMNS', 1, key));
    client.google.edit({ kind: 'insert-column', tab: title, before: 'A' });
    expect(await placeOf(key)).toBe(2);
    await client.change({ moveDimension: { source: lines('COLUMNS', 2), destinationIndex: 0 } });
    expect(await placeOf(key)).toBe(0);
    await client.change({ deleteDimension: { range: lines('COLUMNS', 0) } });
    expect(await search({ developerMetadataLookup: { metadataKey: key } })).toEqual([]);
  });

  test('of a row follows a sort of the whole tab, and stays when a range is sorted', async () => {
    const key = `row${sheetId}`;
    await client.put(`${title}!A1`, [['n'], [3], [1], [2]]);
    await client.change(tag('ROWS', 1, key));
    client.google.edit({ kind: 'sort', tab: title, column: 'n' });
    expect(await placeOf(key)).toBe(3);
    client.google.edit({ kind: 'sort-range', tab: title, range: 'A2:A4', column: 'n', descending: true });
    expect(await placeOf(key)).toBe(3);
    expect(client.google.sheet(title).rows()).toEqual([['n'], [3], [2], [1]]);
  });

  test('is copied with its tab, with an id of its own', async () => {
    const key = `copy${sheetId}`;
    await client.change(tag('COLUMNS', 2, key), { duplicateSheet: { sourceSheetId: sheetId } });
    const found = await search({ developerMetadataLookup: { metadataKey: key } });
    expect(found).toHaveLength(2);
    expect(new Set(found.map(({ metadataId }) => metadataId)).size).toBe(2);
  });

  test('a lookup matches all its fields, and its location exactly or where it intersects', async () => {
    await client.change(tag('COLUMNS', 1, 'a'), tag('ROWS', 2, 'a'), tag('ROWS', 3, 'b'));
    const metadataLocation = { dimensionRange: lines('ROWS', 2) };
    const keys = async (lookup: object) =>
      (await search({ developerMetadataLookup: { metadataLocation, ...lookup } })).map((one) => one['metadataKey']);
    expect(await keys({})).toEqual(['a', 'a']);
    expect(await keys({ locationType: 'COLUMN' })).toEqual(['a']);
    expect(await keys({ locationMatchingStrategy: 'EXACT_LOCATION' })).toEqual(['a']);
    expect((await search({ a1Range: `${title}!A4:A4` })).map((one) => one['metadataKey'])).toEqual(['b']);
  });

  test.each([
    ['a strategy without a location', { locationMatchingStrategy: 'EXACT_LOCATION', metadataKey: 'a' }],
    [
      'the spreadsheet as something that intersects',
      {
        locationType: 'SPREADSHEET',
        locationMatchingStrategy: 'INTERSECTING_LOCATION',
        metadataLocation: { sheetId: 1 },
      },
    ],
  ])('a lookup with %s is rejected', async (_, developerMetadataLookup) => {
    const dataFilters = [{ developerMetadataLookup }];
    expect((await client.call('POST', '/developerMetadata:search', { dataFilters })).status).toBe(400);
  });

  test('is on one row or column, has a key and a visibility, and 30,000 characters a tab', async () => {
    const create = async (change: object) => {
      const developerMetadata = { metadataKey: 'k', visibility: 'DOCUMENT', location: { sheetId }, ...change };
      return (await client.change({ createDeveloperMetadata: { developerMetadata } })).status;
    };
    expect(await create({ location: { dimensionRange: lines('ROWS', 0, 2) } })).toBe(400);
    expect(await create({ location: { dimensionRange: { sheetId, dimension: 'ROWS', startIndex: 1 } } })).toBe(400);
    expect(await create({ metadataKey: '' })).toBe(400);
    expect(await create({ visibility: undefined })).toBe(400);
    expect(await create({ metadataValue: 'x'.repeat(30_000) })).toBe(400);
    expect(await create({ metadataValue: 'x'.repeat(29_999) })).toBe(200);
  });

  test('is moved by an update of its location', async () => {
    const key = `moved${sheetId}`;
    await client.change(tag('COLUMNS', 0, key), {
      updateDeveloperMetadata: {
        dataFilters: [{ developerMetadataLookup: { metadataKey: key } }],
        developerMetadata: { metadataValue: 'v', location: { dimensionRange: lines('COLUMNS', 3) } },
        fields: 'metadataValue,location',
      },
    });
    expect(await placeOf(key)).toBe(3);
  });

  test('of rows and columns stands beside them in grid data, of the tab on the tab', async () => {
    await client.change(tag('COLUMNS', 0, 'c'), {
      createDeveloperMetadata: {
        developerMetadata: { metadataKey: 's', visibility: 'DOCUMENT', location: { sheetId } },
      },
    });
    const fields = 'sheets(developerMetadata(metadataKey),data(columnMetadata(developerMetadata(metadataKey))))';
    const { body } = await client.call('GET', `?ranges=${title}!A1:A1&fields=${fields}`);
    expect(body['sheets']).toEqual([
      {
        developerMetadata: [{ metadataKey: 's' }],
        data: [{ columnMetadata: [{ developerMetadata: [{ metadataKey: 'c' }] }] }],
      },
    ]);
  });
});

describe('what a person takes back', () => {
  test('a deleted row comes back with its cells, and what others wrote meanwhile stays', async () => {
    await client.put(`${title}!A1`, [['h'], ['one'], ['two']]);
    await client.change(tag('ROWS', 1, `undo${sheetId}`));
    client.google.edit({ kind: 'delete-rows', tab: title, at: 2 });
    await client.put(`${title}!A3`, [['three']]);
    client.google.edit({ kind: 'undo' });
    expect(client.google.sheet(title).rows()).toEqual([['h'], ['one'], ['two'], ['three']]);
    expect(await placeOf(`undo${sheetId}`)).toBe(1);
  });

  test('a sort is undone row by row', async () => {
    await client.put(`${title}!A1`, [
      ['h', ''],
      [2, 'b'],
      [1, 'a'],
    ]);
    client.google.edit({ kind: 'sort', tab: title, column: 'h' });
    await client.put(`${title}!B2`, [['changed']]);
    client.google.edit({ kind: 'undo' });
    expect(client.google.sheet(title).rows()).toEqual([['h'], [2, 'b'], [1, 'changed']]);
  });

  test.each([
    { kind: 'delete-column', tab: '', column: 'A' },
    { kind: 'insert-column', tab: '', before: 'B' },
    { kind: 'move-column', tab: '', column: 'A', before: 'C' },
    { kind: 'move-rows', tab: '', at: 3, to: 1 },
    { kind: 'move-rows', tab: '', at: 1, to: 4 },
    { kind: 'insert-rows', tab: '', at: 2, count: 2 },
    { kind: 'edit-cell', tab: '', cell: 'A2', value: 'x' },
    { kind: 'clear', tab: '', range: 'A1:C3' },
    { kind: 'cut-paste', tab: '', range: 'A1:B1', to: 'B3' },
    { kind: 'color', tab: '', range: 'A1', color: '#ff0000' },
    { kind: 'sort-range', tab: '', range: 'A2:C3', column: 'B', descending: true },
  ] as const)('$kind is undone', async (edit) => {
    await client.put(`${title}!A1`, [
      ['a', 'b', 'c'],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    client.google.edit({ ...edit, tab: title });
    client.google.edit({ kind: 'undo' });
    expect(client.google.sheet(title).rows()).toEqual([
      ['a', 'b', 'c'],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(client.google.sheet(title).columnCount).toBe(4);
  });

  test('a deleted tab comes back, and a version brings all of it back', async () => {
    const count = client.google.sheets().length;
    await client.put(`${title}!A1`, [['x']]);
    client.google.edit({ kind: 'delete-tab', tab: title });
    client.google.edit({ kind: 'undo' });
    expect(client.google.sheet(title).rows()).toEqual([['x']]);
    client.google.edit({ kind: 'name-version', name: 'v1' });
    await client.put(`${title}!A1`, [['y']]);
    client.google.edit({ kind: 'add-tab', tab: 'Extra' });
    client.google.edit({ kind: 'restore-version', name: 'v1' });
    expect(client.google.sheet(title).rows()).toEqual([['x']]);
    expect(client.google.sheets()).toHaveLength(count);
  });
});

describe('the file', () => {
  test('an Excel file, a file in the trash and a deleted one', async () => {
    client.google.setFile('xlsx');
    expect((await client.get('A1')).body['error']).toMatchObject({
      code: 400,
      status: 'FAILED_PRECONDITION',
      message: 'This operation is not supported for this document. The document must not be an Office file.',
    });
    client.google.setFile('trash');
    expect((await client.get('A1')).status).toBe(200);
    client.google.setFile('deleted');
    expect((await client.get('A1')).status).toBe(404);
    client.google.setFile('there');
  });

  test('its time zone and locale may change', async () => {
    client.google.edit({ kind: 'settings', timeZone: 'America/Sao_Paulo', locale: 'pt_BR' });
    const { body } = await client.call('GET', '?fields=properties(timeZone,locale)');
    expect(body).toEqual({ properties: { timeZone: 'America/Sao_Paulo', locale: 'pt_BR' } });
    client.google.edit({ kind: 'undo' });
  });
});

describe('tabs', () => {
  test('the last visible one is neither hidden nor deleted', async () => {
    const others = client.google.sheets().filter((sheet) => sheet.title !== title);
    for (const sheet of others) client.google.edit({ kind: 'hide-tab', tab: sheet.title });
    const hide = { updateSheetProperties: { properties: { sheetId, hidden: true }, fields: 'hidden' } };
    expect((await client.change(hide)).message).toContain("You can't hide all the sheets in a document.");
    const { message } = await client.change({ deleteSheet: { sheetId } });
    expect(message).toContain("You can't remove all the visible sheets in a document.");
    for (const sheet of others) client.google.edit({ kind: 'show-tab', tab: sheet.title });
  });

  test('titles are found in any capitals and without quotes, and shown as Google shows them', async () => {
    await client.change(
      { addSheet: { properties: { title: 'My orders' } } },
      { addSheet: { properties: { title: 'x.y' } } },
    );
    expect((await client.get('my ORDERS!a1:b2')).body['range']).toBe("'My orders'!A1:B2");
    expect((await client.get('X.Y!$B$3')).body['range']).toBe('x.y!B3');
  });

  test('a range on the tab with id 0 does not name its tab', async () => {
    const range = { sheetId: 0, startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 };
    await client.change({ mergeCells: { range } });
    const { body } = await client.call('GET', '?ranges=Sheet1&fields=sheets(merges)');
    expect(body).toEqual({
      sheets: [{ merges: [{ startRowIndex: 0, endRowIndex: 2, startColumnIndex: 0, endColumnIndex: 1 }] }],
    });
  });

  test('lines are not inserted past the end', async () => {
    const insert = (startIndex: number, inheritFromBefore: boolean) =>
      client.change({ insertDimension: { range: lines('ROWS', startIndex), inheritFromBefore } });
    expect((await insert(10, false)).message).toContain('must be less than the grid size (10)');
    expect((await insert(11, true)).message).toContain('larger than current grid size (10)');
  });
});

describe('what lies on cells', () => {
  test('a filter over an open range ends where the grid ends now', async () => {
    await client.change(
      { setBasicFilter: { filter: { range: { sheetId } } } },
      { appendDimension: { sheetId, dimension: 'ROWS', length: 5 } },
    );
    const { body } = await client.call('GET', `?ranges=${title}&fields=sheets(basicFilter(range(endRowIndex)))`);
    expect(body).toEqual({ sheets: [{ basicFilter: { range: { endRowIndex: 10 } } }] });
  });

  test('groups nest as Google describes it', async () => {
    const { body } = await client.change(
      { addDimensionGroup: { range: lines('COLUMNS', 1, 3) } },
      { addDimensionGroup: { range: lines('COLUMNS', 0, 4) } },
      { deleteDimensionGroup: { range: lines('COLUMNS', 2, 4) } },
    );
    const replies = body['replies'] as Record<string, { dimensionGroups: unknown[] }>[];
    expect(replies[1]?.['addDimensionGroup']?.dimensionGroups).toEqual([
      { range: lines('COLUMNS', 0, 4), depth: 1 },
      { range: lines('COLUMNS', 1, 3), depth: 2 },
    ]);
    expect(replies[2]?.['deleteDimensionGroup']?.dimensionGroups).toEqual([
      { range: lines('COLUMNS', 0, 3), depth: 1 },
      { range: lines('COLUMNS', 1, 2), depth: 2 },
    ]);
  });

  test('a named range is a range for every read, and may be changed', async () => {
    await client.put(`${title}!B2`, [['x']]);
    const range = { sheetId, startRowIndex: 1, endRowIndex: 2, startColumnIndex: 1, endColumnIndex: 2 };
    const name = `name${sheetId}x`;
    const { body } = await client.change({ addNamedRange: { namedRange: { name, range } } });
    const [reply] = body['replies'] as { addNamedRange: { namedRange: { namedRangeId: string } } }[];
    expect((await client.get(name)).body['values']).toEqual([['x']]);
    const namedRange = { ...reply?.addNamedRange.namedRange, name: `${name}y` };
    await client.change({ updateNamedRange: { namedRange, fields: 'name' } });
    expect((await client.get(name)).status).toBe(400);
    expect((await client.get(`${name}y`)).status).toBe(200);
  });

  test('cut and copied cells', async () => {
    await client.change({
      updateCells: {
        start: { sheetId, rowIndex: 0, columnIndex: 0 },
        rows: [{ values: [{ userEnteredValue: { numberValue: 1 } }, { userEnteredValue: { formulaValue: '=A1+1' } }] }],
        fields: 'userEnteredValue',
      },
    });
    const source = { sheetId, startRowIndex: 0, endRowIndex: 1, startColumnIndex: 0, endColumnIndex: 2 };
    const destination = { ...source, startRowIndex: 2, endRowIndex: 4 };
    await client.change({ copyPaste: { source, destination } });
    await client.change({ cutPaste: { source, destination: { sheetId, rowIndex: 5, columnIndex: 1 } } });
    expect(client.google.sheet(title).rows().slice(2)).toEqual([[1, '=A3+1'], [1, '=A4+1'], [], ['', 1, '=A1+1']]);
  });
});

describe('formulas', () => {
  test('one that cannot be read shows #ERROR!, one that can is stored in its own form', async () => {
    const rows = [
      {
        values: [
          { userEnteredValue: { formulaValue: '=SUM(' } },
          { userEnteredValue: { formulaValue: `='${title}'!b3:a2` } },
        ],
      },
    ];
    await client.change({ updateCells: { start: { sheetId }, rows, fields: 'userEnteredValue' } });
    expect((await client.get(`${title}!A1`)).body['values']).toEqual([['#ERROR!']]);
    const { body } = await client.call('GET', `/values/${title}!A1:B1?valueRenderOption=FORMULA`);
    expect(body['values']).toEqual([['=SUM(', `=${title}!A2:B3`]]);
  });

  test('one that cannot be read is rejected in a rule, as is a text where a number is compared', async () => {
    const add = (type: string, userEnteredValue: string) =>
      client.change({
        addConditionalFormatRule: {
          rule: {
            ranges: [{ sheetId }],
            booleanRule: { condition: { type, values: [{ userEnteredValue }] }, format: {} },
          },
        },
      });
    expect((await add('CUSTOM_FORMULA', '=$A1="')).message).toContain(
      'Invalid ConditionValue.userEnteredValue: =$A1="',
    );
    expect((await add('DATE_AFTER', 'PAST_WEEK')).message).toContain(
      'Invalid ConditionValue.userEnteredValue: PAST_WEEK',
    );
    expect((await add('CUSTOM_FORMULA', '=$A1="x"')).status).toBe(200);
  });
});

test('booleans are read as Google reads them', async () => {
  expect((await client.call('GET', '?includeGridData=True')).status).toBe(200);
  const hide = { updateSheetProperties: { properties: { sheetId, hidden: 'false' }, fields: 'hidden' } };
  expect((await client.change(hide)).status).toBe(200);
});

test('ranges by data filter come once each, and not in the order asked', async () => {
  await client.put(`${title}!A1`, [['a', 'b']]);
  const dataFilters = [
    { a1Range: `${title}!A1` },
    { a1Range: `${title}!B1` },
    { gridRange: { sheetId, endRowIndex: 1, endColumnIndex: 1, startRowIndex: 0, startColumnIndex: 0 } },
  ];
  const { body } = await client.call('POST', '/values:batchGetByDataFilter', { dataFilters });
  expect(body['valueRanges']).toEqual([
    { valueRange: { range: `${title}!B1`, majorDimension: 'ROWS', values: [['b']] }, dataFilters: [dataFilters[1]] },
    {
      valueRange: { range: `${title}!A1`, majorDimension: 'ROWS', values: [['a']] },
      dataFilters: [dataFilters[0], { gridRange: { sheetId, endRowIndex: 1, endColumnIndex: 1 } }],
    },
  ]);
});
