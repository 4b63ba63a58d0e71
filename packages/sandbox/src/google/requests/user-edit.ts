import { z } from 'zod';
import { columnIndex, parseA1, type Area } from '../spreadsheet/a1.ts';
import { isFormula } from '../spreadsheet/cell.ts';
import { insertLines, moveLines, removeLines } from './dimension-requests.ts';
import { copySheet, freeTitle } from '../spreadsheet/copy-sheet.ts';
import type { Dimension, Stretch } from '../spreadsheet/grid.ts';
import { restoreSnapshot, snapshotOf, type Snapshot } from '../spreadsheet/spreadsheet-state.ts';
import { undoCells, undoDelete, undoDeleteTab, undoFields, undoInsert, undoMove, undoSort, type Undo } from './undo.ts';
import { pasteRequests } from './paste-requests.ts';
import { deleteSheet, hide, rename } from './sheet-requests.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { sortRows } from '../spreadsheet/sorting.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';
import { readableArea } from '../spreadsheet/value-reading.ts';
import { parseUserInput } from '../spreadsheet/user-input.ts';

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
  z.strictObject({ kind: z.literal('duplicate-tab'), tab, to: z.string().optional() }),
  z.strictObject({ kind: z.literal('hide-tab'), tab }),
  z.strictObject({ kind: z.literal('show-tab'), tab }),
  /** The cells of a range go to a corner, as with Ctrl-X and Ctrl-V. */
  z.strictObject({ kind: z.literal('cut-paste'), tab, range: z.string(), to: z.string() }),
  z.strictObject({ kind: z.literal('copy-paste'), tab, range: z.string(), to: z.string() }),
  z.strictObject({ kind: z.literal('clear'), tab, range: z.string() }),
  /** Sorts a range only: cells beside it, and developer metadata of its rows, stay. */
  z.strictObject({
    kind: z.literal('sort-range'),
    tab,
    range: z.string(),
    column,
    descending: z.boolean().default(false),
  }),
  /** File > Settings. */
  z.strictObject({ kind: z.literal('settings'), timeZone: z.string().optional(), locale: z.string().optional() }),
  /** Ctrl-Z: takes the latest edit back that was not taken back yet. */
  z.strictObject({ kind: z.literal('undo') }),
  /** File > Version history: names the version of now, and goes back to one. */
  z.strictObject({ kind: z.literal('name-version'), name: z.string() }),
  z.strictObject({ kind: z.literal('restore-version'), name: z.string() }),
  /** Against everyone but its owner: the service account may no longer write there. */
  z.strictObject({ kind: z.literal('protect'), tab, range: z.string().optional() }),
  z.strictObject({ kind: z.literal('unprotect'), tab }),
]);

export type UserEdit = z.input<typeof userEdit>;

type Edit = z.output<typeof userEdit>;

/** Who the person is. */
const owner = 'owner@example.com';

/** What a person can take back, and the versions that they named. */
export interface EditHistory {
  undos: Undo[];
  versions: Map<string, Snapshot>;
}

/** Carries out what a person does; throws what Sheets would tell them, or that there is no such tab or column. */
export function applyEdit(spreadsheet: Spreadsheet, wanted: UserEdit, history: EditHistory): void {
  const edit = userEdit.parse(wanted);
  spreadsheet.atomically(() => {
    switch (edit.kind) {
      case 'undo':
        return history.undos.pop()?.();
      case 'name-version':
        return void history.versions.set(edit.name, snapshotOf(spreadsheet));
      case 'restore-version':
        return restoreVersion(spreadsheet, history, edit.name);
      case 'settings':
        return history.undos.push(changeSettings(spreadsheet, edit));
      case 'add-tab': {
        const sheet = spreadsheet.addSheet({ rowCount: 1000, columnCount: 26, fields: { title: edit.tab } });
        return history.undos.push(() => deleteSheet(spreadsheet, sheet));
      }
      default: {
        const sheet = spreadsheet.sheetByTitle(edit.tab);
        if (sheet === undefined) throw new Error(`no tab ${edit.tab}`);
        return history.undos.push(apply(spreadsheet, sheet, edit));
      }
    }
  });
}

type TabEdit = Exclude<Edit, { kind: 'undo' | 'name-version' | 'restore-version' | 'settings' | 'add-tab' }>;

