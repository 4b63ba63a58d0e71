import { insertLines, moveLines, removeLines } from './dimension-requests.ts';
import type { Area } from '../spreadsheet/a1.ts';
import { dropMetadata } from '../spreadsheet/developer-metadata.ts';
import type { Stretch } from '../spreadsheet/grid.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/**
 * How to take a change of one person back. Made before the change; what others did meanwhile stays, as in Sheets, which undoes only
 * one's own edits.
 */
export type Undo = () => void;

/** Back into the order of before, rows that came since stay where they are. */
export function undoSort({ grid }: Sheet, area: Area): Undo {
  const before = grid.madeRows(area.startRow, area.endRow);
  return () => grid.reorder(area, before);
}

export function undoInsert(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch): Undo {
  return () => removeLines(spreadsheet, sheet, stretch);
}

/** The lines come back with their cells, formats and metadata. */
export function undoDelete(spreadsheet: Spreadsheet, sheet: Sheet, stretch: Stretch): Undo {
  const { grid } = sheet;
  const { dimension, start, end } = stretch;
  const like = start > 0 ? 'before' : 'after';
  const rows = dimension === 'ROWS' ? grid.rows.slice(start, end) : [];
  const columns = dimension === 'COLUMNS' ? grid.columns.slice(start, end) : [];
  const cells = grid.rows.map((row) => ({
    values: row?.cells.slice(start, end) ?? [],
    extras: columns.map((_, index) => row?.extras?.get(start + index)),
  }));
  const metadata = spreadsheet.atomically(() => {
    const pieces = dropMetadata(spreadsheet, sheet, stretch);
    spreadsheet.set({ metadata: [...spreadsheet.fields.metadata, ...pieces] });
    return pieces;
  });
  return () => {
    insertLines(spreadsheet, sheet, { stretch, like });
    spreadsheet.set({ metadata: [...spreadsheet.fields.metadata, ...metadata] });
    if (dimension === 'ROWS') return grid.putRows(start, rows);
    grid.putColumns(start, columns);
    cells.forEach(({ values, extras }, row) => {
      if (values.some((value) => value !== undefined)) grid.write(row, start, values);
      extras.forEach((extra, index) => extra !== undefined && grid.setCellExtra(row, start + index, extra));
    });
  };
}

export function undoMove(spreadsheet: Spreadsheet, sheet: Sheet, moved: { stretch: Stretch; to: number }): Undo {
  const { stretch, to } = moved;
  const count = stretch.end - stretch.start;
  const start = to > stretch.start ? to - count : to;
  const back = { stretch: { ...stretch, start, end: start + count }, to: stretch.start };
  if (to <= stretch.start) back.to = stretch.end;
  return () => moveLines(spreadsheet, sheet, back);
}

/** Values, formats and notes of the cells. */
export function undoCells({ grid }: Sheet, area: Area): Undo {
  const rows = Array.from({ length: area.endRow - area.startRow }, (_, index) => area.startRow + index);
  const columns = Array.from({ length: area.endColumn - area.startColumn }, (_, index) => area.startColumn + index);
  const before = rows.flatMap((row) =>
    columns.map((column) => ({ row, column, value: grid.cell(row, column), extra: grid.extra(row, column) })),
  );
  return () => {
    for (const { row, column, value, extra } of before) {
      grid.write(row, column, [value]);
      grid.setCellExtra(row, column, extra ?? {});
    }
  };
}

/** Everything that lies on the tab beside its cells. */
export function undoFields(sheet: Sheet): Undo {
  const before = sheet.fields;
  return () => sheet.set(before);
}

/** The tab comes back with all that was on it. */
export function undoDeleteTab(spreadsheet: Spreadsheet, sheet: Sheet): Undo {
  const index = spreadsheet.sheets.indexOf(sheet);
  const { metadata, namedRanges } = spreadsheet.fields;
  return () => {
    spreadsheet.arrange(spreadsheet.sheets.toSpliced(index, 0, sheet));
    const pieces = metadata.filter(({ location }) => location?.sheetId === sheet.id);
    const names = namedRanges.filter(({ range }) => (range?.sheetId ?? 0) === sheet.id);
    const { fields } = spreadsheet;
    spreadsheet.set({ metadata: [...fields.metadata, ...pieces], namedRanges: [...fields.namedRanges, ...names] });
  };
}
