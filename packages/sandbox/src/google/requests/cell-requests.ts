import type { sheets_v4 } from '@googleapis/sheets';
import type { Area } from '../spreadsheet/a1.ts';
import { shiftedFormula } from '../spreadsheet/formula.ts';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import { isFormula, type CellFormat, type CellValue } from '../spreadsheet/cell.ts';
import type { Requests } from './editing.ts';
import { below, updated, updateMask, type Mask } from '../spreadsheet/field-mask.ts';
import { checkProtection } from './protection.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { sortRows } from '../spreadsheet/sorting.ts';
import { maxCellCharacters } from '../spreadsheet/spreadsheet.ts';

type CellData = sheets_v4.Schema$CellData;

/** From this many rows on a format is stored with the column and not with each cell. */
const columnFormatRows = 50;

/** Requests that change what is in cells: values, formats, notes, validation, order. */
export const cellRequests = {
  updateCells: (editing, { rows, start, range, fields }) => {
    const mask = updateMask(fields, 'CellData');
    const lines = rows ?? [];
    const width = lines.reduce((max, line) => Math.max(max, line.values?.length ?? 0), 0);
    const place = start ?? range ?? {};
    const sheet = editing.spreadsheet.sheetById(place.sheetId);
    const startRow = start?.rowIndex ?? range?.startRowIndex ?? 0;
    const startColumn = start?.columnIndex ?? range?.startColumnIndex ?? 0;
    const given: Area = { startRow, startColumn, endRow: startRow + lines.length, endColumn: startColumn + width };
    const area = range === undefined ? given : sheet.area(range);
    if (given.endRow > area.endRow) throw writeBeyondError('row', area.endRow);
    if (given.endColumn > area.endColumn) throw writeBeyondError('column', area.endColumn);
    const { rowCount, columnCount } = sheet.grid;
    if (area.endRow > rowCount || area.endColumn > columnCount) throw sheet.gridLimitError(area);
    checkProtection(sheet, area, editing.user);
    // With a range the cells that no data is given for are emptied in the fields of the mask; with a start they are left alone.
    for (let row = area.startRow; row < area.endRow; row += 1) {
      const values = lines[row - startRow]?.values ?? [];
      const end = range === undefined ? startColumn + values.length : area.endColumn;
      for (let column = startColumn; column < end; column += 1)
        change(sheet, { row, column }, { data: values[column - startColumn] ?? {}, mask });
    }
    return undefined;
  },

  repeatCell: (editing, { range = {}, cell = {}, fields }) => {
    const mask = updateMask(fields, 'CellData');
    const sheet = editing.spreadsheet.sheetById(range.sheetId);
    const area = sheet.area(range);
    checkProtection(sheet, area, editing.user);
    const open = range.endRowIndex === undefined || range.endRowIndex === null;
    const whole = open || area.endRow - area.startRow > columnFormatRows;
    if (whole) formatColumns(sheet, { ...area, endRow: open ? Infinity : area.endRow }, { data: cell, mask });
    const rest = whole ? withoutFormat(mask) : mask;
    if (rest.size === 0) return undefined;
    const valueAt = repeatedValue(sheet, cell);
    for (let row = area.startRow; row < area.endRow; row += 1)
      for (let column = area.startColumn; column < area.endColumn; column += 1) {
        const value = valueAt({ rows: row - area.startRow, columns: column - area.startColumn });
        change(sheet, { row, column }, { data: cell, mask: rest }, value);
      }
    return undefined;
  },

  appendCells: (editing, { sheetId, rows, fields }) => {
    const mask = updateMask(fields, 'CellData');
    const { spreadsheet, user } = editing;
    const sheet = spreadsheet.sheetById(sheetId);
    const { grid } = sheet;
    const lines = rows ?? [];
    const startRow = grid.usedRows(grid.area);
    const width = lines.reduce((max, line) => Math.max(max, line.values?.length ?? 0), 0);
    if (width > grid.columnCount) throw writeBeyondError('column', grid.columnCount);
    const endRow = startRow + lines.length;
    const missing = endRow - grid.rowCount;
    if (missing > 0) {
      spreadsheet.reserve(missing * grid.columnCount);
      grid.insert({ dimension: 'ROWS', start: grid.rowCount, end: endRow }, 'before');
    }
    checkProtection(sheet, { startRow, endRow, startColumn: 0, endColumn: width }, user);
    lines.forEach((line, index) =>
      line.values?.forEach((data, column) => change(sheet, { row: startRow + index, column }, { data, mask })),
    );
    return undefined;
  },

  sortRange: (editing, { range = {}, sortSpecs }) => {
    const sheet = editing.spreadsheet.sheetById(range.sheetId);
    const area = sheet.area(range);
    checkProtection(sheet, area, editing.user);
    const keys = (sortSpecs ?? []).map(({ dimensionIndex, sortOrder }) => ({
      column: dimensionIndex ?? 0,
      descending: sortOrder === 'DESCENDING',
    }));
    for (const { column } of keys)
      if (column < area.startColumn || column >= area.endColumn)
        throw invalidArgument(`sortSpecs.dimensionIndex ${column} is outside of the range.`);
    sortRows(sheet, area, keys);
    return undefined;
  },

  setDataValidation: ({ spreadsheet }, { range = {}, rule }) => {
    const sheet = spreadsheet.sheetById(range.sheetId);
    sheet.area(range);
    const others = sheet.fields.validations.filter((one) => JSON.stringify(one.range) !== JSON.stringify(range));
    sheet.set({ validations: rule === undefined ? others : [...others, { range, rule }] });
    return undefined;
  },
} satisfies Requests;

