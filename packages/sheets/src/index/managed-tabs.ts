import type { SheetsRequest, Spreadsheet } from '../client/google-client.ts';
import { columnRequests, tabRequests } from '../format/tab-format.ts';
import type { SheetSchema } from '../schema/schema.ts';
import { createHeaderMap, newHeaderMap } from './header-map.ts';
import { KeyIndex } from './key-index.ts';
import { tagColumnRequests, tagHeaderRequests } from './layout-tags.ts';
import { sheetIdOf, tabFromSheetId, tabFromTitle, titleOf, type TabName } from './tab-ids.ts';
import type { TabState } from './tab-state.ts';

/** Rows that a tab begins with and grows by: blank cells count towards the spreadsheet's 10 million. */
export const rowStep = 1000;

type Sheet = NonNullable<Spreadsheet['sheets']>[number];
type SheetProperties = NonNullable<Sheet['properties']>;

/** What must be read of a spreadsheet to find our tabs in it. */
export const tabFields =
  'sheets(properties(sheetId,title,sheetType,gridProperties(rowCount,columnCount)),developerMetadata(metadataKey,metadataValue))';

/** Our tabs: those with an id that we gave or with our tag, else those that bear the title of a required tab. */
export function findManagedTabs(
  schema: SheetSchema,
  spreadsheet: Spreadsheet,
  required: readonly TabName[],
): TabState[] {
  const sheets = spreadsheet.sheets ?? [];
  const known = sheets.flatMap((sheet) => {
    const name = tabFromSheetId(schema.tabs, sheet.properties?.sheetId ?? -1);
    return name === undefined ? [] : [createTabState(schema, name, sheet.properties)];
  });
  // A copy that the user made of a tagged tab carries the tag as well, with the sheet id of the one that it was made of.
  const tagged = sheets
    .map((sheet) => ({ sheet, tag: tagOf(schema, sheet) }))
    .toSorted((a, b) => Number(isOwnTag(b)) - Number(isOwnTag(a)))
    .map(({ sheet, tag }) => ({ sheet, name: tabFromTitle(schema.tabs, tag?.split('#')[0] ?? '') }));
  const titled = required.map((name) => ({
    name,
    sheet: sheets.find(({ properties }) => properties?.title === titleOf(name)),
  }));
  for (const { sheet, name } of [...tagged, ...titled]) {
    if (sheet === undefined || name === undefined || known.some((state) => isSameTab(state, name))) continue;
    known.push(createTabState(schema, name, sheet.properties));
  }
  return known;
}

/** Tags the tabs among these that the user made, so that they are found under another title too: their id is not ours. */
export function tagRequests(
  schema: SheetSchema,
  spreadsheet: Spreadsheet,
  states: readonly TabState[],
): SheetsRequest[] {
  const tagged = new Set(
    (spreadsheet.sheets ?? [])
      .filter((sheet) => tagOf(schema, sheet) !== undefined)
      .map((sheet) => sheet.properties?.sheetId),
  );
  return states
    .filter(({ sheetId }) => tabFromSheetId(schema.tabs, sheetId) === undefined && !tagged.has(sheetId))
    .map((state) => ({
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: tagKey(schema),
          metadataValue: `${titleOf(state)}#${String(state.sheetId)}`,
          location: { sheetId: state.sheetId },
          visibility: 'DOCUMENT',
        },
      },
    }));
}

function tagKey({ namespace }: SheetSchema): string {
  return `${namespace}-tab`;
}

function tagOf(schema: SheetSchema, { developerMetadata = [] }: Sheet): string | undefined {
  const tag = developerMetadata.find((metadata) => metadata.metadataKey === tagKey(schema));
  return tag?.metadataValue ?? undefined;
}

function isOwnTag({ sheet, tag }: { sheet: Sheet; tag: string | undefined }): boolean {
  return tag?.split('#')[1] === String(sheet.properties?.sheetId ?? 0);
}

export function isSameTab(state: TabName, name: TabName): boolean {
  return state.tab === name.tab && state.period === name.period;
}

/** A tab that is about to be created: exactly our columns. */
export function newTabState(schema: SheetSchema, name: TabName): TabState {
  const columns = schema.tabs[name.tab]?.columns ?? [];
  const gridProperties = { rowCount: rowStep, columnCount: columns.length };
  const sheetId = sheetIdOf(schema.tabs, name);
  const state = createTabState(schema, name, { sheetId, title: titleOf(name), gridProperties });
  state.header = newHeaderMap(columns);
  return state;
}

/** Creates the tab with its formats. */
export function newTabRequests(schema: SheetSchema, state: TabState, decimals: number): SheetsRequest[] {
  const { sheetId, columns } = state;
  return [
    addSheet(state),
    ...columnRequests(schema, columns, { sheetId, at: 0, decimals, headerRow: 1 }),
    ...tabRequests(sheetId, columns),
    ...tagColumnRequests(schema, sheetId, state.header.positions),
    ...tagHeaderRequests(schema, sheetId, 1, false),
  ];
}

/** Creates the tab with its header and nothing else. */
export function plainTabRequests(state: TabState): SheetsRequest[] {
  const values = state.columns.map((column) => ({ userEnteredValue: { stringValue: column.header } }));
  const start = { sheetId: state.sheetId, rowIndex: 0, columnIndex: 0 };
  return [addSheet(state), { updateCells: { start, rows: [{ values }], fields: 'userEnteredValue' } }];
}

function addSheet({ sheetId, title, rowCount, columnCount }: TabState): SheetsRequest {
  const gridProperties = { rowCount, columnCount, frozenRowCount: 1, frozenColumnCount: 1 };
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Cells of a spreadsheet as it was read, with our tabs as they are by now. */
export function countCells(spreadsheet: Spreadsheet, ours: readonly TabState[]): number {
  const ids = new Set(ours.map(({ sheetId }) => sheetId));
  const others = (spreadsheet.sheets ?? []).filter(({ properties }) => !ids.has(properties?.sheetId ?? -1));
  const sizes = [...others.map(({ properties }) => properties?.gridProperties ?? {}), ...ours];
  return sizes.reduce((sum, { rowCount, columnCount }) => sum + (rowCount ?? 0) * (columnCount ?? 0), 0);
}

function createTabState(schema: SheetSchema, name: TabName, sheet: SheetProperties = {}): TabState {
  const columns = schema.tabs[name.tab]?.columns ?? [];
  return {
    ...name,
    sheetId: sheet.sheetId ?? 0,
    title: sheet.title ?? '',
    rowCount: sheet.gridProperties?.rowCount ?? 0,
    columnCount: sheet.gridProperties?.columnCount ?? 0,
    columns,
    header: createHeaderMap(columns, new Map(), { row: 1, texts: [] }),
    index: new KeyIndex(schema.isKey),
  };
}
