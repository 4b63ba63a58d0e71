import type { SpreadsheetClient } from './google-client.ts';

/** Rejects unless the spreadsheet can be read and changed: sets a property of its first tab to what it is. */
export async function probe(client: SpreadsheetClient): Promise<void> {
  const { sheets } = await client.getSpreadsheet('sheets.properties(sheetId,hidden)');
  const first = sheets?.[0]?.properties;
  if (first === undefined) return;
  const properties = { sheetId: first.sheetId ?? 0, hidden: first.hidden ?? false };
  await client.batchUpdate([{ updateSheetProperties: { properties, fields: 'hidden' } }]);
}
