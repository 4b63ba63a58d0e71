import { SheetReader, type CellValue, type GoogleClient } from '@shopee-webhook/sheets';
import type { ReportRow, Tab } from '../report/columns.ts';
import { reportSchema } from '../report/schema.ts';

/** Columns with the buyer's personal data; amounts, items and dates are the shop's records. */
const personalColumns = {
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
} satisfies Partial<Record<Tab, readonly string[]>>;

/** Which buyer's rows to find. */
export interface ErasureQuery {
  sns: readonly string[];
  buyer: string | null;
}

/** Rows that clear a buyer's cells, and their orders. */
export interface BuyerRows {
  sns: string[];
  rows: ReportRow[];
}

/** Finds a buyer's data in a spreadsheet by order numbers or user name, with three reads a tab. Changes nothing. */
export async function findBuyerRows(
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
  query: ErasureQuery,
): Promise<BuyerRows> {
  const reader = new SheetReader(google, reportSchema);
  const lines = [
    ...(await readLines(reader, spreadsheetId, 'Orders')),
    ...(await readLines(reader, spreadsheetId, 'Returns')),
  ];
  const found = new Set(query.sns);
  if (query.buyer !== null) {
    for (const { cells } of lines) if (cells['buyer_username'] === query.buyer) found.add(String(cells['order_sn']));
  }
  const rows = lines.flatMap((line) =>
    found.has(String(line.cells['order_sn'])) ? toClearedRow(spreadsheetId, line) : [],
  );
  return { sns: [...found], rows };
}

interface SheetLine {
  tab: keyof typeof personalColumns;
  key: string;
  version: number;
  cells: Readonly<Record<string, CellValue>>;
}

async function readLines(reader: SheetReader, spreadsheetId: string, tab: SheetLine['tab']): Promise<SheetLine[]> {
  const columnIds = ['order_sn', 'shop_id', ...personalColumns[tab]];
  const entries = await reader.readEntries(spreadsheetId, tab, columnIds);
  return [...entries].map(([key, { version, cells }]) => ({ tab, key, version, cells }));
}

/** None for a row that holds no personal data. */
function toClearedRow(spreadsheetId: string, { tab, key, version, cells }: SheetLine): ReportRow[] {
  const full = personalColumns[tab].filter((id) => (cells[id] ?? '') !== '');
  if (full.length === 0) return [];
  return [
    {
      spreadsheetId,
      tab,
      key,
      version,
      shopId: String(cells['shop_id']),
      cells: Object.fromEntries(full.map((id) => [id, ''])),
    },
  ];
}
