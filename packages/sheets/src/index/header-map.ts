import { keyColumnId, versionColumnId, type Column } from '../schema/schema.ts';
import type { CellValue } from '../client/google-client.ts';

/** Where our columns stand in a tab just now. The user may have moved them apart and put their own between. */
export interface HeaderMap {
  /** Column id → position from 0. */
  positions: ReadonlyMap<string, number>;
  missing: readonly Column[];
  key: number;
  version: number;
  /** Absent where the tab has no status column. */
  status: number | undefined;
  first: number;
  last: number;
}

/** Finds our columns by their header; spaces and case do not count. The first of two equal headers is ours. */
export function mapHeader(headerRow: readonly CellValue[], columns: readonly Column[]): HeaderMap {
  const at = new Map<string, number>();
  headerRow.forEach((cell, position) => {
    const name = normalize(cell);
    if (name !== '' && !at.has(name)) at.set(name, position);
  });
  const positions = new Map<string, number>();
  const missing: Column[] = [];
  for (const column of columns) {
    const position = at.get(normalize(column.header));
    if (position === undefined) missing.push(column);
    else positions.set(column.id, position);
  }
  const found = [...positions.values()];
  const statusColumn = columns.find((column) => column.kind === 'status');
  return {
    positions,
    missing,
    key: positions.get(keyColumnId) ?? -1,
    version: positions.get(versionColumnId) ?? -1,
    status: statusColumn === undefined ? undefined : positions.get(statusColumn.id),
    first: found.length === 0 ? 0 : Math.min(...found),
    last: found.length === 0 ? -1 : Math.max(...found),
  };
}

/** Whether every column of ours stands where it stood. */
export function samePositions(one: HeaderMap, other: HeaderMap): boolean {
  if (one.positions.size !== other.positions.size) return false;
  return [...one.positions].every(([id, position]) => other.positions.get(id) === position);
}

function normalize(cell: CellValue | undefined): string {
  return typeof cell === 'string' ? cell.trim().toLowerCase() : '';
}
