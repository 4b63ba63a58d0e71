import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import type { Area } from '../spreadsheet/a1.ts';
import { isFormula, type CellExtra, type CellValue } from '../spreadsheet/cell.ts';
import { shiftedFormula } from '../spreadsheet/formula.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Editing, Requests } from './editing.ts';
import { checkProtection } from './protection.ts';

/** Cells taken up for pasting: by row and column from the first one on. */
interface Clip {
  cells: { value: CellValue | undefined; extra: CellExtra | undefined }[][];
  height: number;
  width: number;
}

/** Requests that copy or move cells. Rows and columns stay where they are, with their developer metadata. */
export const pasteRequests = {
  copyPaste: (editing, { source = {}, destination = {}, pasteType, pasteOrientation }) => {
    if (pasteOrientation === 'TRANSPOSE') throw invalidArgument('the sandbox does not transpose');
    const from = editing.spreadsheet.sheetById(source.sheetId);
    const area = from.area(source);
    const to = editing.spreadsheet.sheetById(destination.sheetId);
    const target = to.area(destination);
    const clip = clipOf(from, area);
    // A destination that is a multiple of the source is filled; any other takes the source once.
    const rows = Math.max(1, Math.floor((target.endRow - target.startRow) / clip.height));
    const columns = Math.max(1, Math.floor((target.endColumn - target.startColumn) / clip.width));
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1) {
        const startRow = target.startRow + row * clip.height;
        const startColumn = target.startColumn + column * clip.width;
        paste(editing, to, { clip, startRow, startColumn, from: area, pasteType });
      }
    return undefined;
  },

  cutPaste: (editing, { source = {}, destination = {}, pasteType }) => {
    const from = editing.spreadsheet.sheetById(source.sheetId);
    const area = from.area(source);
    const to = editing.spreadsheet.sheetById(destination.sheetId);
    checkProtection(from, area, editing.user);
    const clip = clipOf(from, area);
    for (let row = area.startRow; row < area.endRow; row += 1)
      for (let column = area.startColumn; column < area.endColumn; column += 1) {
        from.grid.write(row, column, [undefined]);
        from.grid.setCellExtra(row, column, {});
      }
    const startRow = destination.rowIndex ?? 0;
    const startColumn = destination.columnIndex ?? 0;
    // Formulas that are cut keep what they refer to.
    paste(editing, to, { clip, startRow, startColumn, from: undefined, pasteType });
    return undefined;
  },
} satisfies Requests;

function clipOf(sheet: Sheet, area: Area): Clip {
  const rows = Array.from({ length: area.endRow - area.startRow }, (_, index) => area.startRow + index);
  const columns = Array.from({ length: area.endColumn - area.startColumn }, (_, index) => area.startColumn + index);
  const cells = rows.map((row) =>
    columns.map((column) => ({ value: sheet.grid.cell(row, column), extra: sheet.grid.extra(row, column) })),
  );
  return { cells, height: rows.length, width: columns.length };
}

function paste(
  { user }: Editing,
  sheet: Sheet,
  given: {
    clip: Clip;
    startRow: number;
    startColumn: number;
    from: Area | undefined;
    pasteType: sheets_v4.Schema$CopyPasteRequest['pasteType'];
  },
): void {
  const { clip, startRow, startColumn, from, pasteType } = given;
  const target: Area = {
    startRow,
    startColumn,
    endRow: startRow + clip.height,
    endColumn: startColumn + clip.width,
  };
  const { rowCount, columnCount } = sheet.grid;
  if (target.endRow > rowCount || target.endColumn > columnCount) throw sheet.gridLimitError(target);
  checkProtection(sheet, target, user);
  const type = pasteType ?? 'PASTE_NORMAL';
  const hasValues = ['PASTE_NORMAL', 'PASTE_NO_BORDERS', 'PASTE_VALUES', 'PASTE_FORMULA'].includes(type);
  const hasFormats = ['PASTE_NORMAL', 'PASTE_NO_BORDERS', 'PASTE_FORMAT'].includes(type);
  clip.cells.forEach((line, row) =>
    line.forEach(({ value, extra }, column) => {
      const at = { row: startRow + row, column: startColumn + column };
      if (hasValues) {
        const shift = from && { rows: startRow - from.startRow, columns: startColumn - from.startColumn };
        const formula = isFormula(value) ? { formula: shiftedFormula(value.formula, shift) } : value;
        sheet.grid.write(at.row, at.column, [isFormula(formula) ? sheet.readFormula(formula.formula) : formula]);
      }
      if (hasFormats) sheet.grid.setCellExtra(at.row, at.column, { ...extra });
    }),
  );
}
