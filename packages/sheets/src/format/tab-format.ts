import {
  keyColumnId,
  versionColumnId,
  type Column,
  type ColumnKind,
  type SheetSchema,
  type StatusColor,
} from '../schema/schema.ts';
import type { SheetsRequest } from '../client/google-client.ts';

/** A color as Sheets wants it, from `#rrggbb`. */
export function color(hex: string): { rgbColor: { red: number; green: number; blue: number } } {
  const part = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16) / 255;
  return { rgbColor: { red: part(1), green: part(3), blue: part(5) } };
}

const headerBackground = color('#1f3a4d');
const headerText = color('#ffffff');
const bandColors = { first: color('#ffffff'), second: color('#f4f7f9') };

/** How cells of a kind are shown. `decimals` is the currency's. */
export function numberFormatFor(kind: ColumnKind, decimals: number): { type: string; pattern?: string } {
  const formats: Record<ColumnKind, { type: string; pattern?: string }> = {
    text: { type: 'TEXT' },
    status: { type: 'TEXT' },
    money: { type: 'NUMBER', pattern: decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}` },
    integer: { type: 'NUMBER', pattern: '0' },
    number: { type: 'NUMBER', pattern: '#,##0.##' },
    datetime: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm' },
  };
  return formats[kind];
}

/** Header, notes, widths, formats and status colors of columns that stand side by side from `at` on. */
export function columnRequests(
  { namespace, statusColors }: SheetSchema,
  columns: readonly Column[],
  { sheetId, at, decimals, headerRow }: { sheetId: number; at: number; decimals: number; headerRow: number },
): SheetsRequest[] {
  const position = (column: Column) => at + columns.indexOf(column);
  return [
    headerRequest(sheetId, columns, { at, headerRow }),
    ...columns.map((column) => widthRequest(sheetId, column, position(column))),
    ...columns.map((column) => formatRequest(sheetId, column, { at: position(column), decimals, headerRow })),
    ...columns
      .filter((column) => column.kind === 'status')
      .flatMap((column) => statusRequests(statusColors, { sheetId, at: position(column), headerRow })),
    {
      addProtectedRange: {
        protectedRange: {
          range: { sheetId, startColumnIndex: at, endColumnIndex: at + columns.length },
          description: `Written by ${namespace}: changes here are overwritten`,
          // A warning, not a wall: sorting and deleting stay possible, and are survived.
          warningOnly: true,
        },
      },
    },
  ];
}

/** What belongs to a whole tab of ours, once, when it holds exactly these columns: filter, bands and groups. */
export function tabRequests(sheetId: number, columns: readonly Column[]): SheetsRequest[] {
  const range = { sheetId, startRowIndex: 0, startColumnIndex: 0, endColumnIndex: columns.length };
  return [
    ...groupRequests(sheetId, columns),
    { setBasicFilter: { filter: { range } } },
    {
      addBanding: {
        bandedRange: {
          range,
          rowProperties: {
            headerColorStyle: headerBackground,
            firstBandColorStyle: bandColors.first,
            secondBandColorStyle: bandColors.second,
          },
        },
      },
    },
  ];
}

/** Lets columns of a group that stand side by side be collapsed. */
function groupRequests(sheetId: number, columns: readonly Column[]): SheetsRequest[] {
  const starts = columns.flatMap(({ group }, at) =>
    group !== undefined && columns[at - 1]?.group !== group ? [at] : [],
  );
  return starts.map((startIndex) => {
    const length = columns.slice(startIndex).findIndex(({ group }) => group !== columns[startIndex]?.group);
    const endIndex = length < 0 ? columns.length : startIndex + length;
    return { addDimensionGroup: { range: { sheetId, dimension: 'COLUMNS', startIndex, endIndex } } };
  });
}

/** Texts, notes and look of the header of columns that are side by side from `at` on. */
export function headerRequest(
  sheetId: number,
  columns: readonly Column[],
  { at, headerRow }: { at: number; headerRow: number },
): SheetsRequest {
  const values = columns.map((column) => ({
    userEnteredValue: { stringValue: column.header },
    note: column.note,
    userEnteredFormat: {
      backgroundColorStyle: headerBackground,
      textFormat: { bold: true, foregroundColorStyle: headerText },
      verticalAlignment: 'MIDDLE',
    },
  }));
  return {
    updateCells: {
      start: { sheetId, rowIndex: headerRow - 1, columnIndex: at },
      rows: [{ values }],
      fields: 'userEnteredValue,note,userEnteredFormat(backgroundColorStyle,textFormat,verticalAlignment)',
    },
  };
}

function widthRequest(sheetId: number, column: Column, at: number): SheetsRequest {
  const technical = column.id === keyColumnId || column.id === versionColumnId;
  return {
    updateDimensionProperties: {
      range: { sheetId, dimension: 'COLUMNS', startIndex: at, endIndex: at + 1 },
      properties: { pixelSize: column.width, hiddenByUser: technical },
      fields: 'pixelSize,hiddenByUser',
    },
  };
}

function formatRequest(
  sheetId: number,
  column: Column,
  { at, decimals, headerRow }: { at: number; decimals: number; headerRow: number },
): SheetsRequest {
  return {
    repeatCell: {
      // Open-ended: rows that are added later have it too.
      range: { sheetId, startRowIndex: headerRow, startColumnIndex: at, endColumnIndex: at + 1 },
      cell: { userEnteredFormat: { numberFormat: numberFormatFor(column.kind, decimals), wrapStrategy: 'CLIP' } },
      fields: 'userEnteredFormat(numberFormat,wrapStrategy)',
    },
  };
}

function statusRequests(
  colors: readonly StatusColor[],
  { sheetId, at, headerRow }: { sheetId: number; at: number; headerRow: number },
): SheetsRequest[] {
  const range = { sheetId, startRowIndex: headerRow, startColumnIndex: at, endColumnIndex: at + 1 };
  return colors.flatMap(({ values, background, text }) =>
    values.map((status) => ({
      addConditionalFormatRule: {
        index: 0,
        rule: {
          ranges: [range],
          booleanRule: {
            condition: { type: 'TEXT_EQ', values: [{ userEnteredValue: status }] },
            format: { backgroundColorStyle: color(background), textFormat: { foregroundColorStyle: color(text) } },
          },
        },
      },
    })),
  );
}