/** Carries an edit of one tab out, and returns how to take it back. */
function apply(spreadsheet: Spreadsheet, sheet: Sheet, edit: TabEdit): Undo {
  switch (edit.kind) {
    case 'sort':
      return sort(sheet, columnOf(sheet, edit.column), edit.descending);
    case 'sort-range':
      return sortRange(sheet, edit);
    case 'insert-rows':
      return insert(spreadsheet, sheet, rowsOf(sheet, edit));
    case 'delete-rows':
      return remove(spreadsheet, sheet, rowsOf(sheet, edit));
    case 'move-rows':
      return moveRows(spreadsheet, sheet, edit);
    case 'insert-column':
      return insertColumn(spreadsheet, sheet, edit);
    case 'delete-column':
      return remove(spreadsheet, sheet, columnStretch(sheet, edit.column));
    case 'move-column':
      return move(spreadsheet, sheet, {
        stretch: columnStretch(sheet, edit.column),
        to: columnOf(sheet, edit.before),
      });
    case 'hide-column': {
      const stretch = columnStretch(sheet, edit.column);
      sheet.grid.setDimension(stretch, { hidden: true });
      return () => sheet.grid.setDimension(stretch, { hidden: false });
    }
    case 'edit-cell':
      return typeIntoCell(sheet, edit.cell, edit.value);
    case 'clear':
      return clear(sheet, edit.range);
    case 'cut-paste':
    case 'copy-paste':
      return paste(spreadsheet, sheet, edit);
    case 'color':
      return color(sheet, edit.range, edit.color);
    default:
      return applyToTab(spreadsheet, sheet, edit);
  }
}

type WholeTabEdit = Extract<
  TabEdit,
  { kind: 'rename-tab' | 'delete-tab' | 'duplicate-tab' | 'hide-tab' | 'show-tab' | 'protect' | 'unprotect' }
>;

function applyToTab(spreadsheet: Spreadsheet, sheet: Sheet, edit: WholeTabEdit): Undo {
  const undo = edit.kind === 'delete-tab' ? undoDeleteTab(spreadsheet, sheet) : undoFields(sheet);
  switch (edit.kind) {
    case 'rename-tab':
      rename(spreadsheet, sheet, edit.to);
      return undo;
    case 'delete-tab':
      deleteSheet(spreadsheet, sheet);
      return undo;
    case 'duplicate-tab': {
      const title = edit.to ?? freeTitle(spreadsheet, `Copy of ${sheet.title}`);
      const copy = copySheet(spreadsheet, sheet, { title, index: spreadsheet.sheets.indexOf(sheet) + 1 });
      return () => deleteSheet(spreadsheet, copy);
    }
    case 'hide-tab':
      hide(spreadsheet, sheet);
      return undo;
    case 'show-tab':
      sheet.set({ hidden: false });
      return undo;
    case 'protect':
      protect(spreadsheet, sheet, edit.range);
      return undo;
    case 'unprotect':
      sheet.set({ protectedRanges: [] });
      return undo;
  }
}

function restoreVersion(spreadsheet: Spreadsheet, history: EditHistory, name: string): void {
  const version = history.versions.get(name);
  if (version === undefined) throw new Error(`no version ${name}`);
  history.undos = [];
  restoreSnapshot(spreadsheet, version);
}

function changeSettings(spreadsheet: Spreadsheet, edit: Extract<Edit, { kind: 'settings' }>): Undo {
  const { properties } = spreadsheet.fields;
  const { timeZone = properties.timeZone ?? '', locale = properties.locale ?? '' } = edit;
  spreadsheet.set({ properties: { ...properties, timeZone, locale } });
  return () => spreadsheet.set({ properties });
}

function insert(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch): Undo {
  insertLines(spreadsheet, sheet, { stretch, like: stretch.start > 0 ? 'before' : 'after' });
  return undoInsert(spreadsheet, sheet, stretch);
}

function remove(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch): Undo {
  const undo = undoDelete(spreadsheet, sheet, stretch);
  removeLines(spreadsheet, sheet, stretch);
  return undo;
}

function move(spreadsheet: Spreadsheet, sheet: Sheet, moved: { stretch: Stretch; to: number }): Undo {
  moveLines(spreadsheet, sheet, moved);
  return undoMove(spreadsheet, sheet, moved);
}

function clear(sheet: Sheet, range: string): Undo {
  const area = areaOf(sheet, range);
  const undo = undoCells(sheet, area);
  const blank = Array.from({ length: area.endColumn - area.startColumn }, () => undefined);
  for (let row = area.startRow; row < area.endRow; row += 1) sheet.grid.write(row, area.startColumn, blank);
  return undo;
}

