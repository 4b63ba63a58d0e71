import { toA1 } from '../client/a1.ts';
import type { CellValue } from '../client/google-client.ts';
import { coalesce } from '../client/coalesce.ts';
import type { TabState } from '../index/tab-state.ts';
import type { WrittenRow } from './row-values.ts';

/** A block of values for one range of a write request. */
export interface ValueRange {
  range: string;
  values: CellValue[][];
}

/**
 * The ranges of one write request. Rows that follow each other share a range; each holds columns of ours only, for a
 * user's column between them may be protected, and would then be rejected even with `null`.
 */
export function toValueRanges(rows: readonly WrittenRow[]): ValueRange[] {
  const byTab = Map.groupBy(rows, (row) => row.tab);
  return [...byTab].flatMap(([tab, ones]) => {
    const lines = new Map(ones.map((one) => [one.at, toRowValues(one.cells, tab)]));
    const columns = coalesce([...tab.header.positions.values()], 1);
    return coalesce([...lines.keys()], 1).flatMap(([firstRow, lastRow]) =>
      columns.map(([firstColumn, lastColumn]) => ({
        range: toA1({ title: tab.title, firstRow, lastRow, firstColumn, lastColumn }),
        values: Array.from({ length: lastRow - firstRow + 1 }, (_, n) =>
          (lines.get(firstRow + n) ?? []).slice(firstColumn, lastColumn + 1),
        ),
      })),
    );
  });
}

/** Cells from column 0 on, where the columns of `tab` are; `null` where nothing is to be written. */
export function toRowValues(cells: Readonly<Record<string, CellValue>>, { header }: TabState): CellValue[] {
  const line: CellValue[] = Array.from({ length: header.last + 1 }, () => null);
  for (const [id, position] of header.positions) line[position] = cells[id] ?? null;
  return line;
}
