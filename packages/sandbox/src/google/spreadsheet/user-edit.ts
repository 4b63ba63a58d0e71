import { z } from 'zod';
import { columnIndex, parseA1, type Area } from './a1.ts';
import { isFormula } from './cell.ts';
import { insertLines, moveLines, removeLines } from '../requests/dimension-requests.ts';
import type { Dimension } from './grid.ts';
import { deleteSheet, rename } from '../requests/sheet-requests.ts';
import type { Sheet } from './sheet.ts';
import { sortRows } from './sorting.ts';
import type { Spreadsheet } from './spreadsheet.ts';
import { readableArea } from '../api/value-reading.ts';
import { parseUserInput } from './user-input.ts';

const tab = z.string();
/** A header of the first row, or the letters of a column. */
const column = z.string();
/** As on the sheet: the first row is 1. */
const row = z.int().min(1);
const count = z.int().min(1).default(1);

/** What a person does to the spreadsheet in the browser. Rows are counted from 1, columns are named by header or letter. */
export const userEdit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sort'), tab, column, descending: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('insert-rows'), tab, at: row, count }),
  z.strictObject({ kind: z.literal('delete-rows'), tab, at: row, count }),
  /** To before row `to`. */
  z.strictObject({ kind: z.literal('move-rows'), tab, at: row, count, to: row }),
  z.strictObject({ kind: z.literal('insert-column'), tab, before: column, header: z.string().optional() }),
  z.strictObject({ kind: z.literal('delete-column'), tab, column }),
  z.strictObject({ kind: z.literal('move-column'), tab, column, before: column }),
  z.strictObject({ kind: z.literal('hide-column'), tab, column }),
  z.strictObject({
    kind: z.literal('edit-cell'),
    tab,
    cell: z.string(),
    value: z.union([z.string(), z.number(), z.boolean()]),
  }),
  z.strictObject({ kind: z.literal('color'), tab, range: z.string(), color: z.string().regex(/^#[0-9a-f]{6}$/iu) }),
  z.strictObject({ kind: z.literal('rename-tab'), tab, to: z.string() }),
  z.strictObject({ kind: z.literal('delete-tab'), tab }),
  z.strictObject({ kind: z.literal('add-tab'), tab }),
  /** Against everyone but its owner: the service account may no longer write there. */
  z.strictObject({ kind: z.literal('protect'), tab, range: z.string().optional() }),
  z.strictObject({ kind: z.literal('unprotect'), tab }),
]);

export type UserEdit = z.input<typeof userEdit>;

type Edit = z.output<typeof userEdit>;

/** Carries out what a person does; throws what Sheets would tell them, or that there is no such tab or column. */
export function applyEdit(spreadsheet: Spreadsheet, wanted: UserEdit): void {
  const edit = userEdit.parse(wanted);
  spreadsheet.atomically(() => {
    if (edit.kind === 'add-tab') {
      spreadsheet.addSheet({ rowCount: 1000, columnCount: 26, fields: { title: edit.tab } });
      return;
    }
    const sheet = spreadsheet.sheetByTitle(edit.tab);
    if (sheet === undefined) throw new Error(`no tab ${edit.tab}`);
    apply(spreadsheet, sheet, edit);
  });
}

function apply(spreadsheet: Spreadsheet, sheet: Sheet, edit: Exclude<Edit, { kind: 'add-tab' }>): void {
  switch (edit.kind) {
    case 'sort':
      return sort(sheet, columnOf(sheet, edit.column), edit.descending);
    case 'insert-rows':
      return insertLines(spreadsheet, sheet, { stretch: rowsOf(sheet, edit), like: edit.at > 1 ? 'before' : 'after' });
    case 'delete-rows':
      return removeLines(spreadsheet, sheet, rowsOf(sheet, edit));
    case 'move-rows':
      return moveRows(spreadsheet, sheet, edit);
    case 'insert-column':
      return insertColumn(spreadsheet, sheet, edit);
    case 'delete-column':
      return removeLines(spreadsheet, sheet, columnStretch(sheet, edit.column));
    case 'move-column':
      return moveLines(spreadsheet, sheet, {
        stretch: columnStretch(sheet, edit.column),
        to: columnOf(sheet, edit.before),
      });
    case 'hide-column':
      return sheet.grid.setDimension(columnStretch(sheet, edit.column), { hidden: true });
    case 'edit-cell':
      return typeIntoCell(sheet, edit.cell, edit.value);
    case 'color':
      return color(sheet, edit.range, edit.color);
    case 'rename-tab':
      return rename(spreadsheet, sheet, edit.to);
    case 'delete-tab':
      return deleteSheet(spreadsheet, sheet);
    case 'protect':
      return protect(spreadsheet, sheet, edit.range);
    case 'unprotect':
      return sheet.set({ protectedRanges: [] });
  }
}

/** Sorts everything below the frozen rows (or the first one) that has values. */
function sort(sheet: Sheet, column: number, descending: boolean): void {
  const { area } = sheet.grid;
  const startRow = Math.max(1, sheet.fields.properties.gridProperties?.frozenRowCount ?? 0);
  sortRows(sheet, { ...area, startRow, endRow: sheet.grid.usedRows(area) }, [{ column, descending }]);
}

function moveRows(spreadsheet: Spreadsheet, sheet: Sheet, edit: Edit & { kind: 'move-rows' }): void {
  const stretch = rowsOf(sheet, edit);
  const to = edit.to - 1;
  if (to > sheet.grid.rowCount) throw new Error(`no row ${edit.to} on ${sheet.title}`);
  // Dropped where they were taken from.
  if (to >= stretch.start && to <= stretch.end) return;
  moveLines(spreadsheet, sheet, { stretch, to });
}

function insertColumn(spreadsheet: Spreadsheet, sheet: Sheet, edit: Edit & { kind: 'insert-column' }): void {
  const at = columnOf(sheet, edit.before);
  const stretch = { dimension: 'COLUMNS' as Dimension, start: at, end: at + 1 };
  insertLines(spreadsheet, sheet, { stretch, like: at > 0 ? 'before' : 'after' });
  if (edit.header !== undefined) sheet.grid.write(0, at, [edit.header]);
}

function typeIntoCell(sheet: Sheet, cell: string, value: string | number | boolean): void {
  const area = areaOf(sheet, cell);
  sheet.grid.write(area.startRow, area.startColumn, [typeof value === 'string' ? parseUserInput(value).value : value]);
}

function color(sheet: Sheet, range: string, hex: string): void {
  const area = areaOf(sheet, range);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const backgroundColor = { red: part(1), green: part(3), blue: part(5) };
  const background = { backgroundColor, backgroundColorStyle: { rgbColor: backgroundColor } };
  for (let row = area.startRow; row < area.endRow; row += 1)
    for (let column = area.startColumn; column < area.endColumn; column += 1) {
      const extra = sheet.grid.extra(row, column);
      sheet.grid.setCellExtra(row, column, { ...extra, format: { ...extra?.format, ...background } });
    }
}

function protect(spreadsheet: Spreadsheet, sheet: Sheet, range: string | undefined): void {
  const area = range === undefined ? undefined : areaOf(sheet, range);
  const made = {
    protectedRangeId: spreadsheet.newId(),
    range: {
      sheetId: sheet.id,
      ...(area && {
        startRowIndex: area.startRow,
        endRowIndex: area.endRow,
        startColumnIndex: area.startColumn,
        endColumnIndex: area.endColumn,
      }),
    },
    editors: { users: ['owner@example.com'] },
  };
  sheet.set({ protectedRanges: [...sheet.fields.protectedRanges, made] });
}

function rowsOf(sheet: Sheet, { at, count, kind }: { at: number; count: number; kind: string }) {
  const last = kind === 'insert-rows' ? at : at + count - 1;
  if (last > sheet.grid.rowCount) throw new Error(`no row ${last} on ${sheet.title}`);
  return { dimension: 'ROWS' as Dimension, start: at - 1, end: at - 1 + count };
}

function columnStretch(sheet: Sheet, name: string) {
  const start = columnOf(sheet, name);
  return { dimension: 'COLUMNS' as Dimension, start, end: start + 1 };
}

function columnOf(sheet: Sheet, name: string): number {
  const headers = sheet.grid.rows[0]?.cells ?? [];
  const byHeader = headers.findIndex((value) => value === name || (isFormula(value) && value.formula === name));
  if (byHeader >= 0) return byHeader;
  const index = /^[A-Z]{1,3}$/u.test(name) ? columnIndex(name) : -1;
  if (index < 0 || index > sheet.grid.columnCount) throw new Error(`no column ${name} on ${sheet.title}`);
  return index;
}

function areaOf(sheet: Sheet, cells: string): Area {
  return readableArea(sheet, parseA1(`here!${cells}`));
}
