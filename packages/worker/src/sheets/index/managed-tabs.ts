import { columnsOf } from '../../report/columns.ts';
import type { SheetsRequest, Spreadsheet } from '../client/google-client.ts';
import { mapHeader } from './header-map.ts';
import { KeyIndex } from './key-index.ts';
import { sheetIdOf, tabFromSheetId, tabFromTitle, titleOf, type TabName } from './tab-ids.ts';
import { columnRequests, tabRequests } from '../format/tab-format.ts';
import type { TabState } from './tab-state.ts';

/** Rows that a tab begins with and grows by: blank cells count towards the spreadsheet's 10 million. */
export const rowStep = 1000;

type Sheet = NonNullable<Spreadsheet['sheets']>[number];
type SheetProperties = NonNullable<Sheet['properties']>;

/** What must be read of a spreadsheet to find our tabs in it. */
export const tabFields =
  'sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),developerMetadata(metadataKey,metadataValue))';

/** A tab that the user made and that we write to carries it, for its id is not of our choice: it may be renamed too. */
const metadataKey = 'shopee-webhook-tab';

/** Our tabs: those with an id that we gave or with our mark, else those that bear the title of a tab that is wanted. */
export function findManagedTabs(spreadsheet: Spreadsheet, wanted: readonly TabName[]): TabState[] {
  const sheets = spreadsheet.sheets ?? [];
  const known = sheets.flatMap((sheet) => toTabStates(tabFromSheetId(sheet.properties?.sheetId ?? -1), sheet));
  // A copy that the user made of a marked tab may carry the mark as well: it is his, the first one is ours.
  const marked = sheets.map((sheet) => ({ sheet, name: tabFromTitle(tagOf(sheet) ?? '') }));
  const titled = wanted.map((name) => ({
    name,
    sheet: sheets.find(({ properties }) => properties?.title === titleOf(name)),
  }));
  for (const { sheet, name } of [...marked, ...titled]) {
    const isTaken = name === undefined || known.some((state) => isSameTab(state, name));
    if (!isTaken && sheet !== undefined) known.push(...toTabStates(name, sheet));
  }
  return known;
}

/** Marks the tabs among these that the user made, so that they are found by another title too. */
export function tagRequests(spreadsheet: Spreadsheet, states: readonly TabState[]): SheetsRequest[] {
  const marked = new Set(
    (spreadsheet.sheets ?? []).filter((sheet) => tagOf(sheet) !== undefined).map((sheet) => sheet.properties?.sheetId),
  );
  return states
    .filter(({ sheetId }) => tabFromSheetId(sheetId) === undefined && !marked.has(sheetId))
    .map((state) => ({
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: metadataKey,
          metadataValue: titleOf(state),
          location: { sheetId: state.sheetId },
          visibility: 'DOCUMENT',
        },
      },
    }));
}

function tagOf({ developerMetadata = [] }: Sheet): string | undefined {
  return developerMetadata.find(({ metadataKey }) => metadataKey === metadataKey)?.metadataValue ?? undefined;
}

function toTabStates(name: TabName | undefined, { properties = {} }: Sheet): TabState[] {
  return name === undefined ? [] : [createTabState(name, properties)];
}

export function isSameTab(state: TabName, name: TabName): boolean {
  return state.tab === name.tab && state.period === name.period;
}

/** A tab that is about to be made: exactly our columns. */
export function newTabState(name: TabName): TabState {
  const columns = columnsOf[name.tab];
  const gridProperties = { rowCount: rowStep, columnCount: columns.length };
  const state = createTabState(name, { sheetId: sheetIdOf(name), title: titleOf(name), gridProperties });
  state.header = mapHeader(
    columns.map((column) => column.header),
    columns,
  );
  return state;
}

/** Makes the tab with everything that it looks like. */
export function newTabRequests(state: TabState, decimals: number): SheetsRequest[] {
  const { sheetId, columnCount, columns } = state;
  return [
    addSheet(state),
    ...columnRequests(sheetId, columns, { at: 0, decimals }),
    ...tabRequests(sheetId, columnCount),
  ];
}

/** Makes the tab with its header and nothing else. */
export function plainTabRequests(state: TabState): SheetsRequest[] {
  const values = state.columns.map((column) => ({ userEnteredValue: { stringValue: column.header } }));
  const start = { sheetId: state.sheetId, rowIndex: 0, columnIndex: 0 };
  return [addSheet(state), { updateCells: { start, rows: [{ values }], fields: 'userEnteredValue' } }];
}

function addSheet({ sheetId, title, rowCount, columnCount }: TabState): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties: { rowCount, columnCount, frozenRowCount: 1 } } } };
}

/** Cells of a spreadsheet as it was read, with our tabs as they are by now. */
export function countCells(spreadsheet: Spreadsheet, ours: readonly TabState[]): number {
  const ids = new Set(ours.map(({ sheetId }) => sheetId));
  const others = (spreadsheet.sheets ?? []).filter(({ properties }) => !ids.has(properties?.sheetId ?? -1));
  const sizes = [...others.map(({ properties }) => properties?.gridProperties ?? {}), ...ours];
  return sizes.reduce((sum, { rowCount, columnCount }) => sum + (rowCount ?? 0) * (columnCount ?? 0), 0);
}

function createTabState(name: TabName, sheet: SheetProperties): TabState {
  const columns = columnsOf[name.tab];
  return {
    ...name,
    sheetId: sheet.sheetId ?? 0,
    title: sheet.title ?? '',
    rowCount: sheet.gridProperties?.rowCount ?? 0,
    columnCount: sheet.gridProperties?.columnCount ?? 0,
    columns,
    header: mapHeader([], columns),
    index: new KeyIndex(),
  };
}
