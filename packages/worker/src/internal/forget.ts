import type { GoogleClient } from '../sheets/google-client.ts';
import type { SheetRow, WriteResult } from '../sheets/sheet-row.ts';
import { buyerRows, type Forgotten } from './buyer-rows.ts';

export interface ForgetOptions {
  google: Pick<GoogleClient, 'open'>;
  sheets: { upsert(rows: readonly SheetRow[]): Promise<WriteResult[]> };
  spreadsheetIds: readonly string[];
}

/**
 * Empties the cells that hold a buyer's data, by the way of every other write, so that rows are found wherever the user
 * has moved them. The orders' other columns stay: they are the shop's books.
 */
export async function forget(
  { google, sheets, spreadsheetIds }: ForgetOptions,
  asked: Forgotten,
  dryRun: boolean,
): Promise<{ sns: string[]; rows: number }> {
  const found = await Promise.all([...new Set(spreadsheetIds)].map((id) => buyerRows(google, id, asked)));
  const sns = [...new Set(found.flatMap((one) => one.sns))];
  const rows = found.flatMap((one) => one.rows);
  if (!dryRun && rows.length > 0) await sheets.upsert(rows);
  return { sns, rows: rows.length };
}
