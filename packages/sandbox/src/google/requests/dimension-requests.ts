import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import type { Editing, Requests } from './editing.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import type { Stretch } from '../spreadsheet/grid.ts';
import { checkProtection } from './protection.ts';
import { dropMetadata } from '../spreadsheet/developer-metadata.ts';
import { shiftRanges } from '../spreadsheet/range-shift.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/** Requests that add, take away, move or size rows and columns. */
export const dimensionRequests = {
  appendDimension: ({ spreadsheet }, { sheetId, dimension, length }) => {
    const sheet = spreadsheet.sheetById(sheetId);
    const start = dimension === 'COLUMNS' ? sheet.grid.columnCount : sheet.grid.rowCount;
    if ((length ?? 0) < 1) throw invalidArgument(`Cannot append ${length ?? 0} rows or columns.`);
    grow(spreadsheet, sheet, { dimension: dimensionOf(dimension), start, end: start + (length ?? 0) });
    return undefined;
  },

  insertDimension: ({ spreadsheet }, { range = {}, inheritFromBefore }) => {
    const { sheet, stretch } = stretchOf(spreadsheet, range);
    const size = countOf(sheet, stretch);
    if (stretch.start > size) throw invalidArgument(`range.startIndex is larger than current grid size (${size})`);
    if (stretch.start === size && inheritFromBefore !== true)
      throw invalidArgument(
        `range.startIndex must be less than the grid size (${size}) if inheritFromBefore is false.`,
      );
    if (inheritFromBefore === true && stretch.start === 0)
      throw invalidArgument('inheritFromBefore cannot be true when inserting at the beginning of the sheet.');
    insertLines(spreadsheet, sheet, { stretch, like: inheritFromBefore === true ? 'before' : 'after' });
    return undefined;
  },

  deleteDimension: (editing, { range = {} }) => {
    const { sheet, stretch } = stretchOf(editing.spreadsheet, range);
    const count = countOf(sheet, stretch);
    if (stretch.end > count) throw outside(sheet, stretch, 'delete', Math.max(stretch.start, count));
    checkProtection(sheet, areaOf(sheet, stretch), editing.user);
    removeLines(editing.spreadsheet, sheet, stretch);
    return undefined;
  },

  moveDimension: (editing, { source = {}, destinationIndex }) => {
    const { sheet, stretch } = stretchOf(editing.spreadsheet, source);
    const count = countOf(sheet, stretch);
    const to = destinationIndex ?? 0;
    if (stretch.end > count) throw outside(sheet, stretch, 'move', Math.max(stretch.start, count));
    if (to < 0 || to > count) throw outside(sheet, stretch, 'move', to);
    if (to > stretch.start && to < stretch.end) throw invalidArgument('Cannot move rows or columns into themselves.');
    checkProtection(sheet, areaOf(sheet, stretch), editing.user);
    moveLines(editing.spreadsheet, sheet, { stretch, to });
    return undefined;
  },

  updateDimensionProperties: ({ spreadsheet }, { range = {}, properties = {}, fields }) => {
    const mask = updateMask(fields, 'DimensionProperties');
    const { sheet, stretch } = stretchOf(spreadsheet, range);
    if (stretch.end > countOf(sheet, stretch)) throw outside(sheet, stretch, 'update', stretch.end - 1);
    const { pixelSize, hiddenByUser } = updated({}, properties, mask);
    const change = {
      ...((mask.has('pixelSize') || mask.has('*')) && { pixelSize: pixelSize ?? undefined }),
      ...((mask.has('hiddenByUser') || mask.has('*')) && { hidden: hiddenByUser === true }),
    };
    sheet.grid.setDimension(stretch, change);
    return undefined;
  },

  // Widths by content need a font; the columns keep theirs.
  autoResizeDimensions: ({ spreadsheet }, { dimensions = {} }) => void stretchOf(spreadsheet, dimensions),
} satisfies Requests;

/** Inserts blank rows or columns; everything that lies on the sheet moves with its cells. */
export function insertLines(
  spreadsheet: Spreadsheet,
  sheet: Sheet,
  { stretch, like }: { stretch: Stretch; like: 'before' | 'after' },
): void {
  grow(spreadsheet, sheet, stretch, like);
  const count = stretch.end - stretch.start;
  shiftRanges(spreadsheet, sheet, {
    dimension: stretch.dimension,
    // A range that begins where the new lines come moves on; one that ends there takes in those that look like it.
    start: (at) => (at >= stretch.start ? at + count : at),
    end: (at) => (at > stretch.start || (at === stretch.start && like === 'before') ? at + count : at),
  });
  freeze(sheet, stretch, (frozen) => (frozen > stretch.start ? frozen + count : frozen));
}

