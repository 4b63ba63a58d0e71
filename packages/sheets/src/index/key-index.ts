import type { CellValue } from '../client/google-client.ts';
import type { SheetSchema } from '../schema/schema.ts';

/** Which row of a tab each key stands in, as far as we know: the preflight decides. Rows from 1. */
export class KeyIndex {
  readonly #isKey: SheetSchema['isKey'];
  readonly #rows = new Map<string, number>();
  /** Keys that were seen in several rows, with all of them. */
  readonly duplicates = new Map<string, Set<number>>();
  /** Rows in whose key cell is something that is no key. */
  readonly unexpected = new Map<number, CellValue>();
  /** Keys by what precedes their last colon; made when it is first asked for. */
  #details: Map<string, string[]> | undefined;
  #nextRow: number;
  #lastKey: string | undefined;

  /** `firstRow` is the first that rows are added to. */
  constructor(isKey: SheetSchema['isKey'], firstRow = 2) {
    this.#isKey = isKey;
    this.#nextRow = firstRow;
  }

  /** A new one for the same kind of keys. */
  empty(firstRow?: number): KeyIndex {
    return new KeyIndex(this.#isKey, firstRow);
  }

  /** Whether a cell can be a key of ours. */
  isKey(cell: CellValue | undefined): cell is string {
    return typeof cell === 'string' && this.#isKey(cell);
  }

  get(key: string): number | undefined {
    return this.#rows.get(key);
  }

  /** Every row that it was seen in. */
  rowsOf(key: string): number[] {
    const row = this.#rows.get(key);
    const rows = this.duplicates.get(key) ?? (row === undefined ? [] : [row]);
    return [...rows];
  }

  /** The row below the last one in use. */
  get nextRow(): number {
    return this.#nextRow;
  }

  get size(): number {
    return this.#rows.size;
  }

  keys(): MapIterator<string> {
    return this.#rows.keys();
  }

  /** The key in the row above `next`; absent when none of ours is there. */
  get lastKey(): string | undefined {
    return this.#lastKey;
  }

  /** Keys that are this one and a part of their own, after a colon. */
  detailsOf(key: string): readonly string[] {
    this.#details ??= Map.groupBy(this.#rows.keys(), mainKey);
    return this.#details.get(key) ?? [];
  }

  set(key: string, row: number): void {
    if (this.#details !== undefined && !this.#rows.has(key)) this.#addDetail(this.#details, key);
    this.#rows.set(key, row);
    if (row >= this.#nextRow) this.#lastKey = key;
    this.#nextRow = Math.max(this.#nextRow, row + 1);
  }

  /** Rows above this one are in use, if only by something that is not ours. */
  skipTo(row: number): void {
    if (row > this.#nextRow) this.#lastKey = undefined;
    this.#nextRow = Math.max(this.#nextRow, row);
  }

  /**
   * Takes in what another writer has added, from the row above `next` on. False when the rows have been moved, so that
   * what was added may stand anywhere.
   */
  appendKeys(keys: readonly CellValue[]): boolean {
    const [above = '', ...added] = keys;
    const known = added.some((cell) => this.isKey(cell) && this.#rows.has(cell));
    if (known || (this.#lastKey !== undefined && above !== this.#lastKey)) return false;
    this.extend(this.#nextRow, added);
    return true;
  }

  /** Takes in the key column from `firstRow` down. The first of two rows with one key counts until they are repaired. */
  extend(firstRow: number, keys: readonly CellValue[]): void {
    keys.forEach((cell, offset) => {
      if (cell === null || cell === '') return;
      const row = firstRow + offset;
      const known = this.isKey(cell) ? this.#rows.get(cell) : undefined;
      // Whatever else stands there is not an order, but its row is not free.
      if (!this.isKey(cell)) this.#markUnexpected(row, cell);
      else if (known === undefined || known === row) this.set(cell, row);
      else this.#markDuplicate(cell, known, row);
    });
  }

  #addDetail(details: Map<string, string[]>, key: string): void {
    const known = details.get(mainKey(key));
    if (known === undefined) details.set(mainKey(key), [key]);
    else known.push(key);
  }

  #markUnexpected(row: number, cell: CellValue): void {
    this.unexpected.set(row, cell);
    this.skipTo(row + 1);
  }

  #markDuplicate(key: string, ...rows: number[]): void {
    const noted = this.duplicates.get(key) ?? new Set<number>();
    for (const row of rows) {
      noted.add(row);
      if (row >= this.#nextRow) this.#lastKey = key;
      this.#nextRow = Math.max(this.#nextRow, row + 1);
    }
    this.duplicates.set(key, noted);
  }
}

function mainKey(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf(':')));
}