interface Change {
  data: CellData;
  mask: Mask;
}

function change(
  sheet: Sheet,
  { row, column }: { row: number; column: number },
  { data, mask }: Change,
  value?: CellValue,
): void {
  const { grid } = sheet;
  const all = mask.has('*');
  if (all || mask.has('userEnteredValue'))
    grid.write(row, column, [value ?? stored(sheet, valueOf(data.userEnteredValue))]);
  if (!all && !mask.has('userEnteredFormat') && !mask.has('note') && !mask.has('dataValidation')) return;
  const extra = { ...grid.extra(row, column) };
  if (all || mask.has('userEnteredFormat')) extra.format = formatted(extra.format ?? {}, { data, mask });
  if (all || mask.has('note')) extra.note = data.note === '' ? undefined : (data.note ?? undefined);
  if (all || mask.has('dataValidation')) extra.validation = data.dataValidation;
  grid.setCellExtra(row, column, extra);
}

function stored(sheet: Sheet, value: CellValue | undefined): CellValue | undefined {
  return isFormula(value) ? sheet.readFormula(value.formula) : value;
}

function formatColumns({ grid }: Sheet, area: Area, cell: Change): void {
  if (!cell.mask.has('*') && !cell.mask.has('userEnteredFormat')) return;
  for (let column = area.startColumn; column < area.endColumn; column += 1)
    grid.formatColumn(column, area, (format) => formatted(format, cell) ?? {});
}

function formatted(format: CellFormat, { data, mask }: Change): CellFormat | undefined {
  const given = data.userEnteredFormat ?? {};
  if (
    given.numberFormat !== undefined &&
    (given.numberFormat.type ?? 'NUMBER_FORMAT_TYPE_UNSPECIFIED') === 'NUMBER_FORMAT_TYPE_UNSPECIFIED'
  )
    throw invalidArgument('Number format type must be specified.');
  const inner = mask.has('*') ? undefined : below(mask, 'userEnteredFormat');
  const made = inner === undefined ? given : updated(format, given, inner);
  return Object.keys(made).length === 0 ? undefined : made;
}

function withoutFormat(mask: Mask): Mask {
  if (!mask.has('*')) return new Map([...mask].filter(([name]) => name !== 'userEnteredFormat'));
  return new Map(['userEnteredValue', 'note', 'dataValidation'].map((name) => [name, new Map()]));
}

function valueOf(value: sheets_v4.Schema$ExtendedValue | undefined): CellValue | undefined {
  const { numberValue, stringValue, boolValue, formulaValue } = value ?? {};
  if (typeof numberValue === 'number') return numberValue;
  if (typeof boolValue === 'boolean') return boolValue;
  const text = stringValue ?? formulaValue ?? '';
  if (text.length > maxCellCharacters)
    throw invalidArgument(
      `Your input contains more than the maximum of ${maxCellCharacters} characters in a single cell.`,
    );
  if (typeof formulaValue !== 'string') return text === '' ? undefined : text;
  if (!formulaValue.startsWith('='))
    throw invalidArgument(`Invalid formulaValue: it must begin with '=': ${formulaValue}`);
  return { formula: formulaValue };
}

/** A repeated formula counts on from the first cell, as when it is dragged: `=A1` is `=A2` one row below. */
/** The value of each cell of a range that is filled with one: a formula's relative references move along. */
function repeatedValue(sheet: Sheet, cell: CellData): (by: { rows: number; columns: number }) => CellValue | undefined {
  const value = stored(sheet, valueOf(cell.userEnteredValue));
  if (!isFormula(value)) return () => value;
  // Most have none, and a formula can be long.
  if (shiftedFormula(value.formula, { rows: 1, columns: 1 }) === value.formula) return () => value;
  return (by) => ({ ...value, formula: shiftedFormula(value.formula, by) });
}

function writeBeyondError(line: 'row' | 'column', end: number): Error {
  return invalidArgument(`Attempting to write ${line}: ${end}, beyond the last requested ${line} of: ${end - 1}`);
}
