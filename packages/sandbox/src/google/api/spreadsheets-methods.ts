import type { sheets_v4 } from '@googleapis/sheets';
import type { Area } from '../spreadsheet/a1.ts';
import { invalidArgument, notFound, permissionDenied } from '../spreadsheet/api-error.ts';
import { batchUpdate } from '../requests/batch-update.ts';
import { queryFlag, type Call, type Method } from '../requests/call.ts';
import { echoed, locateByFilter, metadataByFilter } from '../spreadsheet/data-filter.ts';
import { copySheet, freeTitle } from '../spreadsheet/copy-sheet.ts';
import { metadataJson } from '../spreadsheet/developer-metadata.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Located } from '../spreadsheet/spreadsheet.ts';
import { sheetProperties, spreadsheetJson, withoutZeroSheet } from '../spreadsheet/spreadsheet-json.ts';
import { readableArea } from '../spreadsheet/value-reading.ts';

/** The methods of spreadsheets itself, of its sheets and its developer metadata, by their names in Google's description. */
export const spreadsheetsMethods: Record<string, Method> = {
  get: (call) => {
    const ranges = call.query['ranges']?.map((range) => call.spreadsheet.locate(range));
    return shownTo(call, ranges, queryFlag(call, 'includeGridData'));
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
    if (dataFilters.length === 0) throw invalidArgument('Must specify at least one data filter.');
    const matched = new Map<sheets_v4.Schema$DeveloperMetadata, sheets_v4.Schema$DataFilter[]>();
    for (const filter of dataFilters)
      for (const one of metadataByFilter(spreadsheet, filter))
        matched.set(one, [...(matched.get(one) ?? []), echoed(filter)]);
    if (matched.size === 0) return {};
    return {
      matchedDeveloperMetadata: [...matched].map(([one, filters]) => ({
        developerMetadata: withoutZeroSheet(metadataJson(spreadsheet, one)),
        dataFilters: filters,
      })),
    };
  },
  'sheets.copyTo': ({ spreadsheet, path, body }) => {
    const { destinationSpreadsheetId } = body as sheets_v4.Schema$CopySheetToAnotherSpreadsheetRequest;
    const from = spreadsheet.sheets.find((sheet) => sheet.id === Number(path['sheetId']));
    if (from === undefined || destinationSpreadsheetId !== spreadsheet.id) throw notFound();
    return spreadsheet.atomically(() => {
      const title = freeTitle(spreadsheet, `Copy of ${from.title}`);
      return sheetProperties(spreadsheet, copySheet(spreadsheet, from, { title }));
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
