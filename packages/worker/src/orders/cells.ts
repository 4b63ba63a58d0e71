import { isMasked } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import { maskedColumnIds } from '../report/columns.ts';

/** A value that Shopee did not send leaves the cell unchanged; an empty text clears it. */
export function toCell(value: string | number | undefined): Cell {
  return value ?? null;
}

/** Sum of decimal amounts, rounded off binary fractions; undefined if there is none. */
export function sum(amounts: readonly (number | undefined)[]): number | undefined {
  const given = amounts.filter((amount) => amount !== undefined);
  if (given.length === 0) return undefined;
  return Number(given.reduce((sum, amount) => sum + amount, 0).toFixed(4));
}

/** An amount in parts as large as the weights, all alike where every weight is 0; the parts add up to it exactly. */
export function shareOut(amount: number, weights: readonly number[], decimals: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = 10 ** decimals;
  const parts: number[] = [];
  let [weighed, given] = [0, 0];
  for (const weight of weights) {
    weighed += total === 0 ? 1 / weights.length : weight / total;
    const upToHere = Math.round(amount * scale * weighed);
    parts.push((upToHere - given) / scale);
    given = upToHere;
  }
  return parts;
}

/** Distinct non-empty texts, comma-separated; undefined if there is none. */
export function joinDistinct(texts: readonly (string | undefined)[]): string | undefined {
  return [...new Set(texts.filter(Boolean))].join(', ') || undefined;
}

/**
 * Splits off values that Shopee masked: one must not replace an earlier readable value, but is better than nothing in a
 * new row. The same goes for empty values: nobody's name becomes empty.
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
