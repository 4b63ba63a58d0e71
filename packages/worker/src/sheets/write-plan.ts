import { toA1 } from './a1.ts';
import { cellsToWrite, cellValue } from './cell-values.ts';
import type { CellValue } from './google-client.ts';
import type { Placed } from './guard.ts';
import { spans } from './spans.ts';
import type { TabState } from './tab-state.ts';

/** A block of values for one range of a write request. */
export interface RangeOfValues {
  range: string;
  values: CellValue[][];
}

/** The ranges of one write request: rows that follow each other share a range. */
export function writeRanges(placed: readonly Placed[], timeZone: string): RangeOfValues[] {
  const byTab = Map.groupBy(placed, (one) => one.tab);
  return [...byTab].flatMap(([tab, ones]) => {
    const lines = new Map(ones.map((one) => [one.at, lineOf(one, tab, timeZone)]));
    return spans([...lines.keys()], 1).flatMap(([firstRow, lastRow]) => {
      const block: CellValue[][] = [];
      for (let row = firstRow; row <= lastRow; row += 1) block.push(lines.get(row) ?? []);
      return rangesOf(tab, firstRow, block);
    });
  });
}

/**
 * Lines that go from column 0 on, as ranges that hold columns of ours only: a user's column between them is not even
 * touched with `null`, for it may be protected.
 */
export function rangesOf(tab: TabState, firstRow: number, lines: readonly CellValue[][]): RangeOfValues[] {
  const { title, header } = tab;
  const lastRow = firstRow + lines.length - 1;
  return spans([...header.positions.values()], 1).map(([firstColumn, lastColumn]) => ({
    range: toA1({ title, firstRow, lastRow, firstColumn, lastColumn }),
    values: lines.map((line) =>
      Array.from({ length: lastColumn - firstColumn + 1 }, (_, n) => line[firstColumn + n] ?? null),
    ),
  }));
}

/** The row's cells from column 0 on, where the columns of `tab` are; `null` where nothing is to be written. */
export function lineOf(placed: Placed, tab: TabState, timeZone: string): CellValue[] {
  const { header, columns } = tab;
  const line: CellValue[] = Array.from({ length: header.last + 1 }, () => null);
  const cells = cellsToWrite(placed.row, placed.isNew);
  for (const column of columns) {
    const position = header.positions.get(column.id);
    if (position !== undefined) line[position] = cellValue(cells[column.id], column.kind, timeZone);
  }
  return line;
}
