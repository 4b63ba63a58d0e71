import type { SheetRow } from '../columns.ts';
import { toA1 } from './a1.ts';
import type { CellValue, Values } from './google-client.ts';
import { mapHeader, samePositions } from './header-map.ts';
import type { TabState } from './tab-state.ts';

/** A row and the place it is to be written to. */
export interface Placed {
  row: SheetRow;
  tab: TabState;
  at: number;
  isNew: boolean;
}

/** What the guard found in the sheet for one placed row. */
export type Finding =
  | { kind: 'free' }
  | { kind: 'ours'; version: number; status: string | undefined }
  /** Another order stands there, or nothing does where the order should be. */
  | { kind: 'moved' }
  /** Something that is not an order is in our columns. */
  | { kind: 'occupied' };

/** Two neighbouring rows that are this close are read as one range: a few cells more cost less than a range more. */
const bridge = 12;

/**
 * The ranges that show whether each row still is what we take it for: the header, key, version and status of the rows
 * that exist, and all of our cells in the rows that should be free.
 */
export function guardRanges(tab: TabState, placed: readonly Placed[]): string[] {
  const { title, header } = tab;
  const ranges = [toA1({ title, firstRow: 1, lastRow: 1, firstColumn: 0, lastColumn: tab.columnCount - 1 })];
  const known = placed.filter((one) => !one.isNew).map((one) => one.at);
  const fresh = placed.filter((one) => one.isNew).map((one) => one.at);
  const columns = spans([header.key, header.version, ...(header.status === undefined ? [] : [header.status])], 3);
  for (const [firstRow, lastRow] of spans(known, bridge)) {
    for (const [firstColumn, lastColumn] of columns) {
      ranges.push(toA1({ title, firstRow, lastRow, firstColumn, lastColumn }));
    }
  }
  for (const [firstRow, lastRow] of spans(fresh, 1)) {
    ranges.push(toA1({ title, firstRow, lastRow, firstColumn: header.first, lastColumn: header.last }));
  }
  return ranges;
}

/** Gathers numbers into spans from first to last, with no more than `gap` between two in a span. */
export function spans(numbers: readonly number[], gap: number): [number, number][] {
  const found: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && number - last[1] <= gap) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/** The cells that were read of one tab, by row and column. */
export class ReadCells {
  readonly #rows = new Map<number, Map<number, CellValue>>();

  constructor(blocks: readonly Values[], title: string) {
    for (const block of blocks) if (block.title === title) this.#take(block);
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

  #take({ row, column, values }: Values): void {
    values.forEach((line, down) => {
      if (line.length === 0) return;
      const cells = this.#rows.get(row + down) ?? new Map<number, CellValue>();
      this.#rows.set(row + down, cells);
      line.forEach((value, right) => cells.set(column + right, value));
    });
  }
}

/** Whether our columns stand where we think; if not, nothing else that was read can be trusted. */
export function headerHolds(tab: TabState, cells: ReadCells): boolean {
  return samePositions(tab.header, mapHeader(cells.row(1), tab.columns));
}

/** What stands in the place of a row just now. */
export function inspect(placed: Placed, cells: ReadCells): Finding {
  const { header } = placed.tab;
  const key = cells.get(placed.at, header.key);
  if (key === placed.row.key) {
    const status = header.status === undefined ? '' : cells.get(placed.at, header.status);
    return {
      kind: 'ours',
      version: Number(cells.get(placed.at, header.version)) || 0,
      status: typeof status === 'string' && status !== '' ? status : undefined,
    };
  }
  if (!placed.isNew || key !== '') return { kind: 'moved' };
  const occupied = [...header.positions.values()].some((column) => cells.get(placed.at, column) !== '');
  return occupied ? { kind: 'occupied' } : { kind: 'free' };
}
