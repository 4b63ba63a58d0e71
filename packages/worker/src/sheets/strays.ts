import { keyColumnId, versionColumnId } from '../columns.ts';
import { toA1 } from './a1.ts';
import type { CellValue, SpreadsheetClient } from './google-client.ts';
import type { Placed } from './guard.ts';
import type { Layout } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import type { TabState } from './tab-state.ts';
import { lineOf } from './write-plan.ts';

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
  const data = now.flatMap(({ one, tab }) => {
    const stands = cellsOf.get(tab)?.row(one.at) ?? [];
    const written = spread(one, one.tab, layout.timeZone);
    if (!strayed(stands, written, { one, tab })) return [];
    return [
      { range: rowRange(tab, one.at), values: [mended({ stands, written, one, tab, timeZone: layout.timeZone })] },
    ];
  });
  if (data.length > 0) await client.write(data);
  return data.length;
}

/** What we wrote, from column 0 on. */
function spread(one: Placed, tab: TabState, timeZone: string): CellValue[] {
  const line = lineOf(one, tab, timeZone);
  return [...Array.from({ length: tab.header.first }, () => null), ...line];
}

/** Whether the row's cells are where the columns were, and its key and version not where they are. */
function strayed(stands: CellValue[], written: CellValue[], { one, tab }: { one: Placed; tab: TabState }): boolean {
  const { header } = tab;
  const inPlace = stands[header.key] === one.row.key && stands[header.version] === one.row.version;
  const { positions } = one.tab.header;
  const marks = [positions.get(keyColumnId) ?? -1, positions.get(versionColumnId) ?? -1];
  return !inPlace && marks.every((position) => stands[position] === written[position]);
}

interface Stray {
  stands: CellValue[];
  written: CellValue[];
  one: Placed;
  tab: TabState;
  timeZone: string;
}

function mended({ stands, written, one, tab, timeZone }: Stray): CellValue[] {
  const right = spread(one, tab, timeZone);
  const length = Math.min(Math.max(right.length, written.length), tab.columnCount);
  return Array.from({ length }, (_, position) => {
    const cell = right[position] ?? null;
    if (cell !== null) return cell;
    const left = written[position] ?? '';
    return left !== '' && left === stands[position] ? '' : null;
  });
}

function rowRange({ title, columnCount }: TabState, at: number): string {
  return toA1({ title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: columnCount - 1 });
}
