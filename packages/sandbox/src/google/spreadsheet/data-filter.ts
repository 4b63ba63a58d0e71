import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1 } from './a1.ts';
import { invalidArgument } from './api-error.ts';
import { findMetadata, metadataWithin, placeOf } from './developer-metadata.ts';
import type { Located, Spreadsheet } from './spreadsheet.ts';

type DataFilter = sheets_v4.Schema$DataFilter;

/** The ranges that a data filter means: one for a range, any number for a metadata lookup. */
export function locateByFilter(spreadsheet: Spreadsheet, filter: DataFilter): Located[] {
  const { a1Range, gridRange, developerMetadataLookup: lookup } = checked(filter);
  if (typeof a1Range === 'string') return [spreadsheet.locate(a1Range)];
  if (gridRange !== undefined) return [spreadsheet.locateGridRange(gridRange)];
  return findMetadata(spreadsheet, lookup ?? {}).flatMap((metadata) => {
    const { sheet, lines } = placeOf(spreadsheet, metadata);
    if (sheet === undefined) return [];
    const rows = lines?.dimension === 'ROWS' ? lines : undefined;
    const columns = lines?.dimension === 'COLUMNS' ? lines : undefined;
    const range = { startRow: rows?.start, endRow: rows?.end, startColumn: columns?.start, endColumn: columns?.end };
    return [{ sheet, range }];
  });
}

/** The ranges of all filters, each once, with the filters that mean it; in another order than asked, as Google answers. */
export function locateByFilters(
  spreadsheet: Spreadsheet,
  filters: readonly DataFilter[],
): (Located & { dataFilters: DataFilter[] })[] {
  const byRange = new Map<string, Located & { dataFilters: DataFilter[] }>();
  for (const filter of filters)
    for (const { sheet, range } of locateByFilter(spreadsheet, filter)) {
      const key = formatA1(sheet.title, range);
      const found = byRange.get(key);
      if (found === undefined) byRange.set(key, { sheet, range, dataFilters: [echoed(filter)] });
      else found.dataFilters.push(echoed(filter));
    }
  return [...byRange.values()].toReversed();
}

/** The pieces of developer metadata that a filter means: those a lookup selects, or all that intersect a range. */
export function metadataByFilter(spreadsheet: Spreadsheet, filter: DataFilter): sheets_v4.Schema$DeveloperMetadata[] {
  const { developerMetadataLookup: lookup } = checked(filter);
  if (lookup !== undefined) return findMetadata(spreadsheet, lookup);
  return locateByFilter(spreadsheet, filter).flatMap(({ sheet, range }) => metadataWithin(spreadsheet, sheet, range));
}

/** A filter as a response repeats it: fields of a range that are 0 are left out. */
export function echoed(filter: DataFilter): DataFilter {
  if (filter.gridRange === undefined) return filter;
  const bounds = Object.entries(filter.gridRange).filter(([, value]) => value !== 0);
  return { ...filter, gridRange: Object.fromEntries(bounds) };
}

function checked(filter: DataFilter): DataFilter {
  const [first, second] = Object.entries(filter).filter(([, value]) => value !== undefined && value !== null);
  if (first === undefined) throw invalidArgument('Must specify a filter.');
  if (second !== undefined) throw invalidArgument(`oneof field 'filter' is already set. Cannot set '${second[0]}'`);
  return filter;
}
