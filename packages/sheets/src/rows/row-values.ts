import { cellsToWrite, cellValue } from './cell-values.ts';
import type { Cell, SheetRow } from '../schema/schema.ts';
import type { CellValue } from '../client/google-client.ts';
import type { PlacedRow } from './preflight.ts';
import { unixSeconds } from '../format/serial-date.ts';
import type { TabState } from '../index/tab-state.ts';

/** What was put, or is to be put, into one row of a tab. `tab` knows where the columns were when it was written. */
export interface WrittenRow {
  tab: TabState;
  at: number;
  /** `''` of a row that was emptied. */
  key: string;
  /** Nothing stood there before. */
  isNew: boolean;
  /**
   * By column id, as they go over the wire; `null` or absent where nothing is written. All of our columns are written, with
   * `''` where a cell is blank: if the user moves rows under the write, the row that it overwrites must not show through
   * (its buyer, its parcel, its payout).
   */
  cells: Readonly<Record<string, CellValue>>;
  /** What it was made of; absent where the cells came from the sheet itself. */
  row?: SheetRow;
}

/**
 * Dates as serial numbers of the spreadsheet's time zone, texts as Sheets can hold them. What stays as it is, is written
 * again as the guard found it.
 */
export function writtenRow({ row, tab, at, isNew, preserved = {} }: PlacedRow, timeZone: string): WrittenRow {
  const given = cellsToWrite(row, isNew);
  const cells: Record<string, CellValue> = { ...preserved };
  const known: Record<string, Cell> = {};
  for (const { id, kind } of tab.columns) {
    const stood = preserved[id];
    if (stood === undefined) cells[id] = cellValue(given[id], kind, timeZone) ?? (isNew ? '' : null);
    else if (stood !== '') known[id] = kind === 'datetime' ? unixSeconds(Number(stood), timeZone) : stood;
  }
  // Should the row be lost, it comes back with them.
  return { tab, at, key: row.key, isNew, cells, row: { ...row, cellsIfNew: { ...row.cellsIfNew, ...known } } };
}

/** A row whose cells of ours are all emptied. */
export function clearedRow({ tab, at }: Pick<WrittenRow, 'tab' | 'at'>): WrittenRow {
  return { tab, at, key: '', isNew: false, cells: withAllColumns(tab, {}) };
}

/** A cell for each of our columns. */
export function withAllColumns(
  { header }: TabState,
  cells: Readonly<Record<string, CellValue>>,
): Record<string, CellValue> {
  return Object.fromEntries([...header.positions.keys()].map((id) => [id, cells[id] ?? '']));
}
