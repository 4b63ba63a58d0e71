import type { GoogleClient, WriteResult } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { findBuyerRows, type ErasureQuery } from './buyer-rows.ts';

export interface EraseBuyerDeps {
  google: Pick<GoogleClient, 'open'>;
  sheets: { upsert(rows: readonly ReportRow[]): Promise<WriteResult[]> };
  spreadsheetIds: readonly string[];
}

/**
 * Clears the cells with a buyer's data through the sheet writer, so that rows are found wherever the user has moved them.
 * Other columns stay: they are the shop's records.
 */
export async function eraseBuyer(
  { google, sheets, spreadsheetIds }: EraseBuyerDeps,
  query: ErasureQuery,
  dryRun: boolean,
): Promise<{ sns: string[]; rows: number }> {
  const found = await Promise.all([...new Set(spreadsheetIds)].map((id) => findBuyerRows(google, id, query)));
  const sns = [...new Set(found.flatMap((one) => one.sns))];
  const rows = found.flatMap((one) => one.rows);
  if (!dryRun && rows.length > 0) await sheets.upsert(rows);
  return { sns, rows: rows.length };
}
