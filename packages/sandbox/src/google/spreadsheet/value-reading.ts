import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1, type Area, type OpenArea } from './a1.ts';
import { isFormula, type CellValue } from './cell.ts';
import { formatValue, isDate } from './number-format.ts';
import type { Sheet } from './sheet.ts';

/** How values are wanted, by the names of the query parameters. */
export interface Rendering {
  majorDimension?: string | null | undefined;
  valueRenderOption?: string | null | undefined;
  dateTimeRenderOption?: string | null | undefined;
}

/** The part of a range that the grid has; throws the 400 of one that begins beyond it. */
export function readableArea(sheet: Sheet, range: OpenArea): Area {
  const { rowCount, columnCount } = sheet.grid;
  const area: Area = {
    startRow: range.startRow ?? 0,
    endRow: range.endRow ?? rowCount,
    startColumn: range.startColumn ?? 0,
    endColumn: range.endColumn ?? columnCount,
  };
  if (area.startRow >= rowCount || area.startColumn >= columnCount) throw sheet.gridLimitError(area);
  return { ...area, endRow: Math.min(area.endRow, rowCount), endColumn: Math.min(area.endColumn, columnCount) };
}

/** A ValueRange as Google gives it: trailing blanks cut, and no `values` at all when nothing is there. */
export function readValues(sheet: Sheet, area: Area, rendering: Rendering): sheets_v4.Schema$ValueRange {
  const columns = rendering.majorDimension === 'COLUMNS';
  const values = columns ? byColumns(sheet, area, rendering) : byRows(sheet, area, rendering);
  while (values.length > 0 && values.at(-1)?.length === 0) values.pop();
  const response = { range: formatA1(sheet.title, area), majorDimension: columns ? 'COLUMNS' : 'ROWS' };
  return values.length === 0 ? response : { ...response, values };
}

function byRows(sheet: Sheet, area: Area, rendering: Rendering): unknown[][] {
  const { grid } = sheet;
  const values: unknown[][] = [];
  const end = Math.min(area.endRow, grid.rows.length);
  for (let row = area.startRow; row < end; row += 1) {
    const cells = grid.rows[row]?.cells ?? [];
    const line: unknown[] = [];
    for (let column = area.startColumn; column < Math.min(area.endColumn, cells.length); column += 1)
      line.push(rendered(sheet, { row, column, value: cells[column] }, rendering));
    values.push(trimTrailing(line));
  }
  return values;
}

function byColumns(sheet: Sheet, area: Area, rendering: Rendering): unknown[][] {
  const { grid } = sheet;
  const values: unknown[][] = [];
  const end = Math.min(area.endRow, grid.rows.length);
  for (let column = area.startColumn; column < area.endColumn; column += 1) {
    const line: unknown[] = [];
    for (let row = area.startRow; row < end; row += 1)
      line.push(rendered(sheet, { row, column, value: grid.cell(row, column) }, rendering));
    values.push(trimTrailing(line));
  }
  return values;
}

function rendered(
  sheet: Sheet,
  at: { row: number; column: number; value: CellValue | undefined },
  rendering: Rendering,
): unknown {
  const { row, column, value } = at;
  if (value === undefined) return '';
  const { valueRenderOption = 'FORMATTED_VALUE', dateTimeRenderOption } = rendering;
  if (isFormula(value)) return valueRenderOption !== 'FORMULA' && value.isUnreadable ? '#ERROR!' : value.formula;
  if (valueRenderOption === 'FORMATTED_VALUE') return formatValue(value, sheet.grid.format(row, column));
  if (dateTimeRenderOption !== 'FORMATTED_STRING' || typeof value !== 'number') return value;
  const format = sheet.grid.format(row, column);
  return isDate(format) ? formatValue(value, format) : value;
}

function trimTrailing(line: unknown[]): unknown[] {
  while (line.length > 0 && line.at(-1) === '') line.pop();
  return line;
}