function paste(
  spreadsheet: Spreadsheet,
  sheet: Sheet,
  { kind, range, to }: Extract<TabEdit, { kind: 'cut-paste' | 'copy-paste' }>,
): Undo {
  const area = areaOf(sheet, range);
  const { startRow, startColumn } = areaOf(sheet, to);
  const endRow = startRow + area.endRow - area.startRow;
  const endColumn = startColumn + area.endColumn - area.startColumn;
  const undoSource = undoCells(sheet, area);
  const undoTarget = undoCells(sheet, { startRow, startColumn, endRow, endColumn });
  const editing = { spreadsheet, user: owner };
  const source = gridRangeOf(sheet, area);
  if (kind === 'copy-paste') {
    const destination = gridRangeOf(sheet, { startRow, startColumn, endRow, endColumn });
    pasteRequests.copyPaste(editing, { source, destination });
  } else {
    const destination = { sheetId: sheet.id, rowIndex: startRow, columnIndex: startColumn };
    pasteRequests.cutPaste(editing, { source, destination });
  }
  return () => {
    undoTarget();
    undoSource();
  };
}

function sortRange(sheet: Sheet, edit: Extract<TabEdit, { kind: 'sort-range' }>): Undo {
  const area = areaOf(sheet, edit.range);
  const undo = undoCells(sheet, area);
  sortRows(sheet, area, [{ column: columnOf(sheet, edit.column), descending: edit.descending }]);
  return undo;
}

/** Sorts everything below the frozen rows (or the first one) that has values. */
function sort(sheet: Sheet, column: number, descending: boolean): Undo {
  const { area } = sheet.grid;
  const startRow = Math.max(1, sheet.fields.properties.gridProperties?.frozenRowCount ?? 0);
  const sorted = { ...area, startRow, endRow: sheet.grid.usedRows(area) };
  const undo = undoSort(sheet, sorted);
  sortRows(sheet, sorted, [{ column, descending }]);
  return undo;
}

function moveRows(spreadsheet: Spreadsheet, sheet: Sheet, edit: Edit & { kind: 'move-rows' }): Undo {
  const stretch = rowsOf(sheet, edit);
  const to = edit.to - 1;
  if (to > sheet.grid.rowCount) throw new Error(`no row ${edit.to} on ${sheet.title}`);
  // Dropped where they were taken from.
  if (to >= stretch.start && to <= stretch.end) return () => undefined;
  return move(spreadsheet, sheet, { stretch, to });
}

function insertColumn(spreadsheet: Spreadsheet, sheet: Sheet, edit: Edit & { kind: 'insert-column' }): Undo {
  const at = columnOf(sheet, edit.before);
  const stretch = { dimension: 'COLUMNS' as Dimension, start: at, end: at + 1 };
  const undo = insert(spreadsheet, sheet, stretch);
  if (edit.header !== undefined) sheet.grid.write(0, at, [edit.header]);
  return undo;
}

function typeIntoCell(sheet: Sheet, cell: string, value: string | number | boolean): Undo {
  const area = areaOf(sheet, cell);
  const undo = undoCells(sheet, { ...area, endRow: area.startRow + 1, endColumn: area.startColumn + 1 });
  const typed = typeof value === 'string' ? parseUserInput(value).value : value;
  sheet.grid.write(area.startRow, area.startColumn, [isFormula(typed) ? sheet.readFormula(typed.formula) : typed]);
  return undo;
}

function color(sheet: Sheet, range: string, hex: string): Undo {
  const area = areaOf(sheet, range);
  const undo = undoCells(sheet, area);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const backgroundColor = { red: part(1), green: part(3), blue: part(5) };
  const background = { backgroundColor, backgroundColorStyle: { rgbColor: backgroundColor } };
  for (let row = area.startRow; row < area.endRow; row += 1)
    for (let column = area.startColumn; column < area.endColumn; column += 1) {
      const extra = sheet.grid.extra(row, column);
      sheet.grid.setCellExtra(row, column, { ...extra, format: { ...extra?.format, ...background } });
    }
  return undo;
}

function protect(spreadsheet: Spreadsheet, sheet: Sheet, range: string | undefined): void {
  const area = range === undefined ? undefined : areaOf(sheet, range);
  const made = {
    protectedRangeId: spreadsheet.newId(),
    range: area === undefined ? { sheetId: sheet.id } : gridRangeOf(sheet, area),
    editors: { users: [owner] },
  };
  sheet.set({ protectedRanges: [...sheet.fields.protectedRanges, made] });
}

function gridRangeOf(sheet: Sheet, { startRow, endRow, startColumn, endColumn }: Area) {
  return {
    sheetId: sheet.id,
    startRowIndex: startRow,
    endRowIndex: endRow,
    startColumnIndex: startColumn,
    endColumnIndex: endColumn,
  };
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
