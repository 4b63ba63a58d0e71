import {
  toA1,
  type DerivedTabs,
  type DerivedTabsState,
  type SheetsRequest,
  type Spreadsheet,
  type TabState,
  type ValueBlock,
} from '@shopee-webhook/sheets';
import { costsFormat, costsFormulas, costsMoneyFormats, costsSheetId, costsUpgrade, newCostsTab } from './costs-tab.ts';
import { dataSheetId, SummaryData } from './summary-data.ts';
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

/** Summary's figures of the period, as ranges to read; none while the tab is not there as we made it. */
function summaryProbeRanges(spreadsheet: Spreadsheet): string[] {
  const summary = (spreadsheet.sheets ?? []).find(
    ({ properties }) => properties?.sheetId === summarySheetId,
  )?.properties;
  const { rowCount, columnCount } = summary?.gridProperties ?? {};
  const row = summaryTables.figures.headings + 2;
  const lastColumn = 12;
  if ((rowCount ?? 0) < row || (columnCount ?? 0) <= lastColumn) return [];
  const title = summary?.title ?? '';
  return [toA1({ title, firstRow: row, lastRow: row, firstColumn: 1, lastColumn })];
}

/** Whether a figure shows an error: its formula lost a column or a tab meanwhile. */
function needsRecalculation(_tabs: readonly TabState[], shown: readonly ValueBlock[]): boolean {
  return shown.some(({ values }) => values.flat().some((cell) => String(cell).startsWith('#')));
}

/** What is missing of Summary, Costs and their data; nothing when they are there and count every tab of orders, all decimals too. */
function summaryRequests(state: DerivedTabsState): SheetsRequest[] {
  const { spreadsheet, tabs, created, decimals, isFiner, isOutdated } = state;
  const sheets = (spreadsheet.sheets ?? []).map(({ properties }) => properties ?? {});
  const titles = [...sheets, ...created].map(({ title }) => title ?? '');
  const find = (id: number) => sheets.find(({ sheetId }) => sheetId === id);
  const [data, summary, costs] = [find(dataSheetId), find(summarySheetId), find(costsSheetId)];
  const source = new SummaryData({
    orders: tabs.filter(({ tab }) => tab === 'Orders'),
    items: tabs.filter(({ tab }) => tab === 'Items'),
    summaryTitle: summary?.title ?? freeTitle(titles, 'Summary'),
    costsTitle: costs?.title ?? freeTitle(titles, 'Costs'),
    dataTitle: data?.title ?? freeTitle(titles, 'Summary data'),
  });
  const changed = isOutdated || created.some(({ tab }) => tab === 'Orders' || tab === 'Items');
  const finer = [
    ...(isFiner && summary !== undefined ? summaryMoneyFormats(decimals) : []),
    ...(isFiner && costs !== undefined ? costsMoneyFormats(decimals) : []),
  ];
  if (data !== undefined && summary !== undefined && costs !== undefined && !changed) return finer;
  // An older version's tabs had no data: its Summary is made again, and its Costs gets the columns that came later.
  const isOlder = data === undefined;
  const isNewSummary = summary === undefined || isOlder;
  return [
    ...(summary !== undefined && isOlder ? [{ deleteSheet: { sheetId: summarySheetId } }] : []),
    // All before any formula: they name each other.
    ...(isNewSummary ? [newSummaryTab(source.inputs.summaryTitle)] : []),
    ...(costs === undefined ? [newCostsTab(source.inputs.costsTitle)] : []),
    ...(costs !== undefined && isOlder ? costsUpgrade() : []),
    ...(isOlder ? [source.newTab()] : source.wider(data)),
    ...(isNewSummary ? summaryFormat(decimals, source) : []),
    ...(costs === undefined || isOlder ? costsFormat(decimals) : []),
    ...(isNewSummary ? [] : finer),
    ...source.requests(),
    ...summaryFormulas(source),
    ...costsFormulas(source),
  ];
}

/** The title, or one like it when the user has a tab of that name. */
function freeTitle(titles: readonly string[], title: string): string {
  return titles.includes(title) ? `${title} (shopee)` : title;
}
