import type { CellValue } from '../spreadsheet/cell.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';

export type DisplayValue = string | number | boolean;

/** A tab as tests and people read it. */
export class SheetView {
  readonly #sheet: Sheet;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
  }

  get id(): number {
    return this.#sheet.id;
  }

  get title(): string {
    return this.#sheet.title;
  }

  get rowCount(): number {
    return this.#sheet.grid.rowCount;
  }

  get columnCount(): number {
    return this.#sheet.grid.columnCount;
  }

  /** All rows down to the last one with a value, the header among them; a blank cell is ''. */
  rows(): DisplayValue[][] {
    const { grid } = this.#sheet;
    return grid.rows.slice(0, grid.usedRows(grid.area)).map((row) => line(row?.cells ?? []));
  }

  /** The first row. */
  header(): DisplayValue[] {
    return line(this.#sheet.grid.rows[0]?.cells ?? []);
  }

  /** The rows below the first one by its headers; blank rows and columns without a header are left out. */
  records(): Record<string, DisplayValue>[] {
    const header = this.header();
    const records = this.rows()
      .slice(1)
      .filter((row) => row.some((value) => value !== ''))
      .map((row) =>
        header.flatMap((name, column) => (name === '' ? [] : [[String(name), row[column] ?? ''] as const])),
      );
    return records.map((entries) => Object.fromEntries(entries));
  }
}

function line(cells: (CellValue | undefined)[]): DisplayValue[] {
  return Array.from(cells, (value) => (typeof value === 'object' ? value.formula : (value ?? '')));
}
