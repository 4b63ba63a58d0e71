import type { sheets_v4 } from '@googleapis/sheets';
import type { Area } from '../spreadsheet/a1.ts';
import { notFound, permissionDenied } from './api-error.ts';
import { batchUpdate } from '../requests/batch-update.ts';
import { queryValue, type Call, type Method } from './call.ts';
import { locateByFilter, type Located } from './data-filter.ts';
import { findMetadata, metadataJson } from '../spreadsheet/developer-metadata.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { sheetProperties, spreadsheetJson } from './spreadsheet-json.ts';
import { readableArea } from './value-reading.ts';

/** The methods of spreadsheets itself, of its sheets and its developer metadata, by their names in Google's description. */
export const spreadsheetsMethods: Record<string, Method> = {
  get: (call) => {
    const ranges = call.query['ranges']?.map((range) => call.spreadsheet.locate(range));
    return shownTo(call, ranges, queryValue(call, 'includeGridData') === 'true');
  },
  getByDataFilter: (call) => {
    const body = call.body as sheets_v4.Schema$GetSpreadsheetByDataFilterRequest;
    const ranges = body.dataFilters?.flatMap((filter) => locateByFilter(call.spreadsheet, filter));
    return shownTo(call, ranges, body.includeGridData === true);
  },
  batchUpdate: (call) => batchUpdate(call),
  create: () => {
    // A service account has no Drive storage of its own.
    throw permissionDenied();
  },
  'developerMetadata.get': ({ spreadsheet, path }) => {
    const metadata = spreadsheet.fields.metadata.find((one) => one.metadataId === Number(path['metadataId']));
    if (metadata === undefined) throw notFound();
    return metadataJson(spreadsheet, metadata);
  },
  'developerMetadata.search': ({ spreadsheet, body }) => {
    const { dataFilters = [] } = body as sheets_v4.Schema$SearchDeveloperMetadataRequest;
    const matched = dataFilters.flatMap((filter) =>
      findMetadata(spreadsheet, filter.developerMetadataLookup ?? {}).map((one) => ({
        developerMetadata: metadataJson(spreadsheet, one),
        dataFilters: [filter],
      })),
    );
    return matched.length === 0 ? {} : { matchedDeveloperMetadata: matched };
  },
  'sheets.copyTo': ({ spreadsheet, path }) => {
    const from = spreadsheet.sheets.find((sheet) => sheet.id === Number(path['sheetId']));
    if (from === undefined) throw notFound();
    const { rowCount, columnCount } = from.grid;
    return spreadsheet.atomically(() => {
      const fields = { ...from.fields, title: `Copy of ${from.title}` };
      const made = spreadsheet.addSheet({ rowCount, columnCount, fields });
      from.grid.rows.forEach((row, index) => made.grid.write(index, 0, row?.cells ?? []));
      return sheetProperties(spreadsheet, made);
    });
  },
};

/** The spreadsheet as the caller wants it. A field mask decides about the cells, else `includeGridData`. */
function shownTo(call: Call, ranges: Located[] | undefined, includeGridData: boolean): object {
  const { mask, spreadsheet } = call;
  const gridData = mask === undefined ? includeGridData : wantsGridData(call);
  return spreadsheetJson(spreadsheet, { areas: ranges && byTab(ranges), gridData, mask });
}

function wantsGridData({ mask }: Call): boolean {
  if (mask?.has('*') === true) return true;
  const sheets = mask?.get('sheets');
  return sheets !== undefined && (sheets.size === 0 || sheets.has('*') || sheets.has('data'));
}

function byTab(ranges: Located[]): Map<Sheet, Area[]> {
  const areas = new Map<Sheet, Area[]>();
  for (const { sheet, range } of ranges) areas.set(sheet, [...(areas.get(sheet) ?? []), readableArea(sheet, range)]);
  return areas;
}
