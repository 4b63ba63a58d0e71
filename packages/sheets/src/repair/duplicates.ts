import { keyColumnId, versionColumnId, type SheetSchema } from '../schema/schema.ts';
import type { CellValue } from '../client/google-client.ts';
import type { RowLocation } from '../index/tab-state.ts';
import { ReadCells } from '../client/read-cells.ts';
import { wholeRowRange, type RepairDeps } from './misplaced-rows.ts';
import { toValueRanges } from '../rows/value-ranges.ts';
import { clearedRow, withAllColumns, type WrittenRow } from '../rows/row-values.ts';

/** One of several rows that hold the same key. */
export interface DuplicateRow extends RowLocation {
  version: number;
  /** Cells of the user's own columns that are filled in. */
  userCells: number;
  /** We wrote there while something was being moved: the row was probably another order's. */
  isSuspect: boolean;
  /** Our filled cells, by column id. */
  cells: Readonly<Record<string, CellValue>>;
}

type Masking = Pick<SheetSchema, 'maskedColumnIds' | 'isMasked'>;

/** So many keys at a time: their rows are read whole. */
const maxPerPass = 300;

/**
 * Leaves one row of each key that stands in several: the newest values, and readable ones where those are masked, in the
 * row where the user's notes are. Of the other rows our cells are emptied; the user's own stay, and no row is deleted.
 * Two requests for up to 300 keys. Resolves with what it wrote.
 */
export async function repairDuplicates(
  { client, index, write }: RepairDeps,
  isSuspect: (place: RowLocation) => boolean,
): Promise<WrittenRow[]> {
  const duplicates = index.duplicates().slice(0, maxPerPass);
  if (duplicates.length === 0) return [];
  const all = duplicates.flatMap(({ places }) => places);
  const blocks = await client.readRanges(all.map(wholeRowRange));
  const tabs = new Set(all.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const rows = duplicates.flatMap(({ key, places }) => {
    const copies = places.map((place) => toDuplicateRow(place, cellsOf.get(place.tab), isSuspect(place)));
    // A row that moved in the meantime is left for the next look.
    return mergeDuplicates(
      copies.filter((copy) => copy.cells[keyColumnId] === key),
      index.schema,
    );
  });
  if (rows.length > 0) await write(toValueRanges(rows), rows);
  return rows;
}

/** What to write so that one of the copies has the newest values and the others none. */
export function mergeDuplicates(copies: readonly DuplicateRow[], masking: Masking): WrittenRow[] {
  const [home, ...others] = [...copies].sort(preferOriginal);
  const [newest] = [...copies].sort((a, b) => b.version - a.version || Number(b.isSuspect) - Number(a.isSuspect));
  if (home === undefined || newest === undefined || others.length === 0) return [];
  const key = String(home.cells[keyColumnId]);
  const { tab, at, version } = home;
  // Of the same state a copy may be the user's, of some cells only.
  const stood = version === newest.version ? home.cells : {};
  const cells = withAllColumns(tab, { ...stood, ...newest.cells, ...unmaskedCells(copies, newest.cells, masking) });
  const isRight = Object.entries(cells).every(([id, cell]) => (home.cells[id] ?? '') === cell);
  return [...(isRight ? [] : [{ tab, at, key, isNew: false, cells }]), ...others.map(clearedRow)];
}

/** What is masked by now, as another copy still has it. */
function unmaskedCells(
  copies: readonly DuplicateRow[],
  newest: DuplicateRow['cells'],
  { maskedColumnIds, isMasked }: Masking,
): Record<string, CellValue> {
  const isMaskedCell = (cell: CellValue | undefined) => typeof cell === 'string' && isMasked(cell);
  const found = maskedColumnIds.flatMap((id) => {
    if (!isMaskedCell(newest[id])) return [];
    const copy = copies.find(({ cells }) => cells[id] !== undefined && !isMaskedCell(cells[id]));
    return copy === undefined ? [] : [[id, copy.cells[id] ?? null] as const];
  });
  return Object.fromEntries(found);
}

/** Not a row that was another's, then the one with most of the user's notes, then the newest, then the topmost. */
function preferOriginal(a: DuplicateRow, b: DuplicateRow): number {
  return Number(a.isSuspect) - Number(b.isSuspect) || b.userCells - a.userCells || b.version - a.version || a.at - b.at;
}

function toDuplicateRow(place: RowLocation, read: ReadCells | undefined, isSuspect: boolean): DuplicateRow {
  const line = read?.row(place.at) ?? [];
  const cells: Record<string, CellValue> = {};
  for (const [id, position] of place.tab.header.positions) {
    const cell = line[position] ?? '';
    if (cell !== '') cells[id] = cell;
  }
  const filled = line.filter((cell) => cell !== '' && cell !== null).length;
  const userCells = filled - Object.keys(cells).length;
  return { ...place, version: Number(cells[versionColumnId]) || 0, userCells, isSuspect, cells };
}
