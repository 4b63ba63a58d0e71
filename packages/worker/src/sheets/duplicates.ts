import { keyColumnId, versionColumnId } from '../columns.ts';
import { toA1 } from './a1.ts';
import type { CellValue, SpreadsheetClient } from './google-client.ts';
import type { Layout, Place } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import { rangesOf, type RangeOfValues } from './write-plan.ts';

/** One of several rows that hold the same key. */
export interface Copy extends Place {
  version: number;
  /** Cells of the user's own columns that are filled in. */
  userCells: number;
  /** We wrote there while something was being moved: the row was probably another order's. */
  suspect: boolean;
  /** Our filled cells, by column id. */
  cells: ReadonlyMap<string, CellValue>;
}

/** So many keys at a time: their rows are read whole. */
const perPass = 300;

/**
 * Leaves one row of each key that stands in several: the newest values, in the row where the user's notes are. Of the
 * other rows our cells are emptied; the user's own stay, and no row is deleted. Two requests for up to 300 keys.
 * Resolves with the number of keys that it found twice.
 */
export async function repairDuplicates(
  { client, layout }: { client: SpreadsheetClient; layout: Layout },
  isSuspect: (place: Place) => boolean,
): Promise<number> {
  const duplicates = layout.duplicates().slice(0, perPass);
  if (duplicates.length === 0) return 0;
  const all = duplicates.flatMap(({ places }) => places);
  const blocks = await client.read(all.map(wholeRow));
  const tabs = new Set(all.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const data = duplicates.flatMap(({ key, places }) => {
    const copies = places.map((place) => copyOf(place, cellsOf.get(place.tab), isSuspect(place)));
    // A row that moved in the meantime is left for the next look.
    return mergeCopies(copies.filter((copy) => copy.cells.get(keyColumnId) === key));
  });
  if (data.length > 0) await client.write(data);
  return duplicates.length;
}

/** What to write so that one of the copies has the newest values and the others none. */
export function mergeCopies(copies: readonly Copy[]): RangeOfValues[] {
  const [home, ...others] = [...copies].sort(homeFirst);
  const [newest] = [...copies].sort((a, b) => b.version - a.version || Number(b.suspect) - Number(a.suspect));
  if (home === undefined || newest === undefined || others.length === 0) return [];
  const kept = newest === home ? [] : write(home, (id) => newest.cells.get(id) ?? null);
  return [...kept, ...others.flatMap((copy) => write(copy, (id) => (copy.cells.has(id) ? '' : null)))];
}

/** Not a row that was another's, then the one with most of the user's notes, then the newest, then the topmost. */
function homeFirst(a: Copy, b: Copy): number {
  return Number(a.suspect) - Number(b.suspect) || b.userCells - a.userCells || b.version - a.version || a.at - b.at;
}

function copyOf(place: Place, read: ReadCells | undefined, suspect: boolean): Copy {
  const { header } = place.tab;
  const line = read?.row(place.at) ?? [];
  const cells = new Map<string, CellValue>();
  for (const [id, position] of header.positions) {
    const cell = line[position] ?? '';
    if (cell !== '') cells.set(id, cell);
  }
  const userCells = line.filter((cell) => cell !== '' && cell !== null).length - cells.size;
  return { ...place, version: Number(cells.get(versionColumnId)) || 0, userCells, suspect, cells };
}

function write({ tab, at }: Place, cellOf: (columnId: string) => CellValue): RangeOfValues[] {
  const line: CellValue[] = Array.from({ length: tab.header.last + 1 }, () => null);
  for (const [id, position] of tab.header.positions) line[position] = cellOf(id);
  return rangesOf(tab, at, [line]);
}

function wholeRow({ tab, at }: Place): string {
  return toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: tab.columnCount - 1 });
}
