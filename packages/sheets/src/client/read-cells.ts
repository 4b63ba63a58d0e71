import type { CellValue, ValueBlock } from './google-client.ts';

/** The cells that were read of one tab, by row (from 1) and column (from 0). A blank cell is `''`. */
export class ReadCells {
  readonly #rows = new Map<number, Map<number, CellValue>>();

  constructor(blocks: readonly ValueBlock[], title: string) {
    for (const block of blocks) if (block.title === title) this.#addBlock(block);
  }

  get(row: number, column: number): CellValue {
    return this.#rows.get(row)?.get(column) ?? '';
  }

  /** A row's cells from column 0 on. */
  row(row: number): CellValue[] {
    const cells = this.#rows.get(row);
    if (cells === undefined) return [];
    const list: CellValue[] = Array.from({ length: Math.max(...cells.keys()) + 1 }, () => '');
    for (const [column, value] of cells) list[column] = value;
    return list;
  }

  #addBlock({ row, column, values }: ValueBlock): void {
    values.forEach((line, down) => {
      if (line.length === 0) return;
      const cells = this.#rows.get(row + down) ?? new Map<number, CellValue>();
      this.#rows.set(row + down, cells);
      line.forEach((value, right) => cells.set(column + right, value));
    });
  }
}
