import type { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import type { RowLocation } from '../index/tab-state.ts';
import type { RepairDeps } from './misplaced-rows.ts';
import { toValueRanges } from '../rows/value-ranges.ts';
import { clearedRow, type WrittenRow } from '../rows/row-values.ts';

/**
 * Empties our cells of rows that went into the wrong columns and were then moved, so that they cannot be repaired where
 * they are: in their key cell is something else that was written with `rows`. Resolves with the rows that it emptied.
 */
export async function clearCorruptRows(
  { index, write }: RepairDeps,
  rows: readonly WrittenRow[],
): Promise<WrittenRow[]> {
  const corrupt = findCorruptRows(index, rows);
  if (corrupt.length === 0) return [];
  const cleared = corrupt.map(clearedRow);
  await write(toValueRanges(cleared), cleared);
  return cleared;
}

function findCorruptRows(layout: SpreadsheetIndex, rows: readonly WrittenRow[]): RowLocation[] {
  return [...Map.groupBy(rows, ({ tab }) => tab.sheetId)].flatMap(([sheetId, ones]) => {
    const tab = layout.tab(sheetId);
    if (tab === undefined || tab.index.unexpected.size === 0) return [];
    const written = new Set(ones.flatMap(({ cells }) => Object.values(cells)));
    return [...tab.index.unexpected].filter(([, cell]) => written.has(cell)).map(([at]) => ({ tab, at }));
  });
}
