import { toA1 } from './a1.ts';
import type { CellValue, SpreadsheetClient } from './google-client.ts';
import type { Placed } from './guard.ts';
import type { Layout } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import { spans } from './spans.ts';
import type { TabState } from './tab-state.ts';
import { lineOf, type RangeOfValues } from './write-plan.ts';

/**
 * Mends rows that went into the wrong columns because the user moved columns between the guard and the write. A row
 * counts as strayed when its cells stand where the columns were and not where they are. It is written again where the
 * columns are now, and what it left in columns that are not ours is taken out. `placed` still knows the old columns.
 * Resolves with the number of rows mended.
 */
export async function mendStrays(
  { client, layout }: { client: SpreadsheetClient; layout: Layout },
  placed: readonly Placed[],
): Promise<number> {
  const now = placed.flatMap((one) => {
    const tab = layout.tab(one.tab.sheetId);
    return tab === undefined || one.at > tab.rowCount ? [] : [{ one, tab }];
  });
  if (now.length === 0) return 0;
  const blocks = await client.read(now.map(({ one, tab }) => rowRange(tab, one.at)));
  const tabs = new Set(now.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  let mended = 0;
  const data = now.flatMap(({ one, tab }) => {
    const stands = cellsOf.get(tab)?.row(one.at) ?? [];
    const written = lineOf(one, one.tab, layout.timeZone);
    const right = lineOf(one, tab, layout.timeZone);
    if (!stand(written, stands) || stand(right, stands)) return [];
    mended += 1;
    return cellRanges(tab, one.at, mend(right, { written, stands }));
  });
  if (data.length > 0) await client.write(data);
  return mended;
}

/** Whether all that a line would write is there. */
function stand(line: readonly CellValue[], stands: readonly CellValue[]): boolean {
  return line.every((cell, position) => cell === null || cell === (stands[position] ?? ''));
}

/** The right cells, and blanks for what still stands where it should never have been written. */
function mend(right: CellValue[], { written, stands }: { written: CellValue[]; stands: CellValue[] }): CellValue[] {
  return Array.from({ length: Math.max(right.length, written.length) }, (_, position) => {
    const cell = right[position] ?? null;
    const left = written[position] ?? '';
    return cell === null && left !== '' && left === stands[position] ? '' : cell;
  });
}

/** Only the cells that have something to write: others may be the user's, and protected. */
function cellRanges(tab: TabState, at: number, line: readonly CellValue[]): RangeOfValues[] {
  const filled = line.flatMap((cell, position) => (cell === null || position >= tab.columnCount ? [] : [position]));
  return spans(filled, 1).map(([firstColumn, lastColumn]) => ({
    range: toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn, lastColumn }),
    values: [line.slice(firstColumn, lastColumn + 1)],
  }));
}

function rowRange({ title, columnCount }: TabState, at: number): string {
  return toA1({ title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: columnCount - 1 });
}
