import type { sheets_v4 } from '@googleapis/sheets';
import type { OpenArea } from './a1.ts';
import { invalidArgument } from './api-error.ts';
import type { Stretch } from './grid.ts';
import type { Sheet } from './sheet.ts';
import type { Spreadsheet } from './spreadsheet.ts';

type Metadata = sheets_v4.Schema$DeveloperMetadata;
type Location = sheets_v4.Schema$DeveloperMetadataLocation;
type Lookup = sheets_v4.Schema$DeveloperMetadataLookup;

/** Characters of keys and values that each tab, and the spreadsheet itself, may hold (Google's guide to metadata). */
const maxCharacters = 30_000;

/** Where metadata stands: without a sheet on the spreadsheet itself, without lines on a whole tab. */
export interface Place {
  sheet?: Sheet;
  /** One row or one column. */
  lines?: Stretch;
}

/** Where a piece of metadata stands now: rows and columns carry theirs through every insert, move and sort. */
export function placeOf(spreadsheet: Spreadsheet, { metadataId, location }: Metadata): Place {
  const sheet = spreadsheet.sheets.find(({ id }) => id === location?.sheetId);
  if (sheet === undefined) return {};
  const holds = (line: { metadata?: number[] | undefined } | undefined) =>
    line?.metadata?.includes(metadataId ?? 0) === true;
  const { grid } = sheet;
  if (location?.locationType === 'ROW') {
    const start = grid.rows.findIndex(holds);
    return { sheet, lines: { dimension: 'ROWS', start, end: start + 1 } };
  }
  if (location?.locationType !== 'COLUMN') return { sheet };
  const start = grid.columns.findIndex(holds);
  return { sheet, lines: { dimension: 'COLUMNS', start, end: start + 1 } };
}

/** A piece of metadata as the API shows it, with its place of this moment. */
export function metadataJson(spreadsheet: Spreadsheet, metadata: Metadata): Metadata {
  const { sheet, lines } = placeOf(spreadsheet, metadata);
  if (sheet === undefined) return { ...metadata, location: { locationType: 'SPREADSHEET', spreadsheet: true } };
  if (lines === undefined) return { ...metadata, location: { locationType: 'SHEET', sheetId: sheet.id } };
  const { dimension, start: startIndex, end: endIndex } = lines;
  const dimensionRange = { sheetId: sheet.id, dimension, startIndex, endIndex };
  return { ...metadata, location: { locationType: dimension === 'ROWS' ? 'ROW' : 'COLUMN', dimensionRange } };
}

/** The pieces that a lookup selects: those that match all of its fields. */
export function findMetadata(spreadsheet: Spreadsheet, lookup: Lookup): Metadata[] {
  checkLookup(lookup);
  const wanted = lookup.metadataLocation && placeFor(spreadsheet, lookup.metadataLocation);
  const exact = lookup.locationMatchingStrategy === 'EXACT_LOCATION';
  return spreadsheet.fields.metadata.filter((one) => {
    if (!isSame(lookup.metadataId, one.metadataId) || !isSame(lookup.metadataKey, one.metadataKey)) return false;
    if (!isSame(lookup.metadataValue, one.metadataValue) || !isSame(lookup.visibility, one.visibility)) return false;
    if (!isSame(lookup.locationType, one.location?.locationType)) return false;
    if (wanted === undefined) return true;
    const place = placeOf(spreadsheet, one);
    return exact ? isSamePlace(place, wanted) : isSamePlace(place, wanted) || intersect(place, wanted);
  });
}

/** The pieces on a tab, its rows and its columns that intersect a range. */
export function metadataWithin(spreadsheet: Spreadsheet, sheet: Sheet, range: OpenArea): Metadata[] {
  return spreadsheet.fields.metadata.filter((one) => {
    const { sheet: on, lines } = placeOf(spreadsheet, one);
    if (on !== sheet) return false;
    if (lines === undefined) return true;
    const [start, end] =
      lines.dimension === 'ROWS' ? [range.startRow, range.endRow] : [range.startColumn, range.endColumn];
    return lines.start >= (start ?? 0) && lines.start < (end ?? Infinity);
  });
}

