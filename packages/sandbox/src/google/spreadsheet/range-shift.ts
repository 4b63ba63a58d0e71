import type { sheets_v4 } from '@googleapis/sheets';
import type { Dimension } from './grid.ts';
import type { Sheet, SheetFields } from './sheet.ts';
import type { Spreadsheet } from './spreadsheet.ts';

type GridRange = sheets_v4.Schema$GridRange;
type DimensionRange = sheets_v4.Schema$DimensionRange;

interface Moves {
  move: (range: GridRange) => GridRange | undefined;
  moveLines: (range: DimensionRange) => DimensionRange | undefined;
}

/** Where the ends of a range go when rows or columns come, go or move; `other` is the range's other end. */
export interface Shift {
  dimension: Dimension;
  start: (at: number, other: number) => number;
  end: (at: number, other: number) => number;
}

const lineKeys = new Set(['sheetId', 'dimension', 'startIndex', 'endIndex']);
const rangeKeys = new Set(['sheetId', 'startRowIndex', 'endRowIndex', 'startColumnIndex', 'endColumnIndex']);

/** Moves every range that points into the sheet: filters, bands, rules, protection, charts, names, on whatever tab they are. */
export function shiftRanges(spreadsheet: Spreadsheet, sheet: Sheet, shift: Shift): void {
  const move = (range: GridRange) => ((range.sheetId ?? 0) === sheet.id ? shifted(range, shift) : range);
  const moveLines = (range: DimensionRange) =>
    (range.sheetId ?? 0) === sheet.id && range.dimension === shift.dimension ? shiftedLines(range, shift) : range;
  for (const one of spreadsheet.sheets) {
    const { title, hidden, properties, ...lying } = one.fields;
    one.set({ title, hidden, properties, ...(mapped(lying, { move, moveLines }) as Partial<SheetFields>) });
  }
  const { namedRanges } = spreadsheet.fields;
  spreadsheet.set({ namedRanges: mapped(namedRanges, { move, moveLines }) as typeof namedRanges });
}

function shiftedLines(range: DimensionRange, { start, end }: Shift): DimensionRange | undefined {
  const from = range.startIndex ?? 0;
  const until = range.endIndex ?? Infinity;
  const [startIndex, endIndex] = [start(from, until), end(until, from)];
  return startIndex < endIndex ? { ...range, startIndex, endIndex } : undefined;
}

function shifted(range: GridRange, { dimension, start, end }: Shift): GridRange | undefined {
  const rows = dimension === 'ROWS';
  const from = (rows ? range.startRowIndex : range.startColumnIndex) ?? undefined;
  const until = (rows ? range.endRowIndex : range.endColumnIndex) ?? undefined;
  if (from === undefined && until === undefined) return range;
  const startNow = from === undefined ? undefined : start(from, until ?? Infinity);
  const endNow = until === undefined ? undefined : end(until, from ?? 0);
  if ((startNow ?? 0) >= (endNow ?? Infinity)) return undefined;
  const names = rows ? (['startRowIndex', 'endRowIndex'] as const) : (['startColumnIndex', 'endColumnIndex'] as const);
  return {
    ...range,
    ...(startNow !== undefined && { [names[0]]: startNow }),
    ...(endNow !== undefined && { [names[1]]: endNow }),
  };
}

/** The same JSON with every GridRange in it replaced; one that is gone falls out of its list or its field. */
function mapped(json: unknown, moves: Moves): unknown {
  if (Array.isArray(json)) {
    const items = json.map((item) => mapped(item, moves));
    return items.filter((item) => item !== undefined);
  }
  if (typeof json !== 'object' || json === null) return json;
  const keys = Object.keys(json);
  if (keys.length > 0 && keys.every((key) => rangeKeys.has(key)) && keys.some((key) => key !== 'sheetId'))
    return moves.move(json);
  if ('dimension' in json && keys.every((key) => lineKeys.has(key))) return moves.moveLines(json as DimensionRange);
  const entries = Object.entries(json).map(([key, value]) => [key, mapped(value, moves)] as const);
  // A band, protection, filter or name without its range is gone itself, as is a rule without any.
  const lost = entries.some(
    ([key, value]) => (key === 'range' && value === undefined) || (key === 'ranges' && isEmpty(value)),
  );
  return lost ? undefined : Object.fromEntries(entries);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
