import { SheetReader, type FoundRow, type GoogleClient } from '@shopee-webhook/sheets';
import type { Tab } from '../report/columns.ts';
import { reportSchema } from '../report/schema.ts';

export type { FoundRow } from '@shopee-webhook/sheets';

/** Finds rows of a spreadsheet for people to read, without changing or caching anything: at most four reads of the quota. */
export function findRows(
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
  queries: readonly { tab: Tab; key: string }[],
): Promise<{ timeZone: string; rows: FoundRow[] }> {
  return new SheetReader(google, reportSchema).findRows(spreadsheetId, queries);
}
