import { toA1 } from '../client/a1.ts';
import type { CellValue, ValueBlock } from '../client/google-client.ts';
import type { TabState } from './tab-state.ts';

/** The header's row with all of the tab's columns, those too that were added since it was read. */
export function headerRange({ title, header }: TabState): string {
  return toA1({ title, firstRow: header.row, lastRow: header.row, firstColumn: 0 });
}

/** The key column from a row down. */
export function keyRange({ title, header }: TabState, firstRow: number): string {
  return toA1({ title, firstRow, firstColumn: header.key, lastColumn: header.key });
}

/** The whole version column. */
export function versionRange({ title, header }: TabState): string {
  return toA1({ title, firstRow: 1, firstColumn: header.version, lastColumn: header.version });
}

/** The key column below the header and above it. Each begins in another row than the header. */
export function allKeyRanges(tab: TabState): string[] {
  const { title, header, rowCount } = tab;
  const above = { title, firstRow: 1, lastRow: header.row - 1, firstColumn: header.key, lastColumn: header.key };
  return [...(header.row < rowCount ? [keyRange(tab, header.row + 1)] : []), ...(header.row > 1 ? [toA1(above)] : [])];
}

/** Fills the tab's index from key columns that were read with COLUMNS. */
export function fillIndex(tab: TabState, blocks: readonly ValueBlock[]): void {
  tab.index = tab.index.empty(tab.header.row + 1);
  const columns = blocks.filter(({ title, row }) => title === tab.title && row !== tab.header.row);
  for (const { row, values } of columns.toSorted((a, b) => a.row - b.row)) {
    const cells: CellValue[] = values[0] ?? [];
    const isAbove = row < tab.header.row;
    tab.index.extend(row, isAbove ? cells.slice(0, tab.header.row - row) : cells);
  }
}

/** Fills the tab's index from its whole key column, the header's row included. */
export function fillIndexFromColumn(tab: TabState, cells: readonly CellValue[]): void {
  const { row } = tab.header;
  tab.index = tab.index.empty(row + 1);
  tab.index.extend(1, cells.slice(0, row - 1));
  tab.index.extend(row + 1, cells.slice(row));
}
