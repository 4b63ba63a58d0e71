import { bystanders, headerHolds, headerRange, keyRanges, type Placed } from './guard.ts';
import type { ReadCells } from './read-cells.ts';
import type { TabState } from './tab-state.ts';

/**
 * What the keys in and around the rows of one write must be, if nobody moved anything between the guard and the write:
 * Sheets has no compare-and-set, so it is looked at again afterwards.
 */
export class Checkpoint {
  readonly placed: readonly Placed[];
  readonly #expected = new Map<number, Map<number, string>>();

  /**
   * `cellsOf` is what the guard read right before the write. Of a write whose outcome is unknown the new rows may be
   * there or not, so nothing is expected of them.
   */
  constructor(placed: readonly Placed[], cellsOf: ReadonlyMap<TabState, ReadCells>, outcome: 'written' | 'unknown') {
    this.placed = placed;
    for (const [tab, ones] of Map.groupBy(placed, (one) => one.tab)) {
      const expected = new Map<number, string>();
      const cells = cellsOf.get(tab);
      for (const row of bystanders(tab, ones)) {
        const key = cells?.get(row, tab.header.key) ?? '';
        if (key !== '') expected.set(row, String(key));
      }
      for (const { row, at, isNew } of ones) {
        if (outcome === 'written' || !isNew) expected.set(at, row.key);
        else expected.delete(at);
      }
      this.#expected.set(tab.sheetId, expected);
    }
  }

  /** The tabs that must be read. */
  get sheetIds(): number[] {
    return [...this.#expected.keys()];
  }

  rowsOf(sheetId: number): Iterable<number> {
    return this.#expected.get(sheetId)?.keys() ?? [];
  }

  /** Everything to read when there is no guard that reads it anyway. */
  ranges(tabs: readonly TabState[]): string[] {
    return tabs.flatMap((tab) => [headerRange(tab), ...keyRanges(tab, this.rowsOf(tab.sheetId))]);
  }

  /** `columns` when our columns moved, `rows` when a key is not where it was. */
  check(cellsOf: ReadonlyMap<TabState, ReadCells>): 'holds' | 'columns' | 'rows' {
    for (const [tab, cells] of cellsOf) {
      if (!this.#expected.has(tab.sheetId)) continue;
      if (!headerHolds(tab, cells)) return 'columns';
      for (const [row, key] of this.#expected.get(tab.sheetId) ?? []) {
        if (String(cells.get(row, tab.header.key)) !== key) return 'rows';
      }
    }
    return 'holds';
  }
}
