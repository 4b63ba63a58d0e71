import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';
import type { Requests } from './editing.ts';

type DimensionGroup = sheets_v4.Schema$DimensionGroup;
type DimensionRange = sheets_v4.Schema$DimensionRange;

/** Sheets' own limit for groups in groups. */
const maxDepth = 8;

/** Requests about groups of rows or columns. */
export const groupRequests = {
  addDimensionGroup: ({ spreadsheet }, { range = {} }) => ({
    addDimensionGroup: { dimensionGroups: regroup(spreadsheet, range, 1) },
  }),

  deleteDimensionGroup: ({ spreadsheet }, { range = {} }) => ({
    deleteDimensionGroup: { dimensionGroups: regroup(spreadsheet, range, -1) },
  }),

  updateDimensionGroup: ({ spreadsheet }, { dimensionGroup = {}, fields }) => {
    const mask = updateMask(fields, 'DimensionGroup');
    const { sheet, field, start, end } = linesOf(spreadsheet, dimensionGroup.range ?? {});
    const groups = sheet.fields[field];
    const found = groups.find(
      ({ range, depth }) =>
        range?.startIndex === start && range.endIndex === end && depth === (dimensionGroup.depth ?? 0),
    );
    if (found === undefined) throw invalidArgument('No dimension group with that range and depth.');
    const made = { ...found, ...updated(found, dimensionGroup, mask), range: found.range ?? {} };
    sheet.set({ [field]: groups.map((one) => (one === found ? made : one)) });
    const dimension = field === 'rowGroups' ? 'ROWS' : 'COLUMNS';
    sheet.grid.setDimension({ dimension, start, end }, { hidden: made.collapsed === true });
    return undefined;
  },
} satisfies Requests;

/** Makes the lines of the range deeper or shallower, and finds the groups that there are then. */
function regroup(spreadsheet: Spreadsheet, range: DimensionRange, change: 1 | -1): DimensionGroup[] {
  const { sheet, field, start, end } = linesOf(spreadsheet, range);
  const groups = sheet.fields[field];
  const count = field === 'rowGroups' ? sheet.grid.rowCount : sheet.grid.columnCount;
  const depths = Array.from({ length: count }, (_, index) => {
    const depth = groups.filter((one) => covers(one, index)).length;
    return index >= start && index < end ? depth + change : depth;
  });
  if (depths.some((depth) => depth < 0)) throw invalidArgument('No dimension group over that range.');
  if (depths.some((depth) => depth > maxDepth)) throw invalidArgument(`Groups may not be more than ${maxDepth} deep.`);
  const dimension = field === 'rowGroups' ? 'ROWS' : 'COLUMNS';
  const made: DimensionGroup[] = [];
  for (let depth = 1; depth <= Math.max(0, ...depths); depth += 1)
    for (let index = 0; index < count; index += 1) {
      const from = index;
      while (index < count && (depths[index] ?? 0) >= depth) index += 1;
      if (index === from) continue;
      const old = groups.find((one) => one.depth === depth && one.range?.startIndex === from);
      made.push({
        range: { sheetId: sheet.id, dimension, startIndex: from, endIndex: index },
        depth,
        ...(old?.collapsed === true && { collapsed: true }),
      });
    }
  sheet.set({ [field]: made });
  return made;
}

function covers({ range }: DimensionGroup, index: number): boolean {
  return index >= (range?.startIndex ?? 0) && index < (range?.endIndex ?? 0);
}

function linesOf(
  spreadsheet: Spreadsheet,
  { sheetId, dimension, startIndex, endIndex }: DimensionRange,
): { sheet: Sheet; field: 'rowGroups' | 'columnGroups'; start: number; end: number } {
  const sheet = spreadsheet.sheetById(sheetId);
  if (dimension !== 'ROWS' && dimension !== 'COLUMNS') throw invalidArgument('Dimension must be specified.');
  const count = dimension === 'ROWS' ? sheet.grid.rowCount : sheet.grid.columnCount;
  const start = startIndex ?? 0;
  const end = endIndex ?? count;
  if (start < 0 || end <= start || end > count)
    throw invalidArgument(`Invalid dimension range: startIndex ${start}, endIndex ${end}`);
  return { sheet, field: dimension === 'ROWS' ? 'rowGroups' : 'columnGroups', start, end };
}
