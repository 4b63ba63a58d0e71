import { toA1 } from './a1.ts';
import type { CellValue, SpreadsheetClient } from './google-client.ts';
import { isRowKey } from './key-index.ts';
import type { Layout } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import { spans } from './spans.ts';
import type { TabState } from './tab-state.ts';
import { lineOf, type RangeOfValues } from './write-plan.ts';
import type { WrittenRow } from './written-row.ts';

export interface RepairParts {
  client: SpreadsheetClient;
  layout: Layout;
  /** Writes the ranges, which hold these rows. */
  write: (data: RangeOfValues[], rows: readonly WrittenRow[]) => Promise<void>;
}

/**
 * Mends rows that went into the wrong columns because the user moved columns under their write. A row counts as strayed
 * when its cells stand where the columns were and not where they are. It is written again where the columns are now, and
 * what it left in columns that are not ours is taken out. Resolves with the rows that it mended, as they are now.
 */
export async function mendStrays(
  { client, layout, write }: RepairParts,
  rows: readonly WrittenRow[],
): Promise<WrittenRow[]> {
  const now = rows.flatMap((row) => {
    const tab = layout.tab(row.tab.sheetId);
    return tab === undefined || row.at > tab.rowCount ? [] : [{ ...row, tab, before: row.tab }];
  });
  if (now.length === 0) return [];
  const blocks = await client.read(now.map(wholeRow));
  const tabs = new Set(now.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const mended: WrittenRow[] = [];
  const data = now.flatMap(({ before, ...row }) => {
    const stands = cellsOf.get(row.tab)?.row(row.at) ?? [];
    const written = lineOf(row.cells, before);
    const right = lineOf(row.cells, row.tab);
    const strayed = stand(written, stands) && !stand(right, stands);
    if (!strayed && !isWreck(stands[row.tab.header.key])) return [];
    mended.push(row);
    return cellRanges(row, mend(right, { row, written, stands }));
  });
  if (data.length > 0) await write(data, mended);
  return mended;
}

/** The A1 range of a row with all of its columns. */
export function wholeRow({ tab, at }: { tab: TabState; at: number }): string {
  return toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: tab.columnCount - 1 });
}

/** Whether all that a line would write is there. */
function stand(line: readonly CellValue[], stands: readonly CellValue[]): boolean {
  return line.every((cell, position) => cell === null || cell === (stands[position] ?? ''));
}

/** Where a key should be there is something else: several writes went astray in this row. */
function isWreck(key: CellValue | undefined): boolean {
  return key !== undefined && key !== null && key !== '' && !isRowKey(key);
}

/** The right cells, and blanks for what still stands where it should never have been written. */
function mend(
  right: CellValue[],
  { row, written, stands }: { row: WrittenRow; written: CellValue[]; stands: CellValue[] },
): CellValue[] {
  const ours = new Set(row.tab.header.positions.values());
  return Array.from({ length: Math.max(right.length, written.length) }, (_, position) => {
    const cell = right[position] ?? null;
    const left = written[position] ?? '';
    const isLeft = left !== '' && left === stands[position];
    // A new row held nothing before, so whatever is in our columns came from us.
    return cell === null && (isLeft || (row.isNew && ours.has(position))) ? '' : cell;
  });
}

/** Only the cells that have something to write: others may be the user's, and protected. */
function cellRanges({ tab, at }: WrittenRow, line: readonly CellValue[]): RangeOfValues[] {
  const filled = line.flatMap((cell, position) => (cell === null || position >= tab.columnCount ? [] : [position]));
  return spans(filled, 1).map(([firstColumn, lastColumn]) => ({
    range: toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn, lastColumn }),
    values: [line.slice(firstColumn, lastColumn + 1)],
  }));
}
