import type { Area } from './a1.ts';
import { isFormula, type CellValue } from './cell.ts';
import type { Sheet } from './sheet.ts';

export interface SortKey {
  column: number;
  descending: boolean;
}

/** Sorts the rows of an area as Sheets does: numbers before text before booleans, blanks last whatever the direction. */
export function sortRows(sheet: Sheet, area: Area, keys: SortKey[]): void {
  sheet.grid.sort(area, (a, b) => {
    for (const { column, descending } of keys) {
      const order = compare(a?.cells[column], b?.cells[column], descending);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: CellValue | undefined, b: CellValue | undefined, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [left, right] = [rank(a), rank(b)];
  const order = left === right ? within(a, b) : left - right;
  return descending ? -order : order;
}

function rank(value: CellValue): number {
  if (typeof value === 'number') return 0;
  return typeof value === 'boolean' ? 2 : 1;
}

const collator = new Intl.Collator('en');

function within(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' || typeof a === 'boolean') return Number(a) - Number(b);
  return collator.compare(text(a), text(b));
}

function text(value: CellValue): string {
  return isFormula(value) ? value.formula : String(value);
}
