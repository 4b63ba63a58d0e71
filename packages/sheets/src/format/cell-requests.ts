import type { SheetsRequest } from '../client/google-client.ts';
import { color } from './tab-format.ts';

/** A cell of the tabs Summary and Costs; row and column from 0. */
export interface PlacedCell {
  row: number;
  column: number;
  text: string;
}

export interface NumberFormat {
  type: string;
  pattern: string;
}

export const percentFormat: NumberFormat = { type: 'PERCENT', pattern: '0.0%' };
export const dateFormat: NumberFormat = { type: 'DATE', pattern: 'yyyy-mm-dd' };
export const countFormat: NumberFormat = { type: 'NUMBER', pattern: '#,##0' };

export function moneyFormat(decimals: number): NumberFormat {
  return { type: 'NUMBER', pattern: decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}` };
}

/** A text, as a heading when `heading` is set. */
export function textRequest(sheetId: number, { row, column, text }: PlacedCell, heading = true): SheetsRequest {
  const format = {
    backgroundColorStyle: color('#1f3a4d'),
    textFormat: { bold: true, foregroundColorStyle: color('#ffffff') },
  };
  return {
    updateCells: {
      start: { sheetId, rowIndex: row, columnIndex: column },
      rows: [
        { values: [{ userEnteredValue: { stringValue: text }, ...(heading ? { userEnteredFormat: format } : {}) }] },
      ],
      fields: `userEnteredValue${heading ? ',userEnteredFormat(backgroundColorStyle,textFormat)' : ''}`,
    },
  };
}

export function formulaRequest(sheetId: number, { row, column, text }: PlacedCell): SheetsRequest {
  return {
    updateCells: {
      start: { sheetId, rowIndex: row, columnIndex: column },
      rows: [{ values: [{ userEnteredValue: { formulaValue: text } }] }],
      fields: 'userEnteredValue',
    },
  };
}

/** Texts side by side. */
export function textRow(row: number, column: number, texts: readonly string[]): PlacedCell[] {
  return texts.map((text, n) => ({ row, column: column + n, text }));
}

/** The number format of whole columns from a row on. */
export function formatRequest(
  sheetId: number,
  { from, columns }: { from: number; columns: readonly [number, number] },
  numberFormat: NumberFormat,
): SheetsRequest {
  const [startColumnIndex, endColumnIndex] = columns;
  return {
    repeatCell: {
      range: { sheetId, startRowIndex: from, startColumnIndex, endColumnIndex },
      cell: { userEnteredFormat: { numberFormat } },
      fields: 'userEnteredFormat.numberFormat',
    },
  };
}

/** One width for all columns. */
export function widthRequest(sheetId: number, columnCount: number, pixelSize: number): SheetsRequest {
  return {
    updateDimensionProperties: {
      range: { sheetId, dimension: 'COLUMNS', startIndex: 0, endIndex: columnCount },
      properties: { pixelSize },
      fields: 'pixelSize',
    },
  };
}
