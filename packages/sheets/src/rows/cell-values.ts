import { keyColumnId, versionColumnId, type Cell, type Column, type SheetRow } from '../schema/schema.ts';
import type { CellValue } from '../client/google-client.ts';
import { serialDate } from '../format/serial-date.ts';

/** Sheets rejects more in one cell: "more than the maximum of 50000 characters in a single cell". */
export const maxCellLength = 50_000;
const truncationMark = '… [cut: longer than a cell can hold]';

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
  return clean.slice(0, maxCellLength - truncationMark.length).toWellFormed() + truncationMark;
}

/** Every cell of ours of a row, by column id, with the two technical ones. `isNew` adds what only a new row gets. */
export function cellsToWrite(row: SheetRow, isNew: boolean): Record<string, Cell> {
  return {
    ...(isNew ? dropNulls(row.cellsIfNew ?? {}) : {}),
    ...dropNulls(row.cells),
    [keyColumnId]: row.key,
    [versionColumnId]: row.version,
  };
}

/** About how many bytes the row adds to a request: a Thai or Vietnamese letter is up to three. */
export function estimateSize(row: SheetRow): number {
  const cells = [...Object.values(row.cells), ...Object.values(row.cellsIfNew ?? {})];
  return cells.reduce<number>((sum, cell) => sum + cellSize(cell), 40);
}

/** One that stays as it is goes over the wire as it was found. */
function cellSize(cell: Cell): number {
  if (cell === null) return 24;
  return typeof cell === 'string' ? textSize(cell) : 8;
}

/** With its quotes and comma, and some room for what JSON escapes. */
function textSize(text: string): number {
  return Math.ceil(Buffer.byteLength(text) * 1.1) + 3;
}

function dropNulls(cells: Record<string, Cell>): Record<string, Cell> {
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== null));
}
