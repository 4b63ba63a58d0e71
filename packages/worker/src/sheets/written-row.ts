import { cellsToWrite, cellValue } from './cell-values.ts';
import type { SheetRow } from '../columns.ts';
import type { CellValue } from './google-client.ts';
import type { Placed } from './guard.ts';
import type { TabState } from './tab-state.ts';

/** What was put, or is to be put, into one row of a tab. `tab` knows where the columns were when it was written. */
export interface WrittenRow {
  tab: TabState;
  at: number;
  /** `''` of a row that was emptied. */
  key: string;
  /** Nothing stood there before. */
  isNew: boolean;
  /** By column id, as they go over the wire; `null` or absent where nothing is written. */
  cells: Readonly<Record<string, CellValue>>;
  /** What it was made of; absent where the cells came from the sheet itself. */
  row?: SheetRow;
}

/** Dates as serial numbers of the spreadsheet's time zone, texts as Sheets can hold them. */
export function writtenRow({ row, tab, at, isNew }: Placed, timeZone: string): WrittenRow {
  const given = cellsToWrite(row, isNew);
  const cells: Record<string, CellValue> = {};
  for (const { id, kind } of tab.columns) cells[id] = cellValue(given[id], kind, timeZone);
  return { tab, at, key: row.key, isNew, cells, row };
}
