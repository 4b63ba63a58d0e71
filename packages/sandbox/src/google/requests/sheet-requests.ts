import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import { copySheet, freeTitle } from '../spreadsheet/copy-sheet.ts';
import { removeLines } from './dimension-requests.ts';
import type { Editing, Requests } from './editing.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { sheetProperties } from '../spreadsheet/spreadsheet-json.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

type SheetProperties = sheets_v4.Schema$SheetProperties;

const maxSheets = 200;
const maxTitle = 100;

/** Requests about tabs as a whole, and about the spreadsheet's own properties. */
export const sheetRequests = {
  addSheet: ({ spreadsheet }, { properties = {} }) => {
    const { sheetId, title, index, gridProperties, sheetType, hidden, ...rest } = properties;
    if (spreadsheet.sheets.length >= maxSheets) throw invalidArgument(`Cannot have more than ${maxSheets} sheets.`);
    if ((sheetType ?? 'GRID') !== 'GRID') throw invalidArgument('the sandbox imitates sheets of type GRID only');
    checkSheetId(spreadsheet, sheetId);
    const { rowCount, columnCount, ...grid } = gridProperties ?? {};
    const name = title ?? newTitle(spreadsheet);
    checkTitle(spreadsheet, name);
    const size = { rowCount: rowCount ?? 1000, columnCount: columnCount ?? 26 };
    if (size.rowCount < 1 || size.columnCount < 1)
      throw invalidArgument('A sheet must have at least one row and one column.');
    checkFrozen(size, grid);
    const sheet = spreadsheet.addSheet({
      ...(typeof sheetId === 'number' && { id: sheetId }),
      ...(typeof index === 'number' && { index }),
      ...size,
      fields: { title: name, hidden: hidden === true, properties: { ...rest, gridProperties: grid } },
    });
    return { addSheet: { properties: sheetProperties(spreadsheet, sheet) } };
  },

  deleteSheet: ({ spreadsheet }, { sheetId }) => {
    deleteSheet(spreadsheet, spreadsheet.sheetById(sheetId, 'sheet'));
    return undefined;
  },

  duplicateSheet: ({ spreadsheet }, { sourceSheetId, insertSheetIndex, newSheetId, newSheetName }) => {
    const from = spreadsheet.sheetById(sourceSheetId, 'sheet');
    const title = (newSheetName ?? '') === '' ? freeTitle(spreadsheet, `Copy of ${from.title}`) : (newSheetName ?? '');
    checkTitle(spreadsheet, title);
    checkSheetId(spreadsheet, newSheetId);
    const sheet = copySheet(spreadsheet, from, {
      title,
      index: insertSheetIndex ?? 0,
      ...(typeof newSheetId === 'number' && { id: newSheetId }),
    });
    return { duplicateSheet: { properties: sheetProperties(spreadsheet, sheet) } };
  },

  updateSheetProperties: ({ spreadsheet }, { properties = {}, fields }) => {
    const mask = updateMask(fields, 'SheetProperties');
    const sheet = spreadsheet.sheetById(properties.sheetId, 'sheet');
    const before = sheetProperties(spreadsheet, sheet);
    change({ spreadsheet, sheet }, before, updated(before, properties, mask));
    return undefined;
  },

  updateSpreadsheetProperties: ({ spreadsheet }, { properties = {}, fields }) => {
    const mask = updateMask(fields, 'SpreadsheetProperties');
    spreadsheet.set({ properties: updated(spreadsheet.fields.properties, properties, mask) });
    return undefined;
  },
} satisfies Requests;

/** Gives a tab a new title; throws the 400 of one that another tab has. */
export function rename(spreadsheet: Spreadsheet, sheet: Sheet, title: string): void {
  checkTitle(spreadsheet, title, sheet);
  sheet.set({ title });
}

/** Takes a tab away; throws the 400 of the last one. */
export function deleteSheet(spreadsheet: Spreadsheet, sheet: Sheet): void {
  const others = spreadsheet.sheets.filter((one) => one !== sheet);
  if (others.length === 0) throw invalidArgument("You can't remove all the sheets in a document.");
  if (others.every(({ fields }) => fields.hidden))
    throw invalidArgument("You can't remove all the visible sheets in a document.");
  spreadsheet.arrange(others);
  const metadata = spreadsheet.fields.metadata.filter((one) => one.location?.sheetId !== sheet.id);
  const namedRanges = spreadsheet.fields.namedRanges.filter((one) => (one.range?.sheetId ?? 0) !== sheet.id);
  spreadsheet.set({ metadata, namedRanges });
}

