import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import type { Editing, Requests } from './editing.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import { isWhole, overlaps } from '../spreadsheet/grid-range.ts';
import { isFormulaReadable } from '../spreadsheet/formula.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { parseUserInput } from '../spreadsheet/user-input.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

type GridRange = sheets_v4.Schema$GridRange;
type ProtectedRange = sheets_v4.Schema$ProtectedRange;

/** Requests about what lies on cells: filters, bands, conditional formats, protection, merges. */
export const formattingRequests = {
  setBasicFilter: ({ spreadsheet }, { filter }) => {
    if (filter?.range === undefined) throw invalidArgument('Filter range must be specified.');
    const sheet = sheetOf(spreadsheet, filter.range);
    // Open ends become those of the grid as it is now: rows that are added later at the end are outside.
    sheet.set({ basicFilter: { ...filter, range: bounded(sheet, filter.range) } });
    return undefined;
  },
  clearBasicFilter: ({ spreadsheet }, { sheetId }) => {
    spreadsheet.sheetById(sheetId).set({ basicFilter: undefined });
    return undefined;
  },

  addBanding: ({ spreadsheet }, { bandedRange = {} }) => {
    const { range, rowProperties, columnProperties } = bandedRange;
    if (range === undefined) throw invalidArgument('Banded range must be specified.');
    if (rowProperties === undefined && columnProperties === undefined)
      throw invalidArgument('Must specify rowProperties or columnProperties.');
    const sheet = sheetOf(spreadsheet, range);
    checkFree(sheet, range);
    const made = { ...bandedRange, bandedRangeId: bandedRange.bandedRangeId ?? spreadsheet.newId() };
    sheet.set({ bandedRanges: [...sheet.fields.bandedRanges, made] });
    return { addBanding: { bandedRange: made } };
  },
  updateBanding: ({ spreadsheet }, { bandedRange = {}, fields }) => {
    const mask = updateMask(fields, 'BandedRange');
    const { sheet, one } = locateRange(spreadsheet, 'bandedRanges', bandedRange.bandedRangeId);
    const made = updated(one, { ...bandedRange, bandedRangeId: one.bandedRangeId ?? 0 }, mask);
    if (made.range !== undefined) checkFree(sheet, made.range, one);
    sheet.set({ bandedRanges: sheet.fields.bandedRanges.map((other) => (other === one ? made : other)) });
    return undefined;
  },
  deleteBanding: ({ spreadsheet }, { bandedRangeId }) => {
    const { sheet, one } = locateRange(spreadsheet, 'bandedRanges', bandedRangeId);
    sheet.set({ bandedRanges: sheet.fields.bandedRanges.filter((other) => other !== one) });
    return undefined;
  },

  addConditionalFormatRule: ({ spreadsheet }, { rule, index }) => {
    const { sheet, rule: checked } = checkedRule(spreadsheet, rule);
    const { conditionalFormats } = sheet.fields;
    if ((index ?? 0) > conditionalFormats.length) throw noRule(index);
    sheet.set({ conditionalFormats: conditionalFormats.toSpliced(index ?? 0, 0, checked) });
    return undefined;
  },
  updateConditionalFormatRule: ({ spreadsheet }, { rule, index, sheetId, newIndex }) => {
    const checked = rule && checkedRule(spreadsheet, rule);
    const sheet = checked?.sheet ?? spreadsheet.sheetById(sheetId);
    const old = sheet.fields.conditionalFormats[index ?? 0];
    if (old === undefined) throw noRule(index);
    const others = sheet.fields.conditionalFormats.toSpliced(index ?? 0, 1);
    const made = checked?.rule ?? old;
    sheet.set({ conditionalFormats: others.toSpliced(newIndex ?? index ?? 0, 0, made) });
    return {
      updateConditionalFormatRule: {
        newRule: made,
        newIndex: newIndex ?? index ?? 0,
        oldRule: old,
        oldIndex: index ?? 0,
      },
    };
  },
  deleteConditionalFormatRule: ({ spreadsheet }, { index, sheetId }) => {
    const sheet = spreadsheet.sheetById(sheetId);
    const rule = sheet.fields.conditionalFormats[index ?? 0];
    if (rule === undefined) throw noRule(index);
    sheet.set({ conditionalFormats: sheet.fields.conditionalFormats.toSpliced(index ?? 0, 1) });
    return { deleteConditionalFormatRule: { rule } };
  },

  addProtectedRange: (editing, { protectedRange = {} }) => {
    const { range } = protectedRange;
    if (range === undefined) throw invalidArgument('Protected range must be specified.');
    const sheet = sheetOf(editing.spreadsheet, range);
    const made = withEditors(editing, protectedRange, editing.spreadsheet.newId());
    if (isWhole(range) && sheet.fields.protectedRanges.some((one) => isWhole(one.range ?? {})))
      throw invalidArgument(`Sheet "${sheet.title}" already has sheet protection.`);
    sheet.set({ protectedRanges: [...sheet.fields.protectedRanges, made] });
    return { addProtectedRange: { protectedRange: made } };
  },
  updateProtectedRange: (editing, { protectedRange = {}, fields }) => {
    const mask = updateMask(fields, 'ProtectedRange');
    const { sheet, one } = locateRange(editing.spreadsheet, 'protectedRanges', protectedRange.protectedRangeId);
    const made = withEditors(editing, updated(one, protectedRange, mask), one.protectedRangeId ?? 0);
    sheet.set({ protectedRanges: sheet.fields.protectedRanges.map((other) => (other === one ? made : other)) });
    return undefined;
  },
  deleteProtectedRange: ({ spreadsheet }, { protectedRangeId }) => {
    const { sheet, one } = locateRange(spreadsheet, 'protectedRanges', protectedRangeId);
    sheet.set({ protectedRanges: sheet.fields.protectedRanges.filter((other) => other !== one) });
    return undefined;
  },

  mergeCells: ({ spreadsheet }, { range = {} }) => {
    const sheet = sheetOf(spreadsheet, range);
    if (sheet.fields.merges.some((one) => overlaps(one, sheet.area(range))))
      throw invalidArgument('You must select all cells in a merged range to merge or unmerge them.');
    sheet.set({ merges: [...sheet.fields.merges, range] });
    return undefined;
  },
  unmergeCells: ({ spreadsheet }, { range = {} }) => {
    const sheet = sheetOf(spreadsheet, range);
    sheet.set({ merges: sheet.fields.merges.filter((one) => !overlaps(one, sheet.area(range))) });
    return undefined;
  },
} satisfies Requests;

