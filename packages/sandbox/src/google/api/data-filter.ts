import type { sheets_v4 } from '@googleapis/sheets';
import type { OpenArea } from '../spreadsheet/a1.ts';
import { invalidArgument } from './api-error.ts';
import { findMetadata, locationOf } from '../spreadsheet/developer-metadata.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

export interface Located {
  sheet: Sheet;
  range: OpenArea;
}

/** The ranges that a data filter means: one for a range, any number for a metadata lookup. */
export function locateByFilter(spreadsheet: Spreadsheet, filter: sheets_v4.Schema$DataFilter): Located[] {
  if (typeof filter.a1Range === 'string') return [spreadsheet.locate(filter.a1Range)];
  if (filter.gridRange !== undefined) return [gridRange(spreadsheet, filter.gridRange)];
  if (filter.developerMetadataLookup === undefined) throw invalidArgument('Must specify a filter.');
  return findMetadata(spreadsheet, filter.developerMetadataLookup).flatMap((metadata) => {
    const { sheet, stretch } = locationOf(spreadsheet, metadata);
    if (sheet === undefined) return [];
    const rows = stretch?.dimension === 'ROWS' ? stretch : undefined;
    const columns = stretch?.dimension === 'COLUMNS' ? stretch : undefined;
    const range = { startRow: rows?.start, endRow: rows?.end, startColumn: columns?.start, endColumn: columns?.end };
    return [{ sheet, range }];
  });
}

/** A GridRange with its tab; what it leaves open stays open. */
export function gridRange(spreadsheet: Spreadsheet, range: sheets_v4.Schema$GridRange): Located {
  const open: OpenArea = {
    startRow: range.startRowIndex ?? undefined,
    endRow: range.endRowIndex ?? undefined,
    startColumn: range.startColumnIndex ?? undefined,
    endColumn: range.endColumnIndex ?? undefined,
  };
  return { sheet: spreadsheet.sheetById(range.sheetId), range: open };
}

/** The pieces of developer metadata that the lookups among the filters match. */
export function filteredMetadata(
  spreadsheet: Spreadsheet,
  filters: sheets_v4.Schema$DataFilter[],
): sheets_v4.Schema$DeveloperMetadata[] {
  return filters.flatMap(({ developerMetadataLookup: lookup }) => {
    if (lookup === undefined)
      throw invalidArgument('the sandbox finds developer metadata by developerMetadataLookup only');
    return findMetadata(spreadsheet, lookup);
  });
}
