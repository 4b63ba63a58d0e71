import type { Cell, SheetRow } from '../schema/schema.ts';
import { estimateSize } from './cell-values.ts';
import { isOlder } from './recent-versions.ts';
import type { WriteResult } from './sheet-row.ts';

interface Waiter {
  resolve: (result: WriteResult) => void;
  reject: (error: Error) => void;
}

/** A row with everyone who waits for it to be written. */
export interface PendingRow {
  row: SheetRow;
  waiters: Waiter[];
}

/** Rows that wait for the next flush, one for each key, the newest values in it. In the order in which they came. */
export class PendingRows {
  readonly #rows = new Map<string, PendingRow>();

  get size(): number {
    return this.#rows.size;
  }

  /** All of them, as they would be written. */
  *rows(): Generator<SheetRow> {
    for (const { row } of this.#rows.values()) yield row;
  }

  /** Resolves when the flush with this row is settled. */
  add(row: SheetRow): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      const id = `${row.tab}\n${row.key}`;
      const waiting = this.#rows.get(id);
      const waiter = { resolve, reject };
      if (waiting === undefined) {
        this.#rows.set(id, { row, waiters: [waiter] });
        return;
      }
      waiting.waiters.push(waiter);
      waiting.row = mergeRows(waiting.row, row);
    });
  }

  /** Takes out the rows of one flush: those that have waited longest, up to both limits, one at least. */
  takeBatch({ maxRows, maxBytes }: { maxRows: number; maxBytes: number }): PendingRow[] {
    const taken: PendingRow[] = [];
    let bytes = 0;
    for (const [id, waiting] of this.#rows) {
      bytes += estimateSize(waiting.row);
      if (taken.length > 0 && (taken.length >= maxRows || bytes > maxBytes)) break;
      this.#rows.delete(id);
      taken.push(waiting);
    }
    return taken;
  }

  /** Lets everyone down who waits. */
  rejectAll(error: Error): void {
    for (const waiting of this.#rows.values()) settleRow(waiting, error);
    this.#rows.clear();
  }
}

/** Tells everyone who waits for a row what became of it. What they brought is in it, or newer values are. */
export function settleRow(waiting: PendingRow, result: WriteResult | Error): void {
  for (const waiter of waiting.waiters) {
    if (result instanceof Error) waiter.reject(result);
    else waiter.resolve(result);
  }
}

/** What two writes one after the other would leave: the newer's cells, and the older's where the newer has none. */
export function mergeRows(one: SheetRow, other: SheetRow): SheetRow {
  const [older, newer] = isOlder(other, one) ? [other, one] : [one, other];
  const cells: Record<string, Cell> = { ...older.cells };
  for (const [id, cell] of Object.entries(newer.cells)) if (cell !== null || !(id in cells)) cells[id] = cell;
  const cellsIfNew = { ...newer.cellsIfNew, ...older.cellsIfNew };
  return { ...newer, cells, cellsIfNew, requestedAt: newer.requestedAt ?? older.requestedAt };
}
