import { keyColumnId, versionColumnId, type Tab } from '../report/columns.ts';
import { toA1 } from '../sheets/client/a1.ts';
import type { CellValue, GoogleClient, SpreadsheetClient } from '../sheets/client/google-client.ts';
import { tabFields, findManagedTabs } from '../sheets/index/managed-tabs.ts';
import type { SheetRow } from '../sheets/writer/sheet-row.ts';
import type { TabState } from '../sheets/index/tab-state.ts';
import { readHeaders } from './row-finder.ts';

/** Columns with the buyer's personal data; amounts, items and dates are the shop's records. */
const personalColumns: Partial<Record<Tab, readonly string[]>> = {
  Orders: [
    'buyer_username',
    'recipient_name',
    'recipient_phone',
    'recipient_address',
    'message_to_seller',
    'note',
    'cancel_reason',
  ],
  Returns: ['text_reason'],
};

/** Which buyer's rows to find. */
export interface ErasureQuery {
  sns: readonly string[];
  buyer: string | null;
}

/** Rows that clear a buyer's cells, and their orders. */
export interface BuyerRows {
  sns: string[];
  rows: SheetRow[];
}

/** Finds a buyer's data in a spreadsheet by order numbers or user name, with three reads. Changes nothing. */
export async function findBuyerRows(
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
  query: ErasureQuery,
): Promise<BuyerRows> {
  const client = google.open(spreadsheetId);
  const tabs = findManagedTabs(await client.getSpreadsheet(tabFields), [
    { tab: 'Orders', period: '' },
    { tab: 'Returns', period: '' },
  ]).filter(({ tab, rowCount }) => personalColumns[tab] !== undefined && rowCount > 1);
  await readHeaders(client, tabs);
  const lines = await readLines(client, tabs);
  const found = new Set(query.sns);
  if (query.buyer !== null) {
    for (const line of lines) if (line.cells['buyer_username'] === query.buyer) found.add(line.sn);
  }
  const rows = lines.flatMap((line) => (found.has(line.sn) ? toClearedRow(spreadsheetId, line) : []));
  return { sns: [...found], rows };
}

interface SheetLine {
  tab: Tab;
  key: string;
  version: number;
  shopId: string;
  sn: string;
  cells: Record<string, CellValue>;
}

/** The relevant columns of all tabs, as rows. */
async function readLines(client: SpreadsheetClient, tabs: readonly TabState[]): Promise<SheetLine[]> {
  const columns = tabs.flatMap((state) => relevantColumns(state));
  if (columns.length === 0) return [];
  const ranges = columns.map(({ title, at }) => toA1({ title, firstRow: 2, firstColumn: at, lastColumn: at }));
  const blocks = await client.readRanges(ranges, 'COLUMNS');
  return tabs.flatMap((state) => {
    const lines: Record<string, CellValue>[] = [];
    for (const { id, title, at } of relevantColumns(state)) {
      const block = blocks.find((one) => one.title === title && one.column === at);
      for (const [index, value] of (block?.values[0] ?? []).entries()) (lines[index] ??= {})[id] = value;
    }
    return [...lines].flatMap((cells) => (cells === undefined ? [] : toLines(state.tab, cells)));
  });
}

function relevantColumns({ tab, title, header }: TabState): { id: string; title: string; at: number }[] {
  const wanted = [keyColumnId, versionColumnId, 'order_sn', 'shop_id', ...(personalColumns[tab] ?? [])];
  return wanted.flatMap((id) => {
    const at = header.positions.get(id);
    return at === undefined ? [] : [{ id, title, at }];
  });
}

function toLines(tab: Tab, cells: Record<string, CellValue>): SheetLine[] {
  const text = (id: string) => String(cells[id] ?? '');
  const key = text(keyColumnId);
  if (key === '') return [];
  return [
    { tab, key, version: Number(cells[versionColumnId] ?? 0), shopId: text('shop_id'), sn: text('order_sn'), cells },
  ];
}

/** None for a row that holds no personal data. */
function toClearedRow(spreadsheetId: string, { tab, key, version, shopId, cells }: SheetLine): SheetRow[] {
  const full = (personalColumns[tab] ?? []).filter((id) => (cells[id] ?? '') !== '');
  if (full.length === 0) return [];
  return [{ spreadsheetId, tab, key, version, shopId, cells: Object.fromEntries(full.map((id) => [id, ''])) }];
}
