import { keyColumnId, versionColumnId, type Cell, type Column, type SheetRow } from '../columns.ts';
import type { CellValue } from './google-client.ts';
import { serialDate } from './serial-date.ts';

/** Sheets refuses more in one cell: "more than the maximum of 50000 characters in a single cell". */
export const maxCellLength = 50_000;
const cutMark = '… [cut: longer than a cell can hold]';

/** A cell of ours as it goes over the wire. `null` leaves what the sheet has. */
export function cellValue(cell: Cell | undefined, kind: Column['kind'], timeZone: string): CellValue {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'number') {
    if (!Number.isFinite(cell)) return null;
    if (kind === 'datetime') return serialDate(cell, timeZone);
    return kind === 'text' || kind === 'status' ? String(cell) : cell;
  }
  return typeof cell === 'string' ? cellText(cell) : cell;
}

/** A text that Sheets accepts: no lone surrogates, no control characters but tab and line ends, at most 50,000 long. */
export function cellText(text: string): string {
  const clean = text.toWellFormed().replace(/[^\P{Cc}\t\n\r]/gu, '');
  if (clean.length <= maxCellLength) return clean;
  return clean.slice(0, maxCellLength - cutMark.length).toWellFormed() + cutMark;
}

/** Every cell of ours of a row, by column id, with the two technical ones. `isNew` adds what only a new row gets. */
export function cellsToWrite(row: SheetRow, isNew: boolean): Record<string, Cell> {
  return {
    ...(isNew ? withoutNulls(row.cellsIfNew ?? {}) : {}),
    ...withoutNulls(row.cells),
    [keyColumnId]: row.key,
    [versionColumnId]: row.version,
  };
}

/** About how many bytes the row adds to a request. */
export function sizeOf(row: SheetRow): number {
  let bytes = 40;
  for (const cell of Object.values(row.cells)) bytes += typeof cell === 'string' ? cell.length * 1.2 + 3 : 8;
  for (const cell of Object.values(row.cellsIfNew ?? {})) bytes += typeof cell === 'string' ? cell.length * 1.2 + 3 : 8;
  return Math.ceil(bytes);
}

function withoutNulls(cells: Record<string, Cell>): Record<string, Cell> {
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== null));
}
