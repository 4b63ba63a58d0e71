import { versionColumnId, type Column, type Tab } from '../report/columns.ts';
import { toA1 } from '../sheets/client/a1.ts';
import type { CellValue, GoogleClient, SpreadsheetClient } from '../sheets/client/google-client.ts';
import { headerRange } from '../sheets/writer/preflight.ts';
import { mapHeader } from '../sheets/index/header-map.ts';
import { KeyIndex } from '../sheets/index/key-index.ts';
import { tabFields, findManagedTabs } from '../sheets/index/managed-tabs.ts';
import type { TabName } from '../sheets/index/tab-ids.ts';
import type { TabState } from '../sheets/index/tab-state.ts';

/** Which row to find. */
export interface RowQuery {
  tab: Tab;
  key: string;
}

/** A row as it is in the sheet. */
export interface FoundRow extends RowQuery {
  /** From 1. */
  row: number;
  sheetId: number;
  version: number;
  columns: readonly Column[];
  /** By column id; a blank cell is `''`, a date its serial number. */
  cells: Readonly<Record<string, CellValue>>;
}

const fields = `properties.timeZone,${tabFields}`;

/** Finds rows in a spreadsheet for display, without changing or caching anything: at most four read requests. */
export async function findRows(
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
  queries: readonly RowQuery[],
): Promise<{ timeZone: string; rows: FoundRow[] }> {
  const client = google.open(spreadsheetId);
  const spreadsheet = await client.getSpreadsheet(fields);
  const timeZone = spreadsheet.properties?.timeZone ?? 'Etc/UTC';
  const names = [...new Set(queries.map(({ tab }) => tab))].map((tab): TabName => ({ tab, period: '' }));
  const tabs = findManagedTabs(spreadsheet, names).filter(({ tab }) => names.some((name) => name.tab === tab));
  await readHeaders(client, tabs);
  const usable = tabs.filter(({ header, rowCount }) => header.key >= 0 && rowCount > 1);
  await readKeys(client, usable);
  const positions = queries.flatMap(({ tab, key }) => locateRow(usable, { tab, key }));
  return { timeZone, rows: await readRows(client, positions) };
}

interface RowPosition extends RowQuery {
  state: TabState;
  row: number;
}

function locateRow(tabs: readonly TabState[], { tab, key }: RowQuery): RowPosition[] {
  for (const state of tabs) {
    const row = state.tab === tab ? state.index.get(key) : undefined;
    if (row !== undefined) return [{ tab, key, state, row }];
  }
  return [];
}

/** Reads the column positions of these tabs. */
export async function readHeaders(client: SpreadsheetClient, tabs: readonly TabState[]): Promise<void> {
  if (tabs.length === 0) return;
  const blocks = await client.readRanges(tabs.map(headerRange));
  for (const state of tabs) {
    const cells = blocks.find(({ title }) => title === state.title)?.values[0] ?? [];
    state.header = mapHeader(cells, state.columns);
  }
}

async function readKeys(client: SpreadsheetClient, tabs: readonly TabState[]): Promise<void> {
  if (tabs.length === 0) return;
  const ranges = tabs.map(({ title, header }) =>
    toA1({ title, firstRow: 2, firstColumn: header.key, lastColumn: header.key }),
  );
  const blocks = await client.readRanges(ranges, 'COLUMNS');
  for (const state of tabs) {
    const block = blocks.find(({ title }) => title === state.title);
    state.index = new KeyIndex();
    state.index.extend(block?.row ?? 2, block?.values[0] ?? []);
  }
}

async function readRows(client: SpreadsheetClient, places: readonly RowPosition[]): Promise<FoundRow[]> {
  if (places.length === 0) return [];
  const ranges = places.map(({ state, row }) =>
    toA1({
      title: state.title,
      firstRow: row,
      lastRow: row,
      firstColumn: 0,
      lastColumn: Math.max(0, state.columnCount - 1),
    }),
  );
  const blocks = await client.readRanges(ranges);
  return places.map(({ tab, key, state, row }) => {
    const values = blocks.find((block) => block.title === state.title && block.row === row)?.values[0] ?? [];
    const cells = Object.fromEntries(
      [...state.header.positions].map(([id, position]) => [id, values[position] ?? ''] as const),
    );
    const { columns, sheetId } = state;
    return { tab, key, row, sheetId, columns, cells, version: Number(cells[versionColumnId] ?? 0) };
  });
}