function change(
  { spreadsheet, sheet }: { spreadsheet: Spreadsheet; sheet: Sheet },
  before: SheetProperties,
  after: SheetProperties,
): void {
  const { sheetId: _, title, index, sheetType: __, gridProperties, hidden, ...rest } = after;
  if (typeof title === 'string' && title !== sheet.title) rename(spreadsheet, sheet, title);
  const { rowCount, columnCount, ...grid } = gridProperties ?? {};
  resize(
    { spreadsheet, sheet },
    { rowCount: rowCount ?? sheet.grid.rowCount, columnCount: columnCount ?? sheet.grid.columnCount },
  );
  checkFrozen(sheet.grid, grid);
  if (hidden === true) hide(spreadsheet, sheet);
  sheet.set({ hidden: hidden === true, properties: { ...rest, gridProperties: grid } });
  if (typeof index === 'number' && index !== before.index) {
    // As in the docs: a target index counts before the tab is taken out of its old place.
    const from = spreadsheet.sheets.indexOf(sheet);
    const others = spreadsheet.sheets.filter((one) => one !== sheet);
    spreadsheet.arrange(others.toSpliced(index > from ? index - 1 : index, 0, sheet));
  }
}

/** Hides a tab; throws the 400 of the last visible one. */
export function hide(spreadsheet: Spreadsheet, sheet: Sheet): void {
  if (spreadsheet.sheets.every((one) => one === sheet || one.fields.hidden))
    throw invalidArgument("You can't hide all the sheets in a document.");
  sheet.set({ hidden: true });
}

function resize(
  { spreadsheet, sheet }: { spreadsheet: Spreadsheet; sheet: Sheet },
  size: { rowCount: number; columnCount: number },
): void {
  const { grid } = sheet;
  if (size.rowCount < 1 || size.columnCount < 1)
    throw invalidArgument('A sheet must have at least one row and one column.');
  const { rowCount, columnCount } = grid;
  spreadsheet.reserve(size.rowCount * size.columnCount - rowCount * columnCount);
  if (size.rowCount > rowCount) grid.insert({ dimension: 'ROWS', start: rowCount, end: size.rowCount }, 'before');
  if (size.rowCount < rowCount)
    removeLines(spreadsheet, sheet, { dimension: 'ROWS', start: size.rowCount, end: rowCount });
  if (size.columnCount > columnCount)
    grid.insert({ dimension: 'COLUMNS', start: columnCount, end: size.columnCount }, 'before');
  if (size.columnCount < columnCount)
    removeLines(spreadsheet, sheet, { dimension: 'COLUMNS', start: size.columnCount, end: columnCount });
}

function checkTitle(spreadsheet: Spreadsheet, title: string, own?: Sheet): void {
  const taken = spreadsheet.sheets.some((sheet) => sheet !== own && sheet.title.toLowerCase() === title.toLowerCase());
  if (taken) throw invalidArgument(`A sheet with the name "${title}" already exists. Please enter another name.`);
  if (title === '') throw invalidArgument('Invalid sheet name: ');
  if (title.length > maxTitle) throw invalidArgument(`The sheet name cannot be greater than ${maxTitle} characters.`);
}

function checkSheetId(spreadsheet: Spreadsheet, id: number | null | undefined): void {
  if (typeof id !== 'number') return;
  if (id < 0) throw invalidArgument('Sheet id must be non-negative.');
  if (spreadsheet.sheets.some((sheet) => sheet.id === id)) throw invalidArgument(`Sheet with id ${id} already exists.`);
}

function checkFrozen(size: { rowCount: number; columnCount: number }, grid: sheets_v4.Schema$GridProperties): void {
  if ((grid.frozenRowCount ?? 0) >= size.rowCount)
    throw invalidArgument("You can't freeze all visible rows on the sheet.");
  if ((grid.frozenColumnCount ?? 0) >= size.columnCount)
    throw invalidArgument("You can't freeze all visible columns on the sheet.");
}

function newTitle({ sheets }: Editing['spreadsheet']): string {
  let number = sheets.length + 1;
  while (sheets.some((sheet) => sheet.title === `Sheet${number}`)) number += 1;
  return `Sheet${number}`;
}
