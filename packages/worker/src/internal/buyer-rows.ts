import { keyColumnId, versionColumnId, type Tab } from '../columns.ts';
import { toA1 } from '../sheets/a1.ts';
import type { CellValue, GoogleClient, SpreadsheetClient } from '../sheets/google-client.ts';
import { tabFields, tabsIn } from '../sheets/our-tabs.ts';
import type { SheetRow } from '../sheets/sheet-row.ts';
import type { TabState } from '../sheets/tab-state.ts';
import { readHeaders } from './row-finder.ts';

/** Columns of each tab that hold what is the buyer's; amounts, items and dates are the shop's own books. */
const personal: Partial<Record<Tab, readonly string[]>> = {
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

/** Whose rows are looked for. */
export interface Forgotten {
  sns: readonly string[];
  buyer: string | null;
}

/** Rows that would empty a buyer's cells, and the orders that they are of. */
export interface BuyerRows {
  sns: string[];
  rows: SheetRow[];
}

/** Finds what a spreadsheet holds of a buyer, by order numbers or by user name, with three reads. Changes nothing. */
export async function buyerRows(
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
  asked: Forgotten,
): Promise<BuyerRows> {
  const client = google.open(spreadsheetId);
  const tabs = tabsIn(await client.get(tabFields), [
    { tab: 'Orders', period: '' },
    { tab: 'Returns', period: '' },
  ]).filter(({ tab, rowCount }) => personal[tab] !== undefined && rowCount > 1);
  await readHeaders(client, tabs);
  const lines = await linesOf(client, tabs);
  const found = new Set(asked.sns);
  if (asked.buyer !== null) {
    for (const line of lines) if (line.cells['buyer_username'] === asked.buyer) found.add(line.sn);
  }
  const rows = lines.flatMap((line) => (found.has(line.sn) ? rowOf(spreadsheetId, line) : []));
  return { sns: [...found], rows };
}

interface Line {
  tab: Tab;
  key: string;
  version: number;
  shopId: string;
  sn: string;
  cells: Record<string, CellValue>;
}

/** The columns that matter of all tabs, as lines. */
async function linesOf(client: SpreadsheetClient, tabs: readonly TabState[]): Promise<Line[]> {
  const columns = tabs.flatMap((state) => columnsOf(state));
  if (columns.length === 0) return [];
  const ranges = columns.map(({ title, at }) => toA1({ title, firstRow: 2, firstColumn: at, lastColumn: at }));
  const blocks = await client.read(ranges, 'COLUMNS');
  return tabs.flatMap((state) => {
    const lines: Record<string, CellValue>[] = [];
    for (const { id, title, at } of columnsOf(state)) {
      const block = blocks.find((one) => one.title === title && one.column === at);
      for (const [index, value] of (block?.values[0] ?? []).entries()) (lines[index] ??= {})[id] = value;
    }
    return [...lines].flatMap((cells) => (cells === undefined ? [] : lineOf(state.tab, cells)));
  });
}

function columnsOf({ tab, title, header }: TabState): { id: string; title: string; at: number }[] {
  const wanted = [keyColumnId, versionColumnId, 'order_sn', 'shop_id', ...(personal[tab] ?? [])];
  return wanted.flatMap((id) => {
    const at = header.positions.get(id);
    return at === undefined ? [] : [{ id, title, at }];
  });
}

function lineOf(tab: Tab, cells: Record<string, CellValue>): Line[] {
  const text = (id: string) => String(cells[id] ?? '');
  const key = text(keyColumnId);
  if (key === '') return [];
  return [
    { tab, key, version: Number(cells[versionColumnId] ?? 0), shopId: text('shop_id'), sn: text('order_sn'), cells },
  ];
}

/** Nothing for a line that holds nothing of the buyer any more. */
function rowOf(spreadsheetId: string, { tab, key, version, shopId, cells }: Line): SheetRow[] {
  const full = (personal[tab] ?? []).filter((id) => (cells[id] ?? '') !== '');
  if (full.length === 0) return [];
  return [{ spreadsheetId, tab, key, version, shopId, cells: Object.fromEntries(full.map((id) => [id, ''])) }];
}
