import {
  toA1,
  type DerivedTabs,
  type DerivedTabsState,
  type SheetsRequest,
  type Spreadsheet,
  type TabState,
  type ValueBlock,
} from '@shopee-webhook/sheets';
import type { Tab } from './columns.ts';
import { costsFormulas, costsFormat, costsMoneyFormats, costsSheetId, newCostsTab } from './costs-tab.ts';
import { noItems, noOrders } from './summary-formulas.ts';
import {
  newSummaryTab,
  summaryFormat,
  summaryFormulas,
  summaryMoneyFormats,
  summarySheetId,
  summaryTables,
} from './summary-tab.ts';

/** Summary and Costs, kept up with the tabs of orders and lines. */
export const summaryTabs: DerivedTabs = {
  probeRanges: summaryProbeRanges,
  needsRecalculation,
  requests: summaryRequests,
};

/** The first cells of the tables per day and of SKUs, as ranges to read; none while Summary is not there as we made it. */
function summaryProbeRanges(spreadsheet: Spreadsheet): string[] {
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

/** Whether Summary shows nothing although there are rows: its formulas lost a column or a tab meanwhile. */
function needsRecalculation(tabs: readonly TabState[], shown: readonly ValueBlock[]): boolean {
  const shows = (text: string) => shown.some(({ values }) => values[0]?.[0] === text);
  const has = (kind: Tab) => tabs.some(({ tab, index }) => tab === kind && index.size > 0);
  return (shows(noOrders) && has('Orders')) || (shows(noItems) && has('Items'));
}

/** What is missing of the tabs Summary and Costs; nothing when both are there and show every tab of orders, all decimals too. */
function summaryRequests({
  spreadsheet,
  tabs,
  created,
  decimals,
  isFiner,
  isOutdated,
}: DerivedTabsState): SheetsRequest[] {
  const sheets = (spreadsheet.sheets ?? []).map(({ properties }) => properties ?? {});
  const titles = [...sheets, ...created].map(({ title }) => title ?? '');
  const summary = sheets.find(({ sheetId }) => sheetId === summarySheetId);
  const costs = sheets.find(({ sheetId }) => sheetId === costsSheetId);
  const costsTitle = costs?.title ?? freeTitle(titles, 'Costs');
  const orders = tabs.filter(({ tab }) => tab === 'Orders');
  const items = tabs.filter(({ tab }) => tab === 'Items');
  const changed = isOutdated || created.some(({ tab }) => tab === 'Orders' || tab === 'Items');
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
