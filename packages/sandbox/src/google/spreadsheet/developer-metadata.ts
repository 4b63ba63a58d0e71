import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../api/api-error.ts';
import type { Stretch } from './grid.ts';
import type { Sheet } from './sheet.ts';
import type { Spreadsheet } from './spreadsheet.ts';

type Metadata = sheets_v4.Schema$DeveloperMetadata;

/** Characters of keys and values that a tab, and the spreadsheet itself, may hold (believed, not confirmed by Google). */
const maxCharacters = 30_000;

/** Where a piece of metadata stands now: rows and columns carry theirs through every insert and move. */
export function locationOf(spreadsheet: Spreadsheet, metadata: Metadata): { sheet?: Sheet; stretch?: Stretch } {
  const id = metadata.metadataId ?? 0;
  for (const sheet of spreadsheet.sheets) {
    const row = sheet.grid.rows.findIndex((one) => one?.metadata?.includes(id));
    if (row >= 0) return { sheet, stretch: { dimension: 'ROWS', start: row, end: row + 1 } };
    const column = sheet.grid.columns.findIndex((one) => one.metadata?.includes(id));
    if (column >= 0) return { sheet, stretch: { dimension: 'COLUMNS', start: column, end: column + 1 } };
  }
  const sheetId = metadata.location?.sheetId;
  const sheet = spreadsheet.sheets.find((one) => one.id === sheetId);
  return sheet === undefined ? {} : { sheet };
}

/** A piece of metadata as the API shows it, with its place of this moment. */
export function metadataJson(spreadsheet: Spreadsheet, metadata: Metadata): Metadata {
  const { sheet, stretch } = locationOf(spreadsheet, metadata);
  if (sheet === undefined) return { ...metadata, location: { locationType: 'SPREADSHEET', spreadsheet: true } };
  if (stretch === undefined) return { ...metadata, location: { locationType: 'SHEET', sheetId: sheet.id } };
  const { dimension, start, end } = stretch;
  const dimensionRange = { sheetId: sheet.id, dimension, startIndex: start, endIndex: end };
  return { ...metadata, location: { locationType: dimension === 'ROWS' ? 'ROW' : 'COLUMN', dimensionRange } };
}

/** The pieces that a lookup matches. */
export function findMetadata(spreadsheet: Spreadsheet, lookup: sheets_v4.Schema$DeveloperMetadataLookup): Metadata[] {
  return spreadsheet.fields.metadata.filter((one) => {
    if (typeof lookup.metadataId === 'number' && lookup.metadataId !== one.metadataId) return false;
    if (typeof lookup.metadataKey === 'string' && lookup.metadataKey !== one.metadataKey) return false;
    if (typeof lookup.metadataValue === 'string' && lookup.metadataValue !== one.metadataValue) return false;
    if (typeof lookup.visibility === 'string' && lookup.visibility !== one.visibility) return false;
    const location = metadataJson(spreadsheet, one).location;
    if (typeof lookup.locationType === 'string' && lookup.locationType !== location?.locationType) return false;
    const sheetId = lookup.metadataLocation?.sheetId ?? lookup.metadataLocation?.dimensionRange?.sheetId;
    return sheetId === undefined || sheetId === (location?.sheetId ?? location?.dimensionRange?.sheetId);
  });
}

/** Adds a piece of metadata to the spreadsheet, a tab, or exactly one row or column. */
export function createMetadata(spreadsheet: Spreadsheet, wanted: Metadata): Metadata {
  const key = wanted.metadataKey ?? '';
  if (key === '') throw invalidArgument('Metadata key must be specified.');
  if (wanted.visibility === undefined) throw invalidArgument('Metadata visibility must be specified.');
  const id = wanted.metadataId ?? spreadsheet.newId();
  if (spreadsheet.fields.metadata.some((one) => one.metadataId === id))
    throw invalidArgument(`Developer metadata with id ${id} already exists.`);
  const range = wanted.location?.dimensionRange;
  const sheetId = range?.sheetId ?? wanted.location?.sheetId;
  const sheet = range === undefined && sheetId === undefined ? undefined : spreadsheet.sheetById(sheetId);
  const made: Metadata = {
    ...wanted,
    metadataId: id,
    metadataKey: key,
    location: { ...(sheet && { sheetId: sheet.id }) },
  };
  checkRoom(spreadsheet, made, sheet);
  if (range !== undefined && sheet !== undefined) attach(sheet, range, id);
  spreadsheet.set({ metadata: [...spreadsheet.fields.metadata, made] });
  return metadataJson(spreadsheet, made);
}

/** Takes away the pieces that a lookup matches, and returns them as they were. */
export function deleteMetadata(spreadsheet: Spreadsheet, gone: Metadata[]): Metadata[] {
  const were = gone.map((one) => metadataJson(spreadsheet, one));
  spreadsheet.set({ metadata: spreadsheet.fields.metadata.filter((one) => !gone.includes(one)) });
  return were;
}

function attach(sheet: Sheet, range: sheets_v4.Schema$DimensionRange, id: number): void {
  const start = range.startIndex ?? 0;
  const end = range.endIndex ?? start;
  const dimension = range.dimension === 'ROWS' ? 'ROWS' : 'COLUMNS';
  if (end - start !== 1) throw invalidArgument('Metadata location must be a single row or column.');
  const lines = dimension === 'ROWS' ? sheet.grid.rows : sheet.grid.columns;
  const count = dimension === 'ROWS' ? sheet.grid.rowCount : sheet.grid.columnCount;
  if (start < 0 || start >= count)
    throw invalidArgument(`Metadata location is outside of the sheet: ${dimension} ${start}`);
  sheet.grid.setDimension({ dimension, start, end }, { metadata: [...(lines[start]?.metadata ?? []), id] });
}

function checkRoom(spreadsheet: Spreadsheet, made: Metadata, sheet: Sheet | undefined): void {
  const size = (one: Metadata) => (one.metadataKey?.length ?? 0) + (one.metadataValue?.length ?? 0);
  const there = spreadsheet.fields.metadata.filter((one) => one.location?.sheetId === sheet?.id);
  const total = there.reduce((sum, one) => sum + size(one), size(made));
  if (total > maxCharacters)
    throw invalidArgument(`Developer metadata exceeds the limit of ${maxCharacters} characters.`);
}
