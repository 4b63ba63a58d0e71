import { columnsOf, type Tab } from '../../report/columns.ts';
import { toA1 } from '../client/a1.ts';
import type { CellValue, GoogleClient, SpreadsheetClient } from '../client/google-client.ts';
import { mapHeader } from '../index/header-map.ts';
import { tabFields, findManagedTabs } from '../index/managed-tabs.ts';
import type { TabState } from '../index/tab-state.ts';

/** What the sheet has of one key. */
export interface SheetEntry {
  /** Shopee's update_time, s; 0 when the cell was cleared. */
  version: number;
  status: string;
  /** Whether it says when the order's money was released; false in tabs that have no such column. */
  released: boolean;
  sheetId: number;
  /** From 1. */
  readRow: number;
}

/** Reads what stands in our tabs, for those who compare it with Shopee: nothing is remembered, nothing is written. */
export class SheetReader {
  readonly #google: Pick<GoogleClient, 'open'>;

  constructor(google: Pick<GoogleClient, 'open'>) {
    this.#google = google;
  }

  /** Every key of a kind of tab, over all its periods: two requests, whatever the sheet's size. Throws GoogleError. */
  async readEntries(spreadsheetId: string, kind: Tab): Promise<Map<string, SheetEntry>> {
    const client = this.#google.open(spreadsheetId);
    const entries = new Map<string, SheetEntry>();
    for (const tab of await this.#findTabs(client, kind)) {
      if (tab.rowCount < 2 || tab.header.key < 0) continue;
      const [keys = [], versions = [], statuses = [], releases = []] = await readColumns(client, tab);
      for (const [index, key] of keys.entries()) {
        if (typeof key !== 'string' || key === '') continue;
        const version = Number(versions[index]) || 0;
        const known = entries.get(key);
        if (known !== undefined && known.version >= version) continue;
        entries.set(key, {
          version,
          status: String(statuses[index] ?? ''),
          released: Number(releases[index] ?? 0) > 0,
          sheetId: tab.sheetId,
          readRow: index + 2,
        });
      }
    }
    return entries;
  }

  /** One row's cells by column id; undefined when the key stands nowhere. Throws GoogleError. */
  async row(
    spreadsheetId: string,
    kind: Tab,
    key: string,
  ): Promise<{ sheetId: number; row: number; cells: Record<string, CellValue> } | undefined> {
    const client = this.#google.open(spreadsheetId);
    const entry = (await this.readEntries(spreadsheetId, kind)).get(key);
    const tab = (await this.#findTabs(client, kind)).find(({ sheetId }) => sheetId === entry?.sheetId);
    if (entry === undefined || tab === undefined) return undefined;
    const { sheetId, readRow } = entry;
    const [block] = await client.readRanges([toRange(tab, readRow, 0, tab.columnCount - 1, readRow)]);
    const line = block?.values[0] ?? [];
    const cells = [...tab.header.positions].map(([id, at]) => [id, line[at - (block?.column ?? 0)] ?? ''] as const);
    return { sheetId, row: readRow, cells: Object.fromEntries(cells) };
  }

  async #findTabs(client: SpreadsheetClient, kind: Tab): Promise<TabState[]> {
    const found = findManagedTabs(await client.getSpreadsheet(tabFields), [{ tab: kind, period: '' }]).filter(
      ({ tab }) => tab === kind,
    );
    if (found.length === 0) return [];
    const headers = await client.readRanges(found.map((tab) => toRange(tab, 1, 0, tab.columnCount - 1, 1)));
    for (const tab of found) {
      const block = headers.find(({ title }) => title === tab.title);
      const blanks = Array.from({ length: block?.column ?? 0 }, () => '');
      tab.header = mapHeader([...blanks, ...(block?.values[0] ?? [])], columnsOf[kind]);
    }
    return found;
  }
}

/** The columns key, version, status and time of release below the header, each from row 2 on. */
async function readColumns(client: SpreadsheetClient, tab: TabState): Promise<CellValue[][]> {
  const { key, version, status = -1, positions } = tab.header;
  const wanted = [key, version, status, positions.get('escrow_release_time') ?? -1];
  const present = wanted.filter((column) => column >= 0);
  const ranges = present.map((column) => toRange(tab, 2, column, column, tab.rowCount));
  const blocks = await client.readRanges(ranges, 'COLUMNS');
  return wanted.map((column) => {
    const block = blocks.find((one) => one.title === tab.title && one.column === column);
    const blanks = Array.from({ length: Math.max(0, (block?.row ?? 2) - 2) }, () => '');
    return [...blanks, ...(block?.values[0] ?? [])];
  });
}

function toRange(
  { title }: TabState,
  firstRow: number,
  firstColumn: number,
  lastColumn: number,
  lastRow: number,
): string {
  return toA1({ title, firstRow, lastRow, firstColumn, lastColumn });
}
