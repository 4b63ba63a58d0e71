import type { Layout, Place } from './layout.ts';
import type { RepairParts } from './strays.ts';
import { writeRanges } from './write-plan.ts';
import { emptiedRow, type WrittenRow } from './written-row.ts';

/**
 * Empties our cells of rows that went into the wrong columns and were then moved, so that they cannot be mended where
 * they are: in their key cell is something else that was written with `rows`. Resolves with the rows that it emptied.
 */
export async function clearWrecks({ layout, write }: RepairParts, rows: readonly WrittenRow[]): Promise<WrittenRow[]> {
  const wrecks = wrecksIn(layout, rows);
  if (wrecks.length === 0) return [];
  const cleared = wrecks.map(emptiedRow);
  await write(writeRanges(cleared), cleared);
  return cleared;
}

function wrecksIn(layout: Layout, rows: readonly WrittenRow[]): Place[] {
  return [...Map.groupBy(rows, ({ tab }) => tab.sheetId)].flatMap(([sheetId, ones]) => {
    const tab = layout.tab(sheetId);
    if (tab === undefined || tab.index.strange.size === 0) return [];
    const written = new Set(ones.flatMap(({ cells }) => Object.values(cells)));
    return [...tab.index.strange].filter(([, cell]) => written.has(cell)).map(([at]) => ({ tab, at }));
  });
}
