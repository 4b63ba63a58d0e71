import type { SheetsRequest, Spreadsheet, ValueBlock } from '../client/google-client.ts';
import type { TabState } from './tab-state.ts';

export interface DerivedTabsState {
  /** As it was read before anything was created. */
  spreadsheet: Spreadsheet;
  /** All of ours, the created ones included. */
  tabs: readonly TabState[];
  created: readonly TabState[];
  decimals: number;
  /** More decimals than amounts have had so far. */
  isFiner: boolean;
  /** Formulas refer to columns or tabs that do not exist any more. */
  isOutdated: boolean;
}

/** Tabs without rows of ours that are computed from those that have some. */
export interface DerivedTabs {
  /** Cells to read along with the keys, for `needsRecalculation`. */
  probeRanges: (spreadsheet: Spreadsheet) => string[];
  /** Whether they show nothing although there are rows: their formulas lost a column or a tab meanwhile. */
  needsRecalculation: (tabs: readonly TabState[], shown: readonly ValueBlock[]) => boolean;
  /** What is missing of them; none when they are complete. */
  requests: (state: DerivedTabsState) => SheetsRequest[];
}
