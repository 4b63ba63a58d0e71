import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1, type Area, type OpenArea } from '../spreadsheet/a1.ts';
import { queryValue, type Call } from '../requests/call.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { applyWrite, inputOption, planWrite, updateResponse } from './value-writing.ts';
import { echoOf, withData } from './values-methods.ts';

/** Where an append will write: found when the request comes in, which is why two at once can meet in the same rows. */
export interface AppendPlace {
  sheet: Sheet;
  table: Area | undefined;
  row: number;
  column: number;
}

/** Looks for the table in the range: the last block of cells in it; the rows go below it, from its first column on. */
export function findAppendPlace(call: Call): AppendPlace {
  const { sheet, range } = call.spreadsheet.locate(call.path['range'] ?? '');
  const { rowCount, columnCount } = sheet.grid;
  const area: Area = {
    startRow: range.startRow ?? 0,
    endRow: Math.min(range.endRow ?? rowCount, rowCount),
    startColumn: range.startColumn ?? 0,
    endColumn: Math.min(range.endColumn ?? columnCount, columnCount),
  };
  if (area.startRow >= rowCount || area.startColumn >= columnCount) throw sheet.gridLimitError(area);
  const table = tableIn(sheet, area);
  const row = table?.endRow ?? area.startRow;
  return { sheet, table, row, column: table?.startColumn ?? area.startColumn };
}

/** spreadsheets.values.append. OVERWRITE (the default) writes into what lies there, INSERT_ROWS makes new rows; both grow the grid. */
export function append(call: Call, place: AppendPlace): object {
  const { sheet, table, row, column } = place;
  const { spreadsheet, user } = call;
  const values = call.body as sheets_v4.Schema$ValueRange;
  const option = inputOption(queryValue(call, 'valueInputOption'));
  return spreadsheet.atomically(() => {
    const columns = values.majorDimension === 'COLUMNS';
    const lines = values.values ?? [];
    const height = columns ? lines.reduce((max, line) => Math.max(max, line.length), 0) : lines.length;
    const inserting = queryValue(call, 'insertDataOption') === 'INSERT_ROWS' && row < sheet.grid.rowCount;
    const missing = inserting ? height : Math.max(0, row + height - sheet.grid.rowCount);
    if (missing > 0) {
      spreadsheet.reserve(missing * sheet.grid.columnCount);
      const at = inserting ? row : sheet.grid.rowCount;
      sheet.grid.insert({ dimension: 'ROWS', start: at, end: at + missing }, 'before');
    }
    const range: OpenArea = { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 };
    const { range: _, ...unplaced } = values;
    const written = applyWrite(planWrite(sheet, range, { values: unplaced, option, user }));
    const updates = withData(updateResponse(spreadsheet.id, written), written, echoOf(call));
    return { spreadsheetId: spreadsheet.id, ...(table && { tableRange: formatA1(sheet.title, table) }), updates };
  });
}

/** The block of cells, touching one another, around the last cell with a value in the area. */
function tableIn(sheet: Sheet, area: Area): Area | undefined {
  const { grid } = sheet;
  const endRow = grid.usedRows(area);
  if (endRow === area.startRow) return undefined;
  let startColumn = area.startColumn;
  while (startColumn < area.endColumn - 1 && grid.cell(endRow - 1, startColumn) === undefined) startColumn += 1;
  let table: Area = { startRow: endRow - 1, endRow, startColumn, endColumn: startColumn + 1 };
  for (let grown = widened(sheet, table); grown !== table; grown = widened(sheet, table)) table = grown;
  return table;
}

/** The area with those neighboring rows and columns that hold a value; the same object when there are none. */
function widened(sheet: Sheet, area: Area): Area {
  const { grid } = sheet;
  const { startRow, endRow, startColumn, endColumn } = area;
  const used = (one: Area) => grid.usedRows(one) > one.startRow;
  const from = Math.max(0, startColumn - 1);
  const above = { ...area, startRow: startRow - 1, endRow: startRow, startColumn: from, endColumn: endColumn + 1 };
  if (startRow > 0 && used(above)) return { ...area, startRow: startRow - 1 };
  const below = { ...above, startRow: endRow, endRow: endRow + 1 };
  if (used(below)) return { ...area, endRow: endRow + 1 };
  const beside = { startRow: Math.max(0, startRow - 1), endRow: endRow + 1 };
  if (startColumn > 0 && used({ ...beside, startColumn: from, endColumn: startColumn }))
    return { ...area, startColumn: from };
  if (used({ ...beside, startColumn: endColumn, endColumn: endColumn + 1 }))
    return { ...area, endColumn: endColumn + 1 };
  return area;
}
