import { expect, test } from 'vitest';
import { checkMessage } from './json-check.ts';

const batch = 'BatchUpdateSpreadsheetRequest';

function descriptions(schema: string, value: unknown, at?: string): string[] {
  return checkMessage(schema, value, at).map((violation) => violation.description);
}

test.each([
  [
    'an unknown name in the body',
    { request: [] },
    'Invalid JSON payload received. Unknown name "request": Cannot find field.',
  ],
  [
    'an unknown request',
    { requests: [{ autoResizeDimension: {} }] },
    `Invalid JSON payload received. Unknown name "autoResizeDimension" at 'requests[0]': Cannot find field.`,
  ],
  [
    'an unknown field deep inside',
    { requests: [{}, { addSheet: { properties: { gridProperties: { rows: 5 } } } }] },
    `Invalid JSON payload received. Unknown name "rows" at 'requests[1].add_sheet.properties.grid_properties': Cannot find field.`,
  ],
  [
    'a text for a number',
    { requests: [{ deleteSheet: { sheetId: 'x' } }] },
    `Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), "x"`,
  ],
  [
    'a fraction for an integer',
    { requests: [{ deleteSheet: { sheetId: 1.5 } }] },
    `Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), 1.5`,
  ],
  [
    'a number for a text',
    { requests: [{ addSheet: { properties: { title: 5 } } }] },
    `Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 5`,
  ],
  [
    'a text for a boolean',
    { includeSpreadsheetInResponse: 'yes' },
    `Invalid value at 'include_spreadsheet_in_response' (TYPE_BOOL), "yes"`,
  ],
  [
    'a list where there is one',
    { requests: [{ deleteSheet: { sheetId: [1] } }] },
    'Invalid JSON payload received. Unknown name "sheet_id": Proto field is not repeating, cannot start list.',
  ],
  [
    'a scalar where there is a message',
    { requests: [{ deleteSheet: 5 }] },
    `Invalid value at 'requests[0].delete_sheet' (type.googleapis.com/google.apps.sheets.v4.DeleteSheetRequest), 5`,
  ],
])('%s is rejected in the words of proto JSON', (_, body, description) => {
  expect(descriptions(batch, body)).toEqual([description]);
});

test('a row of values that is not a list is rejected as Google does', () => {
  expect(checkMessage('ValueRange', { values: ['X'] }, 'data')).toEqual([
    {
      field: 'data.values',
      description: `Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), "X"`,
    },
  ]);
});

test('an enum takes its own names only', () => {
  expect(descriptions('ValueRange', { majorDimension: 'ROW' }, 'data')).toHaveLength(1);
  expect(descriptions('ValueRange', { majorDimension: 'ROWS' }, 'data')).toEqual([]);
});

test('null counts as absent, and numbers may be texts', () => {
  expect(descriptions(batch, { requests: [{ deleteSheet: { sheetId: '12' } }, { addSheet: null }] })).toEqual([]);
});
