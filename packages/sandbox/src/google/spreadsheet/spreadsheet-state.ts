import type { CellExtra, CellValue, Column, Row } from './cell.ts';
import type { SheetFields } from './sheet.ts';
import type { FileState, Role, SharedSpreadsheet } from './shared-spreadsheet.ts';
import { Spreadsheet, type SpreadsheetFields } from './spreadsheet.ts';

/** A spreadsheet as plain JSON. */
export interface SpreadsheetState {
  id: string;
  fields: SpreadsheetFields;
  nextId: number;
  roles: [string, Role][];
  file?: FileState;
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

/** What a spreadsheet holds at one moment. */
export type Snapshot = Omit<SpreadsheetState, 'id' | 'roles' | 'file'>;

/** Everything that a spreadsheet is, to be kept across restarts. */
export function stateOf({ spreadsheet, roles, file }: SharedSpreadsheet): SpreadsheetState {
  return { id: spreadsheet.id, roles: [...roles], file, ...contentsOf(spreadsheet) };
}

/** The spreadsheet that a state was taken of. */
export function restored(state: SpreadsheetState): SharedSpreadsheet {
  const spreadsheet = new Spreadsheet(state.id, state.fields.properties);
  fill(spreadsheet, state);
  return { spreadsheet, roles: new Map(state.roles), file: state.file ?? 'there' };
}

/** A copy of what the spreadsheet holds now. */
export function snapshotOf(spreadsheet: Spreadsheet): Snapshot {
  return structuredClone(contentsOf(spreadsheet));
}

/** Makes the spreadsheet what it was: tabs keep their ids, all else is as it was then. */
export function restoreSnapshot(spreadsheet: Spreadsheet, snapshot: Snapshot): void {
  const { nextId } = spreadsheet;
  spreadsheet.arrange([]);
  fill(spreadsheet, structuredClone(snapshot));
  spreadsheet.nextId = nextId;
}

function contentsOf(spreadsheet: Spreadsheet): Snapshot {
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
  return { fields: spreadsheet.fields, nextId: spreadsheet.nextId, sheets };
}

function fill(spreadsheet: Spreadsheet, { fields, nextId, sheets }: Snapshot): void {
  spreadsheet.set(fields);
  for (const { id, fields: sheetFields, rowCount, columns, rows } of sheets) {
    const { grid } = spreadsheet.addSheet({ id, fields: sheetFields, rowCount, columnCount: columns.length });
    grid.columns = columns.map((column) => ({
      ...column,
      formats: column.formats.map((one) => ({ ...one, endRow: one.endRow ?? Infinity })),
    }));
    grid.rows = rows.map((row) => (row === null ? undefined : rowOf(row)));
  }
  spreadsheet.nextId = nextId;
}

function rowState({ cells, extras, ...rest }: Row): RowState {
  return { ...rest, cells: Array.from(cells, (value) => value ?? null), ...(extras && { extras: [...extras] }) };
}

function rowOf({ cells, extras, ...rest }: RowState): Row {
  return { ...rest, cells: cells.map((value) => value ?? undefined), ...(extras && { extras: new Map(extras) }) };
}
