import { isMasked } from '@shopee-webhook/shopee';
import { keyColumnId, maskedColumnIds, versionColumnId } from '../columns.ts';
import type { CellValue } from './google-client.ts';
import type { Place } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import { wholeRow, type RepairParts } from './strays.ts';
import { writeRanges } from './write-plan.ts';
import { emptiedRow, filled, type WrittenRow } from './written-row.ts';

/** One of several rows that hold the same key. */
export interface Copy extends Place {
  version: number;
  /** Cells of the user's own columns that are filled in. */
  userCells: number;
  /** We wrote there while something was being moved: the row was probably another order's. */
  suspect: boolean;
  /** Our filled cells, by column id. */
  cells: Readonly<Record<string, CellValue>>;
}

/** So many keys at a time: their rows are read whole. */
const perPass = 300;

/**
 * Leaves one row of each key that stands in several: the newest values, and readable ones where those are masked, in the
 * row where the user's notes are. Of the other rows our cells are emptied; the user's own stay, and no row is deleted.
 * Two requests for up to 300 keys. Resolves with what it wrote.
 */
export async function repairDuplicates(
  { client, layout, write }: RepairParts,
  isSuspect: (place: Place) => boolean,
): Promise<WrittenRow[]> {
  const duplicates = layout.duplicates().slice(0, perPass);
  if (duplicates.length === 0) return [];
  const all = duplicates.flatMap(({ places }) => places);
  const blocks = await client.read(all.map(wholeRow));
  const tabs = new Set(all.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const rows = duplicates.flatMap(({ key, places }) => {
    const copies = places.map((place) => copyOf(place, cellsOf.get(place.tab), isSuspect(place)));
    // A row that moved in the meantime is left for the next look.
    return mergeCopies(copies.filter((copy) => copy.cells[keyColumnId] === key));
  });
  if (rows.length > 0) await write(writeRanges(rows), rows);
  return rows;
}

/** What to write so that one of the copies has the newest values and the others none. */
export function mergeCopies(copies: readonly Copy[]): WrittenRow[] {
  const [home, ...others] = [...copies].sort(homeFirst);
  const [newest] = [...copies].sort((a, b) => b.version - a.version || Number(b.suspect) - Number(a.suspect));
  if (home === undefined || newest === undefined || others.length === 0) return [];
  const key = String(home.cells[keyColumnId]);
  const { tab, at, version } = home;
  // Of the same state a copy may be the user's, of some cells only.
  const stood = version === newest.version ? home.cells : {};
  const cells = filled(tab, { ...stood, ...newest.cells, ...readable(copies, newest.cells) });
  const isRight = Object.entries(cells).every(([id, cell]) => (home.cells[id] ?? '') === cell);
  return [...(isRight ? [] : [{ tab, at, key, isNew: false, cells }]), ...others.map(emptiedRow)];
}

/** What Shopee masks by now, as another copy still has it. */
function readable(copies: readonly Copy[], newest: Copy['cells']): Record<string, CellValue> {
  const found = maskedColumnIds.flatMap((id) => {
    if (!isMaskedCell(newest[id])) return [];
    const copy = copies.find(({ cells }) => cells[id] !== undefined && !isMaskedCell(cells[id]));
    return copy === undefined ? [] : [[id, copy.cells[id] ?? null] as const];
  });
  return Object.fromEntries(found);
}

function isMaskedCell(cell: CellValue | undefined): boolean {
  return typeof cell === 'string' && isMasked(cell);
}

/** Not a row that was another's, then the one with most of the user's notes, then the newest, then the topmost. */
function homeFirst(a: Copy, b: Copy): number {
  return Number(a.suspect) - Number(b.suspect) || b.userCells - a.userCells || b.version - a.version || a.at - b.at;
}

function copyOf(place: Place, read: ReadCells | undefined, suspect: boolean): Copy {
  const line = read?.row(place.at) ?? [];
  const cells: Record<string, CellValue> = {};
  for (const [id, position] of place.tab.header.positions) {
    const cell = line[position] ?? '';
    if (cell !== '') cells[id] = cell;
  }
  const filled = line.filter((cell) => cell !== '' && cell !== null).length;
  const userCells = filled - Object.keys(cells).length;
  return { ...place, version: Number(cells[versionColumnId]) || 0, userCells, suspect, cells };
}
