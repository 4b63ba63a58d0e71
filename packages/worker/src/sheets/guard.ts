import type { SheetRow } from '../columns.ts';
import { toA1 } from './a1.ts';
import { cellsToWrite } from './cell-values.ts';
import type { CellValue } from './google-client.ts';
import { mapHeader, samePositions } from './header-map.ts';
import { isRowKey } from './key-index.ts';
import type { ReadCells } from './read-cells.ts';
import { spans } from './spans.ts';
import type { TabState } from './tab-state.ts';

/** A row and the place it is to be written to. */
export interface Placed {
  row: SheetRow;
  tab: TabState;
  at: number;
  isNew: boolean;
  /** The status that the guard found in the sheet. */
  status?: string;
  /** What the guard found in the cells that stay as they are. */
  kept?: Readonly<Record<string, CellValue>>;
}

/** What the guard found in the sheet for one placed row. */
export type Finding =
  | { kind: 'free' }
  | { kind: 'ours'; version: number; status: string | undefined; kept: Record<string, CellValue> }
  /** Another order stands there, or nothing does where the order should be. */
  | { kind: 'moved' }
  /** Something that is not an order is in our columns. */
  | { kind: 'occupied' };

/** Two rows, or two columns, that are this close are read as one range: a few cells more cost less than a range more. */
const bridge = 12;
/** Rows spread over a tab whose keys show whether anything moved, however far from what is written. */
const witnessCount = 12;

/**
 * The ranges that show whether each row still is what we take it for: the header; key, version and status of the rows
 * that exist, and their cells that stay as they are; all of our cells in the rows that should be free; and the keys of
 * `watched` rows.
 */
export function guardRanges(tab: TabState, placed: readonly Placed[], watched: Iterable<number>): string[] {
  const { title, header } = tab;
  const known = rowsOf(placed, false).flatMap((at) => [at - 1, at, at + 1]);
  const statusColumn = header.status === undefined ? [] : [header.status];
  const kept = placed.filter(({ isNew }) => !isNew).flatMap(({ row }) => keptColumns(row, tab).map(([, at]) => at));
  const columns = spans([header.key, header.version, ...statusColumn, ...new Set(kept)], bridge);
  const details = spans(inGrid(tab, known), bridge).flatMap(([firstRow, lastRow]) =>
    columns.map(([firstColumn, lastColumn]) => toA1({ title, firstRow, lastRow, firstColumn, lastColumn })),
  );
  const fresh = spans(rowsOf(placed, true), 1);
  const room = fresh.map(([firstRow, lastRow]) =>
    toA1({ title, firstRow, lastRow, firstColumn: header.first, lastColumn: header.last }),
  );
  const keysOnly = [...watched, ...witnesses(tab), ...fresh.map(([first]) => first - 1)];
  return [headerRange(tab), ...details, ...room, ...keyRanges(tab, keysOnly)];
}

export function headerRange({ title, columnCount }: TabState): string {
  return toA1({ title, firstRow: 1, lastRow: 1, firstColumn: 0, lastColumn: columnCount - 1 });
}

/** Columns that a row which exists leaves as they are, by id, and where they stand. */
function keptColumns(row: SheetRow, { header }: TabState): [id: string, position: number][] {
  const written = cellsToWrite(row, false);
  return [...header.positions].filter(([id]) => !(id in written));
}

/** The key cells of these rows. */
export function keyRanges(tab: TabState, rows: Iterable<number>): string[] {
  const { title, header } = tab;
  return spans(inGrid(tab, rows), bridge).map(([firstRow, lastRow]) =>
    toA1({ title, firstRow, lastRow, firstColumn: header.key, lastColumn: header.key }),
  );
}

/** The rows whose keys a guard reads beside the placed ones: their neighbours, and some from all over the tab. */
export function bystanders(tab: TabState, placed: readonly Pick<Placed, 'at' | 'isNew'>[]): number[] {
  const around = rowsOf(placed, false).flatMap((at) => [at - 1, at + 1]);
  const above = spans(rowsOf(placed, true), 1).map(([first]) => first - 1);
  return inGrid(tab, [...around, ...above, ...witnesses(tab)]);
}

/** Whether our columns stand where we think; if not, nothing else that was read can be trusted. */
export function headerHolds(tab: TabState, cells: ReadCells): boolean {
  return samePositions(tab.header, mapHeader(cells.row(1), tab.columns));
}

/** What stands in the place of a row just now. */
export function inspect(placed: Placed, cells: ReadCells): Finding {
  const { header } = placed.tab;
  const key = cells.get(placed.at, header.key);
  if (key === placed.row.key) {
    const status = header.status === undefined ? '' : cells.get(placed.at, header.status);
    return {
      kind: 'ours',
      version: Number(cells.get(placed.at, header.version)) || 0,
      status: typeof status === 'string' && status !== '' ? status : undefined,
      kept: Object.fromEntries(
        keptColumns(placed.row, placed.tab).map(([id, at]) => [id, cells.get(placed.at, at)] as const),
      ),
    };
  }
  if (!placed.isNew || isRowKey(key)) return { kind: 'moved' };
  const occupied = [...header.positions.values()].some((column) => cells.get(placed.at, column) !== '');
  return occupied ? { kind: 'occupied' } : { kind: 'free' };
}

function witnesses({ index }: TabState): number[] {
  const last = index.next - 1;
  return Array.from({ length: witnessCount }, (_, n) => 2 + Math.round(((last - 2) * n) / (witnessCount - 1)));
}

function rowsOf(placed: readonly Pick<Placed, 'at' | 'isNew'>[], isNew: boolean): number[] {
  return placed.filter((one) => one.isNew === isNew).map((one) => one.at);
}

function inGrid({ rowCount }: TabState, rows: Iterable<number>): number[] {
  return [...new Set(rows)].filter((row) => row >= 2 && row <= rowCount);
}
