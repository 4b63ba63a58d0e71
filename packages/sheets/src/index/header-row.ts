import type { CellValue } from '../client/google-client.ts';
import { keyColumnId } from '../schema/schema.ts';
import type { TabState } from './tab-state.ts';

/** Where the header is, and what must be done so that it is above all rows again. Rows from 1. */
export type HeaderPlace =
  | { kind: 'in-place'; row: number }
  /** It was moved or sorted below rows: it goes back to before row `to`. */
  | { kind: 'moved'; row: number; to: number }
  /** Its row is gone: a new one is inserted before row `to`. */
  | { kind: 'deleted'; to: number }
  /** Its row is there, its texts are not. */
  | { kind: 'cleared'; row: number };

/**
 * Finds the header by what the key column says from row 1 on. `keyTexts` are the texts that the key column's header has had.
 */
export function findHeader(tab: TabState, keyCells: readonly CellValue[], keyTexts: readonly CellValue[]): HeaderPlace {
  const { header, index, columns } = tab;
  const texts = new Set([...keyTexts, columns.find(({ id }) => id === keyColumnId)?.header].map(normalize));
  texts.delete('');
  const rowsWith = (fits: (cell: CellValue) => boolean) => keyCells.flatMap((cell, n) => (fits(cell) ? [n + 1] : []));
  const firstKeyRow = rowsWith((cell) => index.isKey(cell))[0];
  const placed = (row: number): HeaderPlace =>
    firstKeyRow !== undefined && row > firstKeyRow
      ? { kind: 'moved', row, to: firstKeyRow }
      : { kind: 'in-place', row };

  const named = rowsWith((cell) => texts.has(normalize(cell)));
  if (named.includes(header.row)) return placed(header.row);
  if (named[0] !== undefined) return placed(named[0]);
  const cell = keyCells[header.row - 1] ?? '';
  if (!index.isKey(cell)) {
    const isBlank = [...header.texts.values()].every((text) => text === '');
    return isBlank ? { kind: 'cleared', row: header.row } : placed(header.row);
  }
  // Renamed, so that we do not know its text: the one text in the key column that is no key.
  const strangers = rowsWith((one) => typeof one === 'string' && one !== '' && !index.isKey(one));
  if (strangers.length === 1 && strangers[0] !== undefined) return placed(strangers[0]);
  // A write that hit the header when rows moved under it: the row that it was meant for has the key too.
  if (keyCells.filter((one) => one === cell).length > 1) return { kind: 'cleared', row: header.row };
  return { kind: 'deleted', to: firstKeyRow ?? header.row };
}

function normalize(cell: CellValue | undefined): string {
  return typeof cell === 'string' ? cell.trim().toLowerCase() : '';
}