/** Adds a piece of metadata to the spreadsheet, a tab, or exactly one row or column. */
export function createMetadata(spreadsheet: Spreadsheet, wanted: Metadata): Metadata {
  if ((wanted.metadataKey ?? '') === '') throw invalidArgument('Metadata key must be specified.');
  if (wanted.visibility !== 'DOCUMENT' && wanted.visibility !== 'PROJECT')
    throw invalidArgument('Metadata visibility must be specified.');
  if (wanted.location === undefined) throw invalidArgument('Metadata location must be specified.');
  const id = wanted.metadataId ?? spreadsheet.newId();
  if (id <= 0) throw invalidArgument('Metadata id must be positive.');
  if (spreadsheet.fields.metadata.some((one) => one.metadataId === id))
    throw invalidArgument(`Developer metadata with id ${id} already exists.`);
  const place = placeFor(spreadsheet, wanted.location);
  const made: Metadata = { ...wanted, metadataId: id, location: storedLocation(place) };
  attach(place, id);
  spreadsheet.set({ metadata: [...spreadsheet.fields.metadata, made] });
  checkRoom(spreadsheet, place.sheet);
  return metadataJson(spreadsheet, made);
}

/** Changes each of the pieces; `location` moves it there. */
export function updateMetadata(
  spreadsheet: Spreadsheet,
  pieces: Metadata[],
  { change, location }: { change: (one: Metadata) => Metadata; location: Location | undefined },
): void {
  for (const one of pieces) {
    const rest = change(one);
    const from = placeOf(spreadsheet, one);
    const to = location === undefined ? from : placeFor(spreadsheet, location);
    const id = one.metadataId ?? 0;
    if (to !== from) {
      detach(from, id);
      attach(to, id);
    }
    const made = { ...rest, metadataId: id, location: storedLocation(to) };
    if ((made.metadataKey ?? '') === '') throw invalidArgument('Metadata key must be specified.');
    spreadsheet.set({ metadata: spreadsheet.fields.metadata.map((other) => (other === one ? made : other)) });
    checkRoom(spreadsheet, to.sheet);
  }
}

/** Takes the pieces away, and returns them as they were. */
export function deleteMetadata(spreadsheet: Spreadsheet, pieces: Metadata[]): Metadata[] {
  const deleted = pieces.map((one) => metadataJson(spreadsheet, one));
  for (const one of pieces) detach(placeOf(spreadsheet, one), one.metadataId ?? 0);
  spreadsheet.set({ metadata: spreadsheet.fields.metadata.filter((one) => !pieces.includes(one)) });
  return deleted;
}

/** What stands on rows or columns that are about to be deleted goes with them; returns it. */
export function dropMetadata(spreadsheet: Spreadsheet, sheet: Sheet, { dimension, start, end }: Stretch): Metadata[] {
  const lines = (dimension === 'ROWS' ? sheet.grid.rows : sheet.grid.columns).slice(start, end);
  const ids = new Set(lines.flatMap((line) => line?.metadata ?? []));
  if (ids.size === 0) return [];
  const { metadata } = spreadsheet.fields;
  const isDropped = (one: Metadata) => ids.has(one.metadataId ?? 0);
  spreadsheet.set({ metadata: metadata.filter((one) => !isDropped(one)) });
  return metadata.filter(isDropped);
}

/** A copied tab has its own pieces, with new ids, where the other has them. */
export function copyMetadata(spreadsheet: Spreadsheet, from: Sheet, to: Sheet): void {
  for (const one of spreadsheet.fields.metadata) {
    const { sheet, lines } = placeOf(spreadsheet, one);
    if (sheet !== from) continue;
    const place: Place = { sheet: to, ...(lines && { lines }) };
    const made = { ...one, metadataId: spreadsheet.newId(), location: storedLocation(place) };
    attach(place, made.metadataId);
    spreadsheet.set({ metadata: [...spreadsheet.fields.metadata, made] });
  }
}

