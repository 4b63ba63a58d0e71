import type { CellValue } from './google-client.ts';

/** Which row of a tab each key stands in, as far as we know: the guard has the last word. Rows from 1. */
export class KeyIndex {
  readonly #rows = new Map<string, number>();
  /** Keys that were seen in several rows, with all of them. */
  readonly repeated = new Map<string, Set<number>>();
  #next = 2;

  get(key: string): number | undefined {
    return this.#rows.get(key);
  }

  /** Every row that it was seen in. */
  rowsOf(key: string): number[] {
    const row = this.#rows.get(key);
    const rows = this.repeated.get(key) ?? (row === undefined ? [] : [row]);
    return [...rows];
  }

  /** The row below the last one in use. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#rows.size;
  }

  keys(): MapIterator<string> {
    return this.#rows.keys();
  }

  set(key: string, row: number): void {
    this.#rows.set(key, row);
    this.#next = Math.max(this.#next, row + 1);
  }

  /** Rows above this one are in use, if only by something that is not ours. */
  skipTo(row: number): void {
    this.#next = Math.max(this.#next, row);
  }

  /** Takes in the key column from `firstRow` down. The first of two rows with one key counts until they are repaired. */
  extend(firstRow: number, keys: readonly CellValue[]): void {
    keys.forEach((cell, offset) => {
      if (cell === null || cell === '') return;
      const key = String(cell);
      const row = firstRow + offset;
      const known = this.#rows.get(key);
      if (known === undefined || known === row) this.set(key, row);
      else this.#repeat(key, known, row);
    });
  }

  #repeat(key: string, ...rows: number[]): void {
    const noted = this.repeated.get(key) ?? new Set<number>();
    for (const row of rows) noted.add(row);
    this.repeated.set(key, noted);
    this.#next = Math.max(this.#next, ...rows.map((row) => row + 1));
  }
}
