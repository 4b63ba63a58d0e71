import type { SheetRow } from '../schema/schema.ts';
import { repairDuplicates } from '../repair/duplicates.ts';
import { samePositions } from '../index/header-map.ts';
import type { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import type { RowLocation } from '../index/tab-state.ts';
import { repairMisplacedRows, type RepairDeps } from '../repair/misplaced-rows.ts';
import { clearCorruptRows } from '../repair/corrupt-rows.ts';
import type { WrittenRow } from '../rows/row-values.ts';

/** A key of a tab. */
export interface TabKey {
  tab: string;
  key: string;
}

/** What an audit found and did. */
export interface AuditReport {
  /** Rows that we wrote and that are nowhere, or of which we cannot tell whether they are right: to be written again. */
  rowsToRewrite: SheetRow[];
  /** Keys that we wrote, of which we have no row any more. */
  missingKeys: TabKey[];
  /** What it wrote itself: rows that had gone into the wrong columns, and rows with keys that stood twice. */
  repaired: WrittenRow[];
}

/**
 * Reads all keys again and repairs what a user's moving of rows or columns under a write, a write that Google applied
 * late, or a second writer has left. `rows` are those of the write in question, if there is one. One read when all is well.
 */
export async function runAudit(parts: RepairDeps, rows: readonly WrittenRow[] = []): Promise<AuditReport> {
  const { index } = parts;
  await index.reindex();
  // Of a write from before the columns were moved: it may have been applied since, where they used to be.
  const outdated = rows.filter(({ tab }) => !samePositions(tab.header, index.tab(tab.sheetId)?.header ?? tab.header));
  const misplaced = await repairMisplacedRows(parts, outdated);
  if (misplaced.rows.length > 0) await index.reindex();
  const corrupt = await clearCorruptRows(parts, rows);
  if (corrupt.length > 0) await index.reindex();
  // Only a row that was there before can have moved away from under its write and stand twice now.
  const suspects = new Set(rows.filter((row) => !row.isNew && isInPlace(index, row)).map(locationId));
  const duplicates = await repairDuplicates(parts, (place) => suspects.has(locationId(place)));
  if (duplicates.length > 0) await index.reindex();
  const lost = rows.filter(({ key, tab }) => key !== '' && index.locateKey(tab.tab, key) === undefined);
  const doubtful = misplaced.unverifiable.filter((row) => !lost.includes(row));
  return {
    rowsToRewrite: [...lost, ...doubtful].flatMap(({ row }) => row ?? []),
    missingKeys: lost.flatMap(({ row, tab, key }) => (row === undefined ? [{ tab: tab.tab, key }] : [])),
    repaired: [...misplaced.rows, ...corrupt, ...duplicates],
  };
}

/** Whether its key is in the row that it was written to, and perhaps in others too. */
function isInPlace(layout: SpreadsheetIndex, { key, tab, at }: WrittenRow): boolean {
  return layout.tab(tab.sheetId)?.index.rowsOf(key).includes(at) === true;
}

function locationId({ tab, at }: RowLocation): string {
  return `${tab.sheetId}:${at}`;
}
