import { toA1 } from '../client/a1.ts';
import type { CellValue, GoogleClient, SpreadsheetClient, ValueBlock } from '../client/google-client.ts';
import { ReadCells } from '../client/read-cells.ts';
import { locateColumns } from '../index/locate-columns.ts';
import { findManagedTabs, tabFields } from '../index/managed-tabs.ts';
import type { TabState } from '../index/tab-state.ts';
import { wholeRowRange } from '../repair/misplaced-rows.ts';
import { keyColumnId, versionColumnId, type Column, type SheetSchema } from '../schema/schema.ts';
import { fillIndexFromColumn, keyRange } from '../index/ranges.ts';

/** What the sheet has of one key. */
export interface SheetEntry {
  /** 0 when the cell was cleared. */
  version: number;
  status: string;
  sheetId: number;
  /** From 1. */
  row: number;
  /** Cells of the requested columns by id; a blank cell is `''`, a date its serial number. */
  cells: Readonly<Record<string, CellValue>>;
}

export interface RowQuery {
  tab: string;
  key: string;
}

/** A row as it stands in the sheet just now, with all columns of ours in `cells`. */
export interface FoundRow extends RowQuery, Omit<SheetEntry, 'status'> {
  columns: readonly Column[];
}

/** Reads rows by their keys, for those who compare the sheet with its source. */
export interface RowReader {
  readEntries: (spreadsheetId: string, tab: string, columnIds?: readonly string[]) => Promise<Map<string, SheetEntry>>;
  findRows: (spreadsheetId: string, queries: readonly RowQuery[]) => Promise<{ timeZone: string; rows: FoundRow[] }>;
}

/** Reads what stands in our tabs: nothing is cached, nothing is written. Every method throws GoogleError only. */
export class SheetReader implements RowReader {
  readonly #google: Pick<GoogleClient, 'open'>;
  readonly #schema: SheetSchema;

  constructor(google: Pick<GoogleClient, 'open'>, schema: SheetSchema) {
    this.#google = google;
    this.#schema = schema;
  }

  /** Every key of a tab, over all its periods: four requests, whatever the sheet's size. */
  async readEntries(
    spreadsheetId: string,
    tab: string,
    columnIds: readonly string[] = [],
  ): Promise<Map<string, SheetEntry>> {
    const client = this.#google.open(spreadsheetId);
    const { tabs } = await this.#openTabs(client, [tab]);
    const entries = new Map<string, SheetEntry>();
    for (const state of tabs) {
      const { key, version, status = -1, positions } = state.header;
      const requested = new Map(columnIds.map((id) => [id, positions.get(id) ?? -1]));
      const read = await readColumns(client, state, [key, version, status, ...requested.values()]);
      for (let row = 1; row <= read.lastRow; row += 1) {
        const entryKey = read.get(row, key);
        if (!state.index.isKey(entryKey)) continue;
        const entryVersion = Number(read.get(row, version)) || 0;
        const known = entries.get(entryKey);
        if (known !== undefined && known.version >= entryVersion) continue;
        entries.set(entryKey, {
          version: entryVersion,
          status: String(read.get(row, status)),
          sheetId: state.sheetId,
          row,
          cells: Object.fromEntries([...requested].map(([id, column]) => [id, read.get(row, column)])),
        });
      }
    }
    return entries;
  }

  /** The zone (IANA) that the spreadsheet's dates are in. */
  async getTimeZone(spreadsheetId: string): Promise<string> {
    const { properties } = await this.#google.open(spreadsheetId).getSpreadsheet('properties.timeZone');
    return properties?.timeZone ?? 'Etc/UTC';
  }

  /** The rows of these keys that are in the sheet, with the zone that their dates are in: five requests at most. */
  async findRows(spreadsheetId: string, queries: readonly RowQuery[]): Promise<{ timeZone: string; rows: FoundRow[] }> {
    const client = this.#google.open(spreadsheetId);
    const { tabs, timeZone } = await this.#openTabs(client, [...new Set(queries.map(({ tab }) => tab))]);
    await readKeys(client, tabs);
    const found = queries.flatMap(({ tab, key }) => {
      const state = tabs.find((one) => one.tab === tab && one.index.get(key) !== undefined);
      const at = state?.index.get(key);
      return state === undefined || at === undefined ? [] : [{ key, tab: state, at }];
    });
    if (found.length === 0) return { timeZone, rows: [] };
    const blocks = await client.readRanges(found.map(wholeRowRange));
    return { timeZone, rows: found.map((one) => toFoundRow(one, blocks)) };
  }

  /** The tabs of these names that have a key column, with where their columns are. */
  async #openTabs(
    client: SpreadsheetClient,
    names: readonly string[],
  ): Promise<{ tabs: TabState[]; timeZone: string }> {
    const spreadsheet = await client.getSpreadsheet(`properties.timeZone,${tabFields}`);
    const required = names.map((tab) => ({ tab, period: '' }));
    const tabs = findManagedTabs(this.#schema, spreadsheet, required).filter(({ tab }) => names.includes(tab));
    await locateColumns(client, this.#schema, tabs);
    return {
      tabs: tabs.filter(({ header, rowCount }) => header.key >= 0 && rowCount > 1),
      timeZone: spreadsheet.properties?.timeZone ?? 'Etc/UTC',
    };
  }
}

/** Whole columns, which are too long for `ReadCells`. */
interface ReadColumns {
  lastRow: number;
  /** A blank cell is `''`, as is that of a column that was not read. */
  get: (row: number, column: number) => CellValue;
}

async function readColumns(
  client: SpreadsheetClient,
  { title, rowCount }: TabState,
  columns: readonly number[],
): Promise<ReadColumns> {
  const present = [...new Set(columns)].filter((column) => column >= 0);
  const ranges = present.map((column) =>
    toA1({ title, firstRow: 1, lastRow: rowCount, firstColumn: column, lastColumn: column }),
  );
  const blocks = (await client.readRanges(ranges, 'COLUMNS')).filter((block) => block.title === title);
  const byColumn = new Map(blocks.map(({ row, column, values }) => [column, { row, cells: values[0] ?? [] }]));
  return {
    lastRow: Math.max(0, ...[...byColumn.values()].map(({ row, cells }) => row + cells.length - 1)),
    get: (row, column) => {
      const block = byColumn.get(column);
      return block?.cells[row - block.row] ?? '';
    },
  };
}

async function readKeys(client: SpreadsheetClient, tabs: readonly TabState[]): Promise<void> {
  if (tabs.length === 0) return;
  const blocks = await client.readRanges(
    tabs.map((tab) => keyRange(tab, 1)),
    'COLUMNS',
  );
  for (const tab of tabs) fillIndexFromColumn(tab, blocks.find(({ title }) => title === tab.title)?.values[0] ?? []);
}

function toFoundRow(
  { key, tab, at }: { key: string; tab: TabState; at: number },
  blocks: readonly ValueBlock[],
): FoundRow {
  const read = new ReadCells(blocks, tab.title);
  const cells = Object.fromEntries(
    [...tab.header.positions].map(([id, position]) => [id, read.get(at, position)] as const),
  );
  const { tab: name, sheetId, columns } = tab;
  const version = Number(cells[versionColumnId] ?? 0);
  return { tab: name, key: String(cells[keyColumnId] ?? key), row: at, sheetId, columns, cells, version };
}
