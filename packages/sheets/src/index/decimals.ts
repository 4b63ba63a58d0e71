import type { SheetsRequest, Spreadsheet } from '../client/google-client.ts';
import type { TabState } from './tab-state.ts';
import type { SheetRow, SheetSchema } from '../schema/schema.ts';
import { formatRequest, moneyFormat } from '../format/cell-requests.ts';

/** What must be read of a spreadsheet to know its decimals. */
export const decimalsFields = 'developerMetadata(metadataKey,metadataValue)';

/** Decimals that amounts in these rows have: those of the finest currency; 0 when no row names one. */
export function maxDecimals({ currencyColumnId, decimalsOf }: SheetSchema, rows: readonly SheetRow[]): number {
  const currencies = rows.map((row) => row.cells[currencyColumnId]).filter((cell) => typeof cell === 'string');
  return Math.max(0, ...currencies.map(decimalsOf));
}

/** Decimals that the money columns of a spreadsheet were given, as it records them. */
export function recordedDecimals(schema: SheetSchema, { developerMetadata = [] }: Spreadsheet): number {
  const records = developerMetadata.filter((metadata) => metadata.metadataKey === recordKey(schema));
  return Math.max(0, ...records.map(({ metadataValue }) => Number(metadataValue) || 0));
}

/** Lets the money columns of these tabs show so many decimals, and records it. */
export function decimalsRequests(schema: SheetSchema, tabs: readonly TabState[], decimals: number): SheetsRequest[] {
  return [
    ...tabs.flatMap((tab) => moneyRequests(tab, decimals)),
    {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: recordKey(schema),
          metadataValue: String(decimals),
          location: { spreadsheet: true },
          visibility: 'DOCUMENT',
        },
      },
    },
  ];
}

function recordKey({ namespace }: SheetSchema): string {
  return `${namespace}-decimals`;
}

function moneyRequests({ sheetId, rowCount, columns, header }: TabState, decimals: number): SheetsRequest[] {
  // Google rejects the format of rows that do not exist.
  if (rowCount <= header.row) return [];
  return columns
    .filter(({ kind }) => kind === 'money')
    .flatMap(({ id }) => header.positions.get(id) ?? [])
    .map((at) => formatRequest(sheetId, { from: header.row, columns: [at, at + 1] }, moneyFormat(decimals)));
}
