import { toA1 } from './a1.ts';
import { cellsToWrite, cellValue } from './cell-values.ts';
import type { CellValue } from './google-client.ts';
import type { Placed } from './guard.ts';
import { spans } from './spans.ts';
import type { TabState } from './tab-state.ts';

/** The ranges of one write request: rows that follow each other share a range; the user's columns are `null`. */
export function writeRanges(placed: readonly Placed[], timeZone: string): { range: string; values: CellValue[][] }[] {
  const byTab = Map.groupBy(placed, (one) => one.tab);
  return [...byTab].flatMap(([tab, rows]) => {
    const at = new Map(rows.map((one) => [one.at, one]));
    return spans([...at.keys()], 1).map(([firstRow, lastRow]) => {
      const values: CellValue[][] = [];
      for (let row = firstRow; row <= lastRow; row += 1) values.push(lineOf(at.get(row), tab, timeZone));
      const { title, header } = tab;
      return { range: toA1({ title, firstRow, lastRow, firstColumn: header.first, lastColumn: header.last }), values };
    });
  });
}

/** The row's cells from our first column to our last. */
export function lineOf(placed: Placed | undefined, tab: TabState, timeZone: string): CellValue[] {
  const { header, columns } = tab;
  const line: CellValue[] = Array.from({ length: header.last - header.first + 1 }, () => null);
  if (placed === undefined) return line;
  const cells = cellsToWrite(placed.row, placed.isNew);
  for (const column of columns) {
    const position = header.positions.get(column.id);
    if (position === undefined) continue;
    line[position - header.first] = cellValue(cells[column.id], column.kind, timeZone);
  }
  return line;
}
