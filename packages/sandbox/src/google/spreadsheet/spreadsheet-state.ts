import type { CellExtra, CellValue, Column, Row } from './cell.ts';
import type { SheetFields } from './sheet.ts';
import type { Role, SharedSpreadsheet } from '../api/shared-spreadsheet.ts';
import { Spreadsheet, type SpreadsheetFields } from './spreadsheet.ts';

/** A spreadsheet as plain JSON. */
export interface SpreadsheetState {
  id: string;
  fields: SpreadsheetFields;
  nextId: number;
  roles: [string, Role][];
  sheets: SheetState[];
}

interface SheetState {
  id: number;
  fields: SheetFields;
  rowCount: number;
  /** JSON has no Infinity: an open end is null. */
  columns: (Omit<Column, 'formats'> & { formats: { startRow: number; endRow: number | null; format: object }[] })[];
  rows: (RowState | null)[];
}

type RowState = Omit<Row, 'cells' | 'extras'> & { cells: (CellValue | null)[]; extras?: [number, CellExtra][] };

/** Everything that a spreadsheet is, to be kept across restarts. */
export function stateOf({ spreadsheet, roles }: SharedSpreadsheet): SpreadsheetState {
  const sheets = spreadsheet.sheets.map(({ id, fields, grid }) => ({
    id,
    fields,
    rowCount: grid.rowCount,
    columns: grid.columns.map((column) => ({
      ...column,
      formats: column.formats.map((one) => ({ ...one, endRow: one.endRow === Infinity ? null : one.endRow })),
    })),
    rows: Array.from(grid.rows, (row) => (row === undefined ? null : rowState(row))),
  }));
  return { id: spreadsheet.id, fields: spreadsheet.fields, nextId: spreadsheet.nextId, roles: [...roles], sheets };
}

/** The spreadsheet that a state was taken of. */
export function restored(state: SpreadsheetState): SharedSpreadsheet {
  const spreadsheet = new Spreadsheet(state.id, state.fields.properties);
  spreadsheet.fields = state.fields;
  for (const { id, fields, rowCount, columns, rows } of state.sheets) {
    const { grid } = spreadsheet.addSheet({ id, fields, rowCount, columnCount: columns.length });
    grid.columns = columns.map((column) => ({
      ...column,
      formats: column.formats.map((one) => ({ ...one, endRow: one.endRow ?? Infinity })),
    }));
    grid.rows = rows.map((row) => (row === null ? undefined : rowOf(row)));
  }
  spreadsheet.nextId = state.nextId;
  return { spreadsheet, roles: new Map(state.roles) };
}

function rowState({ cells, extras, ...rest }: Row): RowState {
  return { ...rest, cells: Array.from(cells, (value) => value ?? null), ...(extras && { extras: [...extras] }) };
}

function rowOf({ cells, extras, ...rest }: RowState): Row {
  return { ...rest, cells: cells.map((value) => value ?? undefined), ...(extras && { extras: new Map(extras) }) };
}
