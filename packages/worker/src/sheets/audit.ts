import type { SheetRow, Tab } from '../columns.ts';
import type { Checkpoint } from './checkpoint.ts';
import { repairDuplicates } from './duplicates.ts';
import type { SpreadsheetClient } from './google-client.ts';
import type { Placed } from './guard.ts';
import type { Layout, Place } from './layout.ts';
import { mendStrays } from './strays.ts';

export interface AuditParts {
  client: SpreadsheetClient;
  layout: Layout;
}

/** What an audit found; all of it is repaired but what must be fetched or written again. */
export interface AuditReport {
  /** Rows that we wrote and that are nowhere: to be written again. */
  gone: SheetRow[];
  /** Rows of orders that a misplaced write may have overwritten: to be fetched again. */
  missing: { tab: Tab; keys: string[] }[];
  /** Keys that stood in more than one row. */
  duplicates: number;
  /** Rows that had gone into the wrong columns. */
  strays: number;
}

/**
 * Reads all keys anew and repairs what a user's moving of rows or columns under a write, a write that Google applied
 * late, or a second writer has left. `checkpoint` is of the write in question, if there is one. One read when all is well.
 */
export async function audit(parts: AuditParts, checkpoint?: Checkpoint): Promise<AuditReport> {
  const { layout } = parts;
  const before = layout.all.map(({ tab, sheetId, index }) => ({ tab, sheetId, index }));
  const placed = checkpoint?.placed ?? [];
  const columnsMoved = await layout.reindex();
  const strays = columnsMoved ? await mendStrays(parts, placed) : 0;
  if (strays > 0) await layout.reindex();
  const standing = placed.filter((one) => stands(layout, one));
  // Only a row that was there before can have moved away from under its write and stand twice now.
  const suspects = new Set(standing.filter(({ isNew }) => !isNew).map(placeId));
  const duplicates = await repairDuplicates(parts, (place) => suspects.has(placeId(place)));
  if (duplicates > 0) await layout.reindex();
  const gone = placed.filter(({ row }) => layout.find(row) === undefined).map(({ row }) => row);
  // When no row of a tab stands where it was written, all were moved after the write: whoever is missing was deleted.
  const touched = new Set(standing.map(({ tab }) => tab.sheetId));
  const written = new Set(placed.map(({ row }) => row.key));
  const missing = before
    .filter(({ sheetId }) => touched.has(sheetId))
    .map(({ tab, index }) => ({
      tab,
      keys: [...index.keys()].filter((key) => !written.has(key) && layout.place(tab, key) === undefined),
    }));
  return { gone, missing: missing.filter(({ keys }) => keys.length > 0), duplicates, strays };
}

/** Whether its key is in the row that it was written to, and perhaps in others too. */
function stands(layout: Layout, { row, tab, at }: Placed): boolean {
  return layout.tab(tab.sheetId)?.index.rowsOf(row.key).includes(at) === true;
}

function placeId({ tab, at }: Place): string {
  return `${tab.sheetId}:${at}`;
}
