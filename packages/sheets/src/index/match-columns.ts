import type { CellValue } from '../client/google-client.ts';
import type { Column } from '../schema/schema.ts';

/** A row that may be the header, from column 0 on. */
export interface HeaderCandidate {
  texts: readonly CellValue[];
  notes: readonly string[];
}

/**
 * Finds columns that have no identity of their own yet, in a header of an earlier version or of a copied file: by text and
 * note, then by note, then by text, then by their place between two columns that were found. `taken` are the positions of
 * columns that are known already.
 */
export function matchColumns(
  columns: readonly Column[],
  { texts, notes }: HeaderCandidate,
  taken: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const positions = new Map(taken);
  const used = new Set(taken.values());
  const adopt = (id: string, position: number) => {
    positions.set(id, position);
    used.add(position);
  };
  const width = Math.max(texts.length, notes.length);
  const isText = ({ header, former = [] }: Column, position: number) =>
    [header, ...former].some((text) => normalize(text) === normalize(texts[position]));
  const isNote = ({ note, former = [] }: Column, position: number) =>
    [note, ...former].some((text) => text !== '' && text === notes[position]);
  const rules = [
    (column: Column, position: number) => isText(column, position) && isNote(column, position),
    isNote,
    isText,
  ];
  for (const fits of rules) {
    for (const column of columns) {
      if (positions.has(column.id)) continue;
      const position = Array.from({ length: width }, (_, at) => at).find((at) => !used.has(at) && fits(column, at));
      if (position !== undefined) adopt(column.id, position);
    }
  }
  if (positions.size * 2 < columns.length) return positions;
  for (const [n, column] of columns.entries()) {
    if (positions.has(column.id)) continue;
    const before = positions.get(columns[n - 1]?.id ?? '');
    const after = positions.get(columns[n + 1]?.id ?? '');
    if (before === undefined || after !== before + 2 || used.has(before + 1)) continue;
    if (normalize(texts[before + 1]) !== '') adopt(column.id, before + 1);
  }
  return positions;
}

/** How many of the columns a row names, by text: the header names most. */
export function countHeaders(columns: readonly Column[], texts: readonly CellValue[]): number {
  const names = new Set(texts.map(normalize));
  return columns.filter(({ header }) => names.has(normalize(header))).length;
}

/** Spaces and case do not count. */
function normalize(cell: CellValue | undefined): string {
  return typeof cell === 'string' ? cell.trim().toLowerCase() : '';
}
