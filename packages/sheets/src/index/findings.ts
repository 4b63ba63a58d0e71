import type { RowLocation, TabState } from './tab-state.ts';

/** What should never be in our tabs, as far as it was read. */
export interface SheetFindings {
  /** Keys that stand in several rows. */
  duplicates: readonly { key: string; places: readonly RowLocation[] }[];
  /** Rows whose key cell holds something else than a key. */
  strangers: readonly RowLocation[];
  /** Tabs whose header names our columns twice. */
  repeatedHeaders: readonly string[];
}

/** What is in tabs as they were last read; `duplicates` as the index knows them. */
export function findingsIn(tabs: readonly TabState[], duplicates: SheetFindings['duplicates']): SheetFindings {
  return {
    duplicates,
    strangers: tabs.flatMap((tab) => [...tab.index.unexpected.keys()].map((at) => ({ tab, at }))),
    repeatedHeaders: tabs.filter(({ header }) => header.isRepeated).map(({ title }) => title),
  };
}
