import type { SheetRow, Tab } from '../columns.ts';
import { repairDuplicates } from './duplicates.ts';
import { samePositions } from './header-map.ts';
import type { Layout, Place } from './layout.ts';
import { mendStrays, type RepairParts } from './strays.ts';
import { clearWrecks } from './wrecks.ts';
import type { WrittenRow } from './written-row.ts';

/** A key of a tab. */
export interface TabKey {
  tab: Tab;
  key: string;
}

/** What an audit found and did. */
export interface AuditReport {
  /** Rows that we wrote and that are nowhere, or of which we cannot tell whether they are right: to be written again. */
  gone: SheetRow[];
  /** Keys that we wrote, of which we have no row any more. */
  goneKeys: TabKey[];
  /** What it wrote itself: rows that had gone into the wrong columns, and rows with keys that stood twice. */
  repaired: WrittenRow[];
}

/**
 * Reads all keys anew and repairs what a user's moving of rows or columns under a write, a write that Google applied
 * late, or a second writer has left. `rows` are those of the write in question, if there is one. One read when all is well.
 */
export async function audit(parts: RepairParts, rows: readonly WrittenRow[] = []): Promise<AuditReport> {
  const { layout } = parts;
  await layout.reindex();
  // Of a write from before the columns were moved: it may have been applied since, where they used to be.
  const outdated = rows.filter(({ tab }) => !samePositions(tab.header, layout.tab(tab.sheetId)?.header ?? tab.header));
  const strays = await mendStrays(parts, outdated);
  if (strays.rows.length > 0) await layout.reindex();
  const wrecks = await clearWrecks(parts, rows);
  if (wrecks.length > 0) await layout.reindex();
  // Only a row that was there before can have moved away from under its write and stand twice now.
  const suspects = new Set(rows.filter((row) => !row.isNew && stands(layout, row)).map(placeId));
  const duplicates = await repairDuplicates(parts, (place) => suspects.has(placeId(place)));
  if (duplicates.length > 0) await layout.reindex();
  const lost = rows.filter(({ key, tab }) => key !== '' && layout.place(tab.tab, key) === undefined);
  const doubtful = strays.doubtful.filter((row) => !lost.includes(row));
  return {
    gone: [...lost, ...doubtful].flatMap(({ row }) => row ?? []),
    goneKeys: lost.flatMap(({ row, tab, key }) => (row === undefined ? [{ tab: tab.tab, key }] : [])),
    repaired: [...strays.rows, ...wrecks, ...duplicates],
  };
}

/** Whether its key is in the row that it was written to, and perhaps in others too. */
function stands(layout: Layout, { key, tab, at }: WrittenRow): boolean {
  return layout.tab(tab.sheetId)?.index.rowsOf(key).includes(at) === true;
}

function placeId({ tab, at }: Place): string {
  return `${tab.sheetId}:${at}`;
}
