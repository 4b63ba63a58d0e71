import type { sheets_v4 } from '@googleapis/sheets';
import type { Area } from './a1.ts';

/** Whether a GridRange, open ends included, shares a cell with an area of the same sheet. */
export function overlaps(range: sheets_v4.Schema$GridRange, area: Area): boolean {
  return (
    (range.startRowIndex ?? 0) < area.endRow &&
    (range.endRowIndex ?? Infinity) > area.startRow &&
    (range.startColumnIndex ?? 0) < area.endColumn &&
    (range.endColumnIndex ?? Infinity) > area.startColumn
  );
}

/** Whether a GridRange holds every cell of an area of the same sheet. */
export function contains(range: sheets_v4.Schema$GridRange, area: Area): boolean {
  return (
    (range.startRowIndex ?? 0) <= area.startRow &&
    (range.endRowIndex ?? Infinity) >= area.endRow &&
    (range.startColumnIndex ?? 0) <= area.startColumn &&
    (range.endColumnIndex ?? Infinity) >= area.endColumn
  );
}

/** Whether a GridRange holds a cell of the same sheet. */
export function covers(range: sheets_v4.Schema$GridRange, row: number, column: number): boolean {
  return overlaps(range, { startRow: row, endRow: row + 1, startColumn: column, endColumn: column + 1 });
}

/** Whether a GridRange means all of its sheet. */
export function isWhole(range: sheets_v4.Schema$GridRange): boolean {
  const { startRowIndex, endRowIndex, startColumnIndex, endColumnIndex } = range;
  return [startRowIndex, endRowIndex, startColumnIndex, endColumnIndex].every((bound) => typeof bound !== 'number');
}
