import type { SheetRow } from '../schema/schema.ts';
import { toA1 } from '../client/a1.ts';
import { cellsToWrite } from './cell-values.ts';
import type { CellValue } from '../client/google-client.ts';
import type { ReadCells } from '../client/read-cells.ts';
import { coalesce } from '../client/coalesce.ts';
import { headerRange } from '../index/ranges.ts';
import type { TabState } from '../index/tab-state.ts';

/** A row and the place it is to be written to. */
export interface PlacedRow {
  row: SheetRow;
  tab: TabState;
  at: number;
  isNew: boolean;
  /** The status that the guard found in the sheet. */
  status?: string;
  /** What the guard found in the cells that stay as they are. */
  preserved?: Readonly<Record<string, CellValue>>;
}

/** What the guard found in the sheet for one placed row. */
export type TargetCheck =
  | { kind: 'free' }
  | { kind: 'ours'; version: number; status: string | undefined; preserved: Record<string, CellValue> }
  /** Another order stands there, or nothing does where the order should be. */
  | { kind: 'moved' }
  /** Something that is not an order is in our columns. */
  | { kind: 'occupied' };

/** Two rows, or two columns, that are this close are read as one range: a few cells more cost less than a range more. */
const maxGap = 12;
/** Rows spread over a tab whose keys show whether anything moved, however far from what is written. */
const sampleCount = 12;

/**
 * The ranges that show whether each row still is what we take it for: the header; key, version and status of the rows
 * that exist, and their cells that stay as they are; all of our cells in the rows that should be free; and the keys of
 * `watched` rows.
 */
export function preflightRanges(tab: TabState, placed: readonly PlacedRow[], watched: Iterable<number>): string[] {
  const { title, header } = tab;
  const known = rowsWhere(placed, false).flatMap((at) => [at - 1, at, at + 1]);
  const statusColumn = header.status === undefined ? [] : [header.status];
  const preserved = placed
    .filter(({ isNew }) => !isNew)
    .flatMap(({ row }) => preservedColumns(row, tab).map(([, at]) => at));
  const columns = coalesce([header.key, header.version, ...statusColumn, ...new Set(preserved)], maxGap);
  const details = coalesce(withinGrid(tab, known), maxGap).flatMap(([firstRow, lastRow]) =>
    columns.map(([firstColumn, lastColumn]) => toA1({ title, firstRow, lastRow, firstColumn, lastColumn })),
  );
  const fresh = coalesce(rowsWhere(placed, true), 1);
  const room = fresh.map(([firstRow, lastRow]) =>
    toA1({ title, firstRow, lastRow, firstColumn: header.first, lastColumn: header.last }),
  );
  const keysOnly = [...watched, ...sampleRows(tab), ...fresh.map(([first]) => first - 1)];
  return [headerRange(tab), ...details, ...room, ...keyRanges(tab, keysOnly)];
}

/** Columns that a row which exists leaves as they are, by id, and where they stand. */
function preservedColumns(row: SheetRow, { header }: TabState): [id: string, position: number][] {
  const written = cellsToWrite(row, false);
  return [...header.positions].filter(([id]) => !(id in written));
}

/** The key cells of these rows. */
export function keyRanges(tab: TabState, rows: Iterable<number>): string[] {
  const { title, header } = tab;
  return coalesce(withinGrid(tab, rows), maxGap).map(([firstRow, lastRow]) =>
    toA1({ title, firstRow, lastRow, firstColumn: header.key, lastColumn: header.key }),
  );
}

/** Key and version of these rows. */
export function versionRanges(tab: TabState, rows: Iterable<number>): string[] {
  const { title, header } = tab;
  const columns = coalesce([header.key, header.version], maxGap);
  return coalesce(withinGrid(tab, rows), maxGap).flatMap(([firstRow, lastRow]) =>
    columns.map(([firstColumn, lastColumn]) => toA1({ title, firstRow, lastRow, firstColumn, lastColumn })),
  );
}

/** The rows whose keys a guard reads beside the placed ones: their neighbors, and some from all over the tab. */
export function neighborRows(tab: TabState, placed: readonly Pick<PlacedRow, 'at' | 'isNew'>[]): number[] {
  const around = rowsWhere(placed, false).flatMap((at) => [at - 1, at + 1]);
  const above = coalesce(rowsWhere(placed, true), 1).map(([first]) => first - 1);
  return withinGrid(tab, [...around, ...above, ...sampleRows(tab)]);
}

/** What stands in the place of a row just now. */
export function checkTarget(placed: PlacedRow, cells: ReadCells): TargetCheck {
  const { header } = placed.tab;
  const key = cells.get(placed.at, header.key);
  if (key === placed.row.key) {
    const status = header.status === undefined ? '' : cells.get(placed.at, header.status);
    return {
      kind: 'ours',
      version: Number(cells.get(placed.at, header.version)) || 0,
      status: typeof status === 'string' && status !== '' ? status : undefined,
      preserved: Object.fromEntries(
        preservedColumns(placed.row, placed.tab).map(([id, at]) => [id, cells.get(placed.at, at)] as const),
      ),
    };
  }
  if (!placed.isNew || placed.tab.index.isKey(key)) return { kind: 'moved' };
  const occupied = [...header.positions.values()].some((column) => cells.get(placed.at, column) !== '');
  return occupied ? { kind: 'occupied' } : { kind: 'free' };
}

function sampleRows({ index, header }: TabState): number[] {
  const first = header.row + 1;
  const last = Math.max(first, index.nextRow - 1);
  return Array.from({ length: sampleCount }, (_, n) => first + Math.round(((last - first) * n) / (sampleCount - 1)));
}

function rowsWhere(placed: readonly Pick<PlacedRow, 'at' | 'isNew'>[], isNew: boolean): number[] {
  return placed.filter((one) => one.isNew === isNew).map((one) => one.at);
}

function withinGrid({ rowCount, header }: TabState, rows: Iterable<number>): number[] {
  return [...new Set(rows)].filter((row) => row >= 1 && row <= rowCount && row !== header.row);
}
