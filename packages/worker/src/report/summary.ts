import type { Tab } from './columns.ts';
import { toA1 } from '../sheets/client/a1.ts';
import { costsFormulas, costsFormat, costsMoneyFormats, newCostsTab } from './costs-tab.ts';
import type { SheetsRequest, Spreadsheet, ValueBlock } from '../sheets/client/google-client.ts';
import { noItems, noOrders } from './summary-formulas.ts';
import { newSummaryTab, summaryFormulas, summaryFormat, summaryMoneyFormats, summaryTables } from './summary-tab.ts';
import { costsSheetId, summarySheetId } from '../sheets/index/tab-ids.ts';
import type { TabState } from '../sheets/index/tab-state.ts';

export interface SummaryState {
  /** As it was read before anything was made. */
  spreadsheet: Spreadsheet;
  /** Our tabs, those that were made just now among them. */
  tabs: readonly TabState[];
  created: readonly TabState[];
  decimals: number;
  /** More decimals than amounts have had so far. */
  isFiner: boolean;
  /** The formulas name columns or tabs that are not there any more. */
  isOutdated: boolean;
}

/** The first cells of the tables per day and of SKUs, as ranges to read; none while Summary is not there as we made it. */
export function summaryProbeRanges(spreadsheet: Spreadsheet): string[] {
  const summary = (spreadsheet.sheets ?? []).find(
    ({ properties }) => properties?.sheetId === summarySheetId,
  )?.properties;
  const { rowCount, columnCount } = summary?.gridProperties ?? {};
  const { headings, perDay, topSkus } = summaryTables;
  const row = headings + 2;
  if ((rowCount ?? 0) < row || (columnCount ?? 0) <= topSkus) return [];
  const title = summary?.title ?? '';
  return [perDay, topSkus].map((at) => toA1({ title, firstRow: row, lastRow: row, firstColumn: at, lastColumn: at }));
}

/** Whether Summary shows nothing although there are rows: its formulas lost a column or a tab while nobody looked. */
export function needsRecalculation(tabs: readonly TabState[], shown: readonly ValueBlock[]): boolean {
  const says = (words: string) => shown.some(({ values }) => values[0]?.[0] === words);
  const has = (kind: Tab) => tabs.some(({ tab, index }) => tab === kind && index.size > 0);
  return (says(noOrders) && has('Orders')) || (says(noItems) && has('Items'));
}

/** What is missing of the tabs Summary and Costs; nothing when both are there and show every tab of orders, all decimals too. */
export function summaryRequests({
  spreadsheet,
  tabs,
  created,
  decimals,
  isFiner,
  isOutdated,
}: SummaryState): SheetsRequest[] {
  const sheets = (spreadsheet.sheets ?? []).map(({ properties }) => properties ?? {});
  const titles = [...sheets, ...created].map(({ title }) => title ?? '');
  const summary = sheets.find(({ sheetId }) => sheetId === summarySheetId);
  const costs = sheets.find(({ sheetId }) => sheetId === costsSheetId);
  const costsTitle = costs?.title ?? freeTitle(titles, 'Costs');
  const orders = tabs.filter(({ tab }) => tab === 'Orders');
  const items = tabs.filter(({ tab }) => tab === 'Items');
  const changed = isOutdated || created.some(({ tab }) => tab !== 'Returns');
  const finer = [
    ...(isFiner && summary !== undefined ? summaryMoneyFormats(decimals) : []),
    ...(isFiner && costs !== undefined ? costsMoneyFormats(decimals) : []),
  ];
  if (summary !== undefined && costs !== undefined && !changed) return finer;
  const sources = { orders, items, costsTitle };
  return [
    // Both before any formula: they name each other.
    ...(summary === undefined ? [newSummaryTab(freeTitle(titles, 'Summary'))] : []),
    ...(costs === undefined ? [newCostsTab(costsTitle)] : []),
    ...(summary === undefined ? summaryFormat(decimals) : []),
    ...(costs === undefined ? costsFormat(decimals) : []),
    ...finer,
    ...summaryFormulas(sources),
    ...costsFormulas(sources),
  ];
}

/** The title, or one like it when the user has a tab of that name. */
function freeTitle(titles: readonly string[], title: string): string {
  return titles.includes(title) ? `${title} (shopee)` : title;
}
