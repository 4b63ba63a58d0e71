import type { SheetRow } from '../../report/columns.ts';
import { formatRequest, moneyFormat } from './cell-requests.ts';
import type { SheetsRequest, Spreadsheet } from '../client/google-client.ts';
import type { TabState } from '../index/tab-state.ts';

/** The spreadsheet carries it, with the decimals that its money columns were given. */
const metadataKey = 'shopee-webhook-decimals';

/** What must be read of a spreadsheet to know its decimals. */
export const decimalsFields = 'developerMetadata(metadataKey,metadataValue)';

/** Decimals that amounts in these rows have: those of the finest currency; 0 when no row names one. */
export function maxDecimals(rows: readonly SheetRow[], decimalsOf: (currency: string) => number): number {
  const currencies = rows.map((row) => row.cells['currency']).filter((cell) => typeof cell === 'string');
  return Math.max(0, ...currencies.map(decimalsOf));
}

/** Decimals that the money columns of a spreadsheet show, by its record. */
export function recordedDecimals({ developerMetadata = [] }: Spreadsheet): number {
  const records = developerMetadata.filter(({ metadataKey }) => metadataKey === metadataKey);
  return Math.max(0, ...records.map(({ metadataValue }) => Number(metadataValue) || 0));
}

/** Lets the money columns of these tabs show so many decimals, and records it. */
export function decimalsRequests(tabs: readonly TabState[], decimals: number): SheetsRequest[] {
  return [
    ...tabs.flatMap((tab) => moneyRequests(tab, decimals)),
    {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: metadataKey,
          metadataValue: String(decimals),
          location: { spreadsheet: true },
          visibility: 'DOCUMENT',
        },
      },
    },
  ];
}

function moneyRequests({ sheetId, rowCount, columns, header }: TabState, decimals: number): SheetsRequest[] {
  // Google refuses the format of rows that are not there.
  if (rowCount <= 1) return [];
  return columns
    .filter(({ kind }) => kind === 'money')
    .flatMap(({ id }) => header.positions.get(id) ?? [])
    .map((at) => formatRequest(sheetId, { from: 1, columns: [at, at + 1] }, moneyFormat(decimals)));
}
