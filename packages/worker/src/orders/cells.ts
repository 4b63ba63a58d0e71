import { isMasked } from '@shopee-webhook/shopee';
import { maskedColumnIds, type Cell } from '../report/columns.ts';

/** What Shopee did not send leaves the cell alone; an empty text empties it. */
export function toCell(value: string | number | undefined): Cell {
  return value ?? null;
}

/** Adds decimal amounts without the tails of binary fractions; undefined when there is none. */
export function sum(amounts: readonly (number | undefined)[]): number | undefined {
  const given = amounts.filter((amount) => amount !== undefined);
  if (given.length === 0) return undefined;
  return Number(given.reduce((sum, amount) => sum + amount, 0).toFixed(4));
}

/** Different texts that are not empty, separated by commas; undefined when there is none. */
export function joinDistinct(texts: readonly (string | undefined)[]): string | undefined {
  return [...new Set(texts.filter(Boolean))].join(', ') || undefined;
}

/**
 * Parts what may be written from what Shopee masked: a masked value must not replace a readable one from before, but
 * is better than nothing in a new row. An empty one says no more than a masked one: nobody's name becomes empty.
 */
export function splitMasked(cells: Record<string, Cell>): {
  cells: Record<string, Cell>;
  cellsIfNew: Record<string, Cell>;
} {
  const cellsIfNew: Record<string, Cell> = {};
  const written = { ...cells };
  for (const id of maskedColumnIds) {
    const cell = cells[id];
    if (typeof cell !== 'string' || !(isMasked(cell) || cell.trim() === '')) continue;
    cellsIfNew[id] = cell;
    written[id] = null;
  }
  return { cells: written, cellsIfNew };
}
