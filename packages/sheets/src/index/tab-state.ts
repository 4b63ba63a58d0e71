import type { Column } from '../schema/schema.ts';
import type { HeaderMap } from './header-map.ts';
import type { KeyIndex } from './key-index.ts';

/** A tab of ours as we last saw it. */
export interface TabState {
  tab: string;
  period: string;
  sheetId: number;
  title: string;
  rowCount: number;
  columnCount: number;
  columns: readonly Column[];
  header: HeaderMap;
  index: KeyIndex;
}

/** A row of a tab. */
export interface RowLocation {
  tab: TabState;
  at: number;
}
