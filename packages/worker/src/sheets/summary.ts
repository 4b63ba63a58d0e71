import { costsFormulas, costsLook, newCostsTab } from './costs-tab.ts';
import type { SheetsRequest, Spreadsheet } from './google-client.ts';
import { newSummaryTab, summaryFormulas, summaryLook } from './summary-tab.ts';
import { costsSheetId, summarySheetId } from './tab-ids.ts';
import type { TabState } from './tab-state.ts';

export interface SummaryNeeds {
  /** As it was read before anything was made. */
  spreadsheet: Spreadsheet;
  /** Our tabs, those that were made just now among them. */
  tabs: readonly TabState[];
  made: readonly TabState[];
  decimals: number;
}

/** What is missing of the tabs Summary and Costs; nothing when both are there and show every tab of orders. */
export function summaryUpkeep({ spreadsheet, tabs, made, decimals }: SummaryNeeds): SheetsRequest[] {
  const sheets = (spreadsheet.sheets ?? []).map(({ properties }) => properties ?? {});
  const titles = [...sheets, ...made].map(({ title }) => title ?? '');
  const summary = sheets.find(({ sheetId }) => sheetId === summarySheetId);
  const costs = sheets.find(({ sheetId }) => sheetId === costsSheetId);
  const costsTitle = costs?.title ?? freeTitle(titles, 'Costs');
  const orders = tabs.filter(({ tab }) => tab === 'Orders');
  const items = tabs.filter(({ tab }) => tab === 'Items');
  const changed = made.some(({ tab }) => tab !== 'Returns');
  if (summary !== undefined && costs !== undefined && !changed) return [];
  const sources = { orders, items, costsTitle };
  return [
    // Both before any formula: they name each other.
    ...(summary === undefined ? [newSummaryTab(freeTitle(titles, 'Summary'))] : []),
    ...(costs === undefined ? [newCostsTab(costsTitle)] : []),
    ...(summary === undefined ? summaryLook(decimals) : []),
    ...(costs === undefined ? costsLook(decimals) : []),
    ...summaryFormulas(sources),
    ...costsFormulas(sources),
  ];
}

/** The title, or one like it when the user has a tab of that name. */
function freeTitle(titles: readonly string[], title: string): string {
  return titles.includes(title) ? `${title} (shopee)` : title;
}
