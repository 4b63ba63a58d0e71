import { headerMatches, type HeaderMap } from '../index/header-map.ts';
import { headerRange } from '../index/ranges.ts';
import { keyRanges, neighborRows } from '../rows/preflight.ts';
import type { ReadCells } from '../client/read-cells.ts';
import type { TabState } from '../index/tab-state.ts';
import type { WrittenRow } from '../rows/row-values.ts';

/**
 * What the keys in and around the rows of one write must be, if nobody moved anything between the guard and the write:
 * Sheets has no compare-and-set, so it is looked at again afterwards.
 */
export class WriteExpectation {
  readonly rows: readonly WrittenRow[];
  readonly #expected = new Map<number, Map<number, string>>();
  readonly #isViolated: boolean;
  /** Where the columns were taken to be, by sheet id. */
  readonly #headers = new Map<number, HeaderMap>();

  /**
   * `cellsOf` is what the guard read right before the write. Of a write whose outcome is unknown the new rows may be
   * there or not, so nothing is expected of them. What is known to be `broken` never holds.
   */
  constructor(
    rows: readonly WrittenRow[],
    cellsOf: ReadonlyMap<TabState, ReadCells>,
    outcome: 'written' | 'unknown' | 'broken' = 'written',
  ) {
    this.rows = rows;
    this.#isViolated = outcome === 'broken';
    for (const [tab, ones] of Map.groupBy(rows, (one) => one.tab)) {
      const expected = new Map<number, string>();
      const cells = cellsOf.get(tab);
      for (const row of neighborRows(tab, ones)) {
        const key = cells?.get(row, tab.header.key) ?? '';
        if (key !== '') expected.set(row, String(key));
      }
      for (const { key, at, isNew } of ones) {
        if (outcome === 'written' || !isNew) expected.set(at, key);
        else expected.delete(at);
      }
      this.#expected.set(tab.sheetId, expected);
      this.#headers.set(tab.sheetId, tab.header);
    }
  }

  /** The tabs that must be read. */
  get sheetIds(): number[] {
    return [...this.#expected.keys()];
  }

  rowsIn(sheetId: number): Iterable<number> {
    return this.#expected.get(sheetId)?.keys() ?? [];
  }

  /** Everything to read when there is no guard that reads it anyway. */
  ranges(tabs: readonly TabState[]): string[] {
    return tabs.flatMap((tab) => [headerRange(tab), ...keyRanges(tab, this.rowsIn(tab.sheetId))]);
  }

  /** Whether our columns and the keys are where they should be. */
  matches(cellsOf: ReadonlyMap<TabState, ReadCells>): boolean {
    if (this.#isViolated) return false;
    return this.sheetIds.every((sheetId) => {
      const [tab, cells] = [...cellsOf].find(([tab]) => tab.sheetId === sheetId) ?? [];
      const header = this.#headers.get(sheetId);
      if (tab === undefined || cells === undefined || header === undefined) return false;
      const expected = [...(this.#expected.get(sheetId) ?? [])];
      return headerMatches(header, cells) && expected.every(([row, key]) => String(cells.get(row, header.key)) === key);
    });
  }
}