/** The tab of a range that fits into its grid. */
function sheetOf(spreadsheet: Spreadsheet, range: GridRange): Sheet {
  const sheet = spreadsheet.sheetById(range.sheetId);
  sheet.area(range);
  return sheet;
}

function bounded(sheet: Sheet, range: GridRange): GridRange {
  const { startRow, endRow, startColumn, endColumn } = sheet.area(range);
  return {
    sheetId: sheet.id,
    startRowIndex: startRow,
    endRowIndex: endRow,
    startColumnIndex: startColumn,
    endColumnIndex: endColumn,
  };
}

function checkFree(sheet: Sheet, range: GridRange, own?: sheets_v4.Schema$BandedRange): void {
  const area = sheet.area(range);
  if (sheet.fields.bandedRanges.some((one) => one !== own && one.range !== undefined && overlaps(one.range, area)))
    throw invalidArgument(
      'You cannot add alternating background colors to a range that already has alternating background colors.',
    );
}

/** A protected range with its editors; whoever makes one stays an editor of it. */
function withEditors({ user }: Editing, wanted: ProtectedRange, protectedRangeId: number): ProtectedRange {
  if (wanted.warningOnly === true) {
    if (wanted.editors !== undefined)
      throw invalidArgument('ProtectedRange is warningOnly. Editors cannot be set on it.');
    return { ...wanted, protectedRangeId };
  }
  if ((wanted.unprotectedRanges?.length ?? 0) > 0 && !isWhole(wanted.range ?? {}))
    throw invalidArgument('Unprotected ranges can only be set on protected sheets.');
  const users = [...new Set([...(wanted.editors?.users ?? []), user])];
  return { ...wanted, protectedRangeId, requestingUserCanEdit: true, editors: { ...wanted.editors, users } };
}