/** What is kept of a place: the index of a row or column is asked of the grid. */
function storedLocation({ sheet, lines }: Place): Location {
  if (sheet === undefined) return { locationType: 'SPREADSHEET' };
  if (lines === undefined) return { locationType: 'SHEET', sheetId: sheet.id };
  return { locationType: lines.dimension === 'ROWS' ? 'ROW' : 'COLUMN', sheetId: sheet.id };
}

function placeFor(spreadsheet: Spreadsheet, { spreadsheet: whole, sheetId, dimensionRange }: Location): Place {
  if (whole === true) return {};
  if (dimensionRange === undefined) {
    if (typeof sheetId !== 'number') throw invalidArgument('Metadata location must be specified.');
    return { sheet: spreadsheet.sheetById(sheetId) };
  }
  const sheet = spreadsheet.sheetById(dimensionRange.sheetId);
  const { dimension, startIndex, endIndex } = dimensionRange;
  if (dimension !== 'ROWS' && dimension !== 'COLUMNS') throw invalidArgument('Dimension must be specified.');
  const start = startIndex ?? 0;
  if (typeof endIndex !== 'number' || endIndex - start !== 1)
    throw invalidArgument('Metadata location must be a single row or column.');
  const count = dimension === 'ROWS' ? sheet.grid.rowCount : sheet.grid.columnCount;
  if (start < 0 || endIndex > count)
    throw invalidArgument(`Metadata location is outside of the sheet: ${dimension} ${start}`);
  return { sheet, lines: { dimension, start, end: endIndex } };
}

function checkLookup({ locationMatchingStrategy: strategy, locationType: type, metadataLocation: at }: Lookup): void {
  if (strategy !== undefined && at === undefined)
    throw invalidArgument('metadataLocation must be specified if locationMatchingStrategy is.');
  if (strategy === 'EXACT_LOCATION' && type !== undefined)
    throw invalidArgument('locationType must not be specified for EXACT_LOCATION.');
  if (type === 'SPREADSHEET' && (strategy === 'INTERSECTING_LOCATION' || (at !== undefined && at.spreadsheet !== true)))
    throw invalidArgument('locationType SPREADSHEET does not intersect any other location.');
}

function isSame(wanted: unknown, value: unknown): boolean {
  return wanted === undefined || wanted === null || wanted === value;
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.sheet === b.sheet && a.lines?.dimension === b.lines?.dimension && a.lines?.start === b.lines?.start;
}

/** A tab meets all its rows and columns, and each row each column; the spreadsheet itself meets nothing. */
function intersect(a: Place, b: Place): boolean {
  if (a.sheet === undefined || a.sheet !== b.sheet) return false;
  return a.lines === undefined || b.lines === undefined || a.lines.dimension !== b.lines.dimension;
}

function attach({ sheet, lines }: Place, id: number): void {
  if (sheet === undefined || lines === undefined) return;
  sheet.grid.setDimension(lines, { metadata: [...idsOn(sheet, lines), id] });
}

function detach({ sheet, lines }: Place, id: number): void {
  if (sheet === undefined || lines === undefined) return;
  const ids = idsOn(sheet, lines).filter((one) => one !== id);
  sheet.grid.setDimension(lines, { metadata: ids.length > 0 ? ids : undefined });
}

function idsOn({ grid }: Sheet, { dimension, start }: Stretch): number[] {
  return (dimension === 'ROWS' ? grid.rows : grid.columns)[start]?.metadata ?? [];
}

function checkRoom(spreadsheet: Spreadsheet, sheet: Sheet | undefined): void {
  const held = spreadsheet.fields.metadata.filter((one) => one.location?.sheetId === sheet?.id);
  const size = held.reduce((sum, one) => sum + (one.metadataKey?.length ?? 0) + (one.metadataValue?.length ?? 0), 0);
  if (size > maxCharacters)
    throw invalidArgument(`Developer metadata exceeds the limit of ${maxCharacters} characters.`);
}
