import type { sheets_v4 } from '@googleapis/sheets';
import { columnName, formatA1, type Area, type OpenArea } from '../spreadsheet/a1.ts';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import { isFormula } from '../spreadsheet/cell.ts';
import { checkProtection } from '../requests/protection.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { maxCellCharacters } from '../spreadsheet/spreadsheet.ts';
import { parseUserInput, type UserInput } from '../spreadsheet/user-input.ts';

/** Values that passed every check and wait to be put in place. */
export interface PlannedWrite {
  sheet: Sheet;
  /** What the values cover; empty when there are none. */
  area: Area;
  /** null leaves a cell alone. */
  rows: (UserInput | null)[][];
}

/** RAW or USER_ENTERED; throws the 400 for anything else. */
export function inputOption(option: string | null | undefined): 'RAW' | 'USER_ENTERED' {
  if (option === 'RAW' || option === 'USER_ENTERED') return option;
  throw invalidArgument("'valueInputOption' is required but not specified");
}

/** Checks values against their range, the grid, the cell limit and protection. Changes nothing. */
export function planWrite(
  sheet: Sheet,
  range: OpenArea,
  wanted: { values: sheets_v4.Schema$ValueRange; option: 'RAW' | 'USER_ENTERED'; user: string },
): PlannedWrite {
  const rows = cellsOf(wanted.values, wanted.option).map((row) =>
    row.map((cell) => (isFormula(cell?.value) ? { value: sheet.readFormula(cell.value.formula) } : cell)),
  );
  const startRow = range.startRow ?? 0;
  const startColumn = range.startColumn ?? 0;
  const width = rows.reduce((max, row) => Math.max(max, row.length), 0);
  const area: Area = { startRow, startColumn, endRow: startRow + rows.length, endColumn: startColumn + width };
  checkFit(sheet, range, area);
  if (width > 0) checkProtection(sheet, area, wanted.user);
  return { sheet, area, rows };
}

/** Puts planned values in place, and counts as Google's response does. */
export function applyWrite({ sheet, area, rows }: PlannedWrite): Written {
  rows.forEach((row, index) => {
    const values = row.map((cell) => (cell === null ? null : cell.value));
    sheet.grid.write(area.startRow + index, area.startColumn, values);
    row.forEach((cell, column) => {
      if (cell?.numberFormat !== undefined)
        formatCell(sheet, area.startRow + index, area.startColumn + column, cell.numberFormat);
    });
  });
  return counted({ sheet, area, rows });
}

export interface Written {
  sheet: Sheet;
  area: Area;
  rows: Set<number>;
  columns: Set<number>;
  cells: number;
}

/** UpdateValuesResponse; as in all of Google's responses a count of 0 is left out. */
export function updateResponse(spreadsheetId: string, written: Written): sheets_v4.Schema$UpdateValuesResponse {
  const { startRow, startColumn, endRow, endColumn } = written.area;
  const shown = {
    startRow,
    startColumn,
    endRow: Math.max(endRow, startRow + 1),
    endColumn: Math.max(endColumn, startColumn + 1),
  };
  return {
    spreadsheetId,
    updatedRange: formatA1(written.sheet.title, shown),
    ...(written.rows.size > 0 && { updatedRows: written.rows.size }),
    ...(written.columns.size > 0 && { updatedColumns: written.columns.size }),
    ...(written.cells > 0 && { updatedCells: written.cells }),
  };
}

function counted({ sheet, area, rows }: PlannedWrite): Written {
  const written: Written = { sheet, area, rows: new Set(), columns: new Set(), cells: 0 };
  rows.forEach((row, index) =>
    row.forEach((cell, column) => {
      if (cell === null) return;
      written.rows.add(area.startRow + index);
      written.columns.add(area.startColumn + column);
      written.cells += 1;
    }),
  );
  return written;
}

function checkFit(sheet: Sheet, range: OpenArea, area: Area): void {
  const { rowCount, columnCount } = sheet.grid;
  const requested = { ...area, endRow: range.endRow ?? area.endRow, endColumn: range.endColumn ?? area.endColumn };
  const outside = (one: Area) =>
    one.endRow > rowCount || one.endColumn > columnCount || one.startRow >= rowCount || one.startColumn >= columnCount;
  if (outside(requested)) throw sheet.gridLimitError(requested);
  // One cell is where the values begin; anything larger is also where they must end.
  const single = range.endRow === area.startRow + 1 && range.endColumn === area.startColumn + 1;
  if (!single && area.endRow > requested.endRow) throw outOfRange(sheet, range, `row [${requested.endRow + 1}]`);
  if (!single && area.endColumn > requested.endColumn)
    throw outOfRange(sheet, range, `column [${columnName(requested.endColumn)}]`);
  if (outside(area)) throw sheet.gridLimitError(area);
}

function outOfRange(sheet: Sheet, range: OpenArea, where: string): Error {
  return invalidArgument(
    `Requested writing within range [${formatA1(sheet.title, range)}], but tried writing to ${where}`,
  );
}

function cellsOf(given: sheets_v4.Schema$ValueRange, option: 'RAW' | 'USER_ENTERED'): (UserInput | null)[][] {
  const values: unknown[][] = given.values ?? [];
  const lines = values.map((line, row) =>
    line.map((value, column) => cellOf(value, option, `values[${row}][${column}]`)),
  );
  if (given.majorDimension !== 'COLUMNS') return lines;
  const height = lines.reduce((max, line) => Math.max(max, line.length), 0);
  return Array.from({ length: height }, (_, row) => lines.map((line) => line[row] ?? null));
}

function cellOf(value: unknown, option: 'RAW' | 'USER_ENTERED', at: string): UserInput | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') {
    if (value.length > maxCellCharacters)
      throw invalidArgument(
        `Your input contains more than the maximum of ${maxCellCharacters} characters in a single cell.`,
      );
    return option === 'RAW' ? { value: value === '' ? undefined : value } : parseUserInput(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return { value };
  throw invalidArgument(
    `Invalid ${at}: ${Array.isArray(value) ? 'list_value' : 'struct_value'} ${JSON.stringify(value)}`,
  );
}

function formatCell(sheet: Sheet, row: number, column: number, numberFormat: sheets_v4.Schema$NumberFormat): void {
  // A cell that already shows numbers in a way of its own keeps it.
  if (sheet.grid.format(row, column).numberFormat !== undefined) return;
  const extra = sheet.grid.extra(row, column);
  sheet.grid.setCellExtra(row, column, { ...extra, format: { ...extra?.format, numberFormat } });
}