/** Removes rows or columns with all that is in them; throws the 400 of what would leave no row that scrolls. */
export function removeLines(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch): void {
  const count = stretch.end - stretch.start;
  const lines = stretch.dimension === 'ROWS' ? 'rows' : 'columns';
  if (count === countOf(sheet, stretch)) throw invalidArgument(`You can't delete all the ${lines} on the sheet.`);
  const shrunk = (at: number) => (at <= stretch.start ? at : Math.max(stretch.start, at - count));
  const frozen = sheet.fields.properties.gridProperties;
  const frozenAfter = shrunk((stretch.dimension === 'ROWS' ? frozen?.frozenRowCount : frozen?.frozenColumnCount) ?? 0);
  if (frozenAfter >= countOf(sheet, stretch) - count)
    throw invalidArgument(`Sorry, it is not possible to delete all non-frozen ${lines}.`);
  dropMetadata(spreadsheet, sheet, stretch);
  sheet.grid.remove(stretch);
  shiftRanges(spreadsheet, sheet, { dimension: stretch.dimension, start: shrunk, end: shrunk });
  freeze(sheet, stretch, shrunk);
}

/** Moves rows or columns to before the index `to` of the time before the move. */
export function moveLines(
  spreadsheet: Spreadsheet,
  sheet: Sheet,
  { stretch, to }: { stretch: Stretch; to: number },
): void {
  sheet.grid.move(stretch, to);
  const { start, end } = stretch;
  const moved = (at: number): number => {
    if (at >= start && at < end) return at + (to > start ? to - end : to - start);
    if (at >= end && at < to) return at - (end - start);
    return at >= to && at < start ? at + (end - start) : at;
  };
  // A range keeps its place unless all of it was moved.
  const whole = (from: number, until: number) => from >= start && until <= end;
  shiftRanges(spreadsheet, sheet, {
    dimension: stretch.dimension,
    start: (at, until) => (whole(at, until) ? moved(at) : at),
    end: (at, from) => (whole(from, at) ? moved(at - 1) + 1 : at),
  });
}

function grow(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch, like: 'before' | 'after' = 'before'): void {
  const { grid } = sheet;
  const added = stretch.end - stretch.start;
  if (stretch.dimension === 'COLUMNS' && grid.columnCount + added > 18_278)
    throw invalidArgument('This action would increase the number of columns above the limit of 18278 columns.');
  spreadsheet.reserve(added * (stretch.dimension === 'ROWS' ? grid.columnCount : grid.rowCount));
  grid.insert(stretch, like);
}

function freeze(sheet: Sheet, { dimension }: Stretch, moved: (frozen: number) => number): void {
  const { properties } = sheet.fields;
  const name = dimension === 'ROWS' ? 'frozenRowCount' : 'frozenColumnCount';
  const frozen = properties.gridProperties?.[name] ?? 0;
  const now = moved(frozen);
  if (now !== frozen)
    sheet.set({ properties: { ...properties, gridProperties: { ...properties.gridProperties, [name]: now } } });
}

function stretchOf(
  spreadsheet: Editing['spreadsheet'],
  range: sheets_v4.Schema$DimensionRange,
): { sheet: Sheet; stretch: Stretch } {
  const sheet = spreadsheet.sheetById(range.sheetId);
  const dimension = dimensionOf(range.dimension);
  const count = dimension === 'ROWS' ? sheet.grid.rowCount : sheet.grid.columnCount;
  const stretch: Stretch = { dimension, start: range.startIndex ?? 0, end: range.endIndex ?? count };
  if (stretch.start < 0 || stretch.end <= stretch.start)
    throw invalidArgument(`Invalid dimension range: startIndex ${stretch.start}, endIndex ${stretch.end}`);
  return { sheet, stretch };
}

function dimensionOf(dimension: string | null | undefined): Stretch['dimension'] {
  if (dimension === 'ROWS' || dimension === 'COLUMNS') return dimension;
  throw invalidArgument('Dimension must be specified.');
}

function countOf(sheet: Sheet, { dimension }: Stretch): number {
  return dimension === 'ROWS' ? sheet.grid.rowCount : sheet.grid.columnCount;
}

function areaOf(sheet: Sheet, { dimension, start, end }: Stretch) {
  const { area } = sheet.grid;
  return dimension === 'ROWS'
    ? { ...area, startRow: start, endRow: end }
    : { ...area, startColumn: start, endColumn: end };
}

function outside(sheet: Sheet, stretch: Stretch, verb: string, index: number): Error {
  const line = stretch.dimension === 'ROWS' ? 'row' : 'column';
  return invalidArgument(
    `Cannot ${verb} a ${line} that doesn't exist. Tried to ${verb} ${line} index ${index} but there are only ${countOf(sheet, stretch)} ${line}s.`,
  );
}
