import type { SpreadsheetClient } from './google-client.ts';

/** A protection of fewer rows is one that the user put on single orders. */
const minTabWideRows = 100;

/** Whether the user keeps us out of a whole tab, or of whole columns, and not only of a few rows. */
export async function isWriteProtected(client: SpreadsheetClient, sheetIds: ReadonlySet<number>): Promise<boolean> {
  const { sheets } = await client.getSpreadsheet(
    'sheets(properties.sheetId,protectedRanges(range,warningOnly,requestingUserCanEdit))',
  );
  return (sheets ?? [])
    .filter(({ properties }) => sheetIds.has(properties?.sheetId ?? -1))
    .flatMap(({ protectedRanges }) => protectedRanges ?? [])
    .filter(({ warningOnly, requestingUserCanEdit }) => warningOnly !== true && requestingUserCanEdit !== true)
    .some(({ range }) => (range?.endRowIndex ?? Infinity) - (range?.startRowIndex ?? 0) >= minTabWideRows);
}
