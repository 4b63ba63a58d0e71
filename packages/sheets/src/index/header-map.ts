import type { CellValue } from '../client/google-client.ts';
import type { ReadCells } from '../client/read-cells.ts';
import { keyColumnId, versionColumnId, type Column } from '../schema/schema.ts';

/** Where our columns and their header are in a tab. The user may have moved them apart and put their own between. */
export interface HeaderMap {
  /** The header's row, from 1. */
  row: number;
  /** Column id → position from 0. */
  positions: ReadonlyMap<string, number>;
  missing: readonly Column[];
  key: number;
  version: number;
  /** Absent where the tab has no status column. */
  status: number | undefined;
  first: number;
  last: number;
  /** What the header says at the positions: the user may have renamed it. */
  texts: ReadonlyMap<number, CellValue>;
  /** Other columns say the same as most of ours. */
  isRepeated: boolean;
}

/** The header of columns at these positions; `texts` are the cells of its row from column 0 on. */
export function createHeaderMap(
  columns: readonly Column[],
  positions: ReadonlyMap<string, number>,
  { row, texts }: { row: number; texts: readonly CellValue[] },
): HeaderMap {
  const found = [...positions.values()];
  const statusColumn = columns.find((column) => column.kind === 'status');
  return {
    row,
    positions,
    missing: columns.filter(({ id }) => !positions.has(id)),
    key: positions.get(keyColumnId) ?? -1,
    version: positions.get(versionColumnId) ?? -1,
    status: statusColumn === undefined ? undefined : positions.get(statusColumn.id),
    first: found.length === 0 ? 0 : Math.min(...found),
    last: found.length === 0 ? -1 : Math.max(...found),
    texts: new Map(found.map((position) => [position, texts[position] ?? ''])),
    isRepeated: isRepeated(found, texts),
  };
}

/** Whether columns at other positions have the header of at least half of ours: one of them may be the user's own. */
export function isRepeated(positions: readonly number[], texts: readonly CellValue[]): boolean {
  const ours = new Set(positions.map((position) => texts[position] ?? ''));
  ours.delete('');
  const others = new Set(texts.filter((text, position) => ours.has(text ?? '') && !positions.includes(position)));
  return others.size > 1 && others.size * 2 >= ours.size;
}

/** The header of a tab with exactly our columns. */
export function newHeaderMap(columns: readonly Column[]): HeaderMap {
  const positions = new Map(columns.map(({ id }, position) => [id, position]));
  return createHeaderMap(columns, positions, { row: 1, texts: columns.map(({ header }) => header) });
}

/** Whether the header still says the same in the same place, so that every column of ours is where it was. */
export function headerMatches({ row, texts }: HeaderMap, cells: ReadCells): boolean {
  return [...texts].every(([position, text]) => cells.get(row, position) === text);
}

/** Whether every column of ours is where it was. */
export function samePositions(one: HeaderMap, other: HeaderMap): boolean {
  if (one.positions.size !== other.positions.size) return false;
  return [...one.positions].every(([id, position]) => other.positions.get(id) === position);
}