function locateRange(
  spreadsheet: Spreadsheet,
  kind: 'bandedRanges',
  id: number | null | undefined,
): { sheet: Sheet; one: sheets_v4.Schema$BandedRange };
function locateRange(
  spreadsheet: Spreadsheet,
  kind: 'protectedRanges',
  id: number | null | undefined,
): { sheet: Sheet; one: ProtectedRange };
function locateRange(
  spreadsheet: Spreadsheet,
  kind: 'bandedRanges' | 'protectedRanges',
  id: number | null | undefined,
): { sheet: Sheet; one: object } {
  for (const sheet of spreadsheet.sheets) {
    const one =
      kind === 'bandedRanges'
        ? sheet.fields.bandedRanges.find((other) => other.bandedRangeId === id)
        : sheet.fields.protectedRanges.find((other) => other.protectedRangeId === id);
    if (one !== undefined) return { sheet, one };
  }
  throw invalidArgument(`No ${kind === 'bandedRanges' ? 'banded' : 'protected'} range with id: ${id ?? 0}`);
}

/** Conditions that a conditional format may have, with the number of values that each takes. */
const conditionValues: Record<string, number[]> = {
  NUMBER_GREATER: [1],
  NUMBER_GREATER_THAN_EQ: [1],
  NUMBER_LESS: [1],
  NUMBER_LESS_THAN_EQ: [1],
  NUMBER_EQ: [1],
  NUMBER_NOT_EQ: [1],
  NUMBER_BETWEEN: [2],
  NUMBER_NOT_BETWEEN: [2],
  TEXT_CONTAINS: [1],
  TEXT_NOT_CONTAINS: [1],
  TEXT_STARTS_WITH: [1],
  TEXT_ENDS_WITH: [1],
  TEXT_EQ: [1],
  DATE_EQ: [1],
  DATE_BEFORE: [1],
  DATE_AFTER: [1],
  BLANK: [0],
  NOT_BLANK: [0],
  CUSTOM_FORMULA: [1],
};
const conditionalFields = new Set(['backgroundColor', 'backgroundColorStyle', 'textFormat']);

function checkedRule(
  spreadsheet: Spreadsheet,
  rule: sheets_v4.Schema$ConditionalFormatRule | undefined,
): { sheet: Sheet; rule: sheets_v4.Schema$ConditionalFormatRule } {
  const [first, ...more] = rule?.ranges ?? [];
  if (rule === undefined || first === undefined) throw invalidArgument('Must specify at least one range.');
  const sheet = sheetOf(spreadsheet, first);
  for (const range of more)
    if (sheetOf(spreadsheet, range) !== sheet) throw invalidArgument('All ranges must be on the same sheet.');
  if ((rule.booleanRule === undefined) === (rule.gradientRule === undefined))
    throw invalidArgument('Must specify either a boolean rule or a gradient rule.');
  if (rule.booleanRule !== undefined) checkBoolean(spreadsheet, rule.booleanRule);
  return { sheet, rule };
}

function checkBoolean(spreadsheet: Spreadsheet, { condition, format }: sheets_v4.Schema$BooleanRule): void {
  const type = condition?.type ?? 'CONDITION_TYPE_UNSPECIFIED';
  const values = condition?.values ?? [];
  const counts = conditionValues[type];
  if (counts === undefined) throw invalidArgument(`Condition type ${type} is not supported for conditional formats.`);
  if (!counts.includes(values.length))
    throw invalidArgument(`Condition type ${type} takes ${counts.join(' or ')} values, got ${values.length}.`);
  for (const { userEnteredValue: value = '' } of values)
    if (value === null || !isConditionValue(spreadsheet, type, value))
      throw invalidArgument(`Invalid ConditionValue.userEnteredValue: ${value ?? ''}`);
  const unknown = Object.keys(format ?? {}).find((name) => !conditionalFields.has(name));
  if (unknown !== undefined) throw invalidArgument(`Conditional formats do not support the format ${unknown}.`);
}

/** A formula that can be read; else a number where the condition compares numbers, and any text where it compares texts. */
function isConditionValue(spreadsheet: Spreadsheet, type: string, value: string): boolean {
  if (value.startsWith('=')) return isFormulaReadable(value, spreadsheet.fields.properties.locale ?? 'en_US');
  if (type === 'CUSTOM_FORMULA') return false;
  if (type.startsWith('TEXT_')) return true;
  const { value: typed } = parseUserInput(value);
  return typeof typed === 'number';
}

function noRule(index: number | null | undefined): Error {
  return invalidArgument(`No conditional format on sheet at index: ${index ?? 0}`);
}
