import { copyMetadata } from './developer-metadata.ts';
import type { Sheet, SheetFields } from './sheet.ts';
import type { Spreadsheet } from './spreadsheet.ts';

/**
 * Copies a tab: values, formats, notes, sizes, filter, bands, rules, merges, charts and developer metadata, all with ids of their
 * own. Protection is not copied, as in Sheets.
 */
export function copySheet(
  spreadsheet: Spreadsheet,
  from: Sheet,
  made: { title: string; id?: number; index?: number },
): Sheet {
  const { rowCount, columnCount } = from.grid;
  const { title, ...place } = made;
  const sheet = spreadsheet.addSheet({ ...place, rowCount, columnCount, fields: { title } });
  const copied: Partial<SheetFields> = { ...from.fields, title, hidden: false, protectedRanges: [] };
  sheet.set(withIds(copied, { spreadsheet, from: from.id, to: sheet.id }));
  from.grid.columns.forEach(({ formats, hidden, pixelSize }, index) => {
    sheet.grid.columns[index] = { formats: [...formats], hidden, pixelSize };
  });
  from.grid.rows.forEach((row, index) => {
    if (row === undefined) return;
    sheet.grid.write(index, 0, row.cells);
    for (const [column, extra] of row.extras ?? []) sheet.grid.setCellExtra(index, column, extra);
    const { hidden, pixelSize } = row;
    sheet.grid.setDimension({ dimension: 'ROWS', start: index, end: index + 1 }, { hidden, pixelSize });
  });
  copyMetadata(spreadsheet, from, sheet);
  return sheet;
}

/** The title, or with a number behind it when another tab has it. */
export function freeTitle(spreadsheet: Spreadsheet, title: string): string {
  let free = title;
  for (let number = 1; spreadsheet.sheetByTitle(free) !== undefined; number += 1) free = `${title} ${number}`;
  return free;
}

const idNames = new Set(['bandedRangeId', 'chartId', 'filterViewId']);
const boundNames = ['startRowIndex', 'endRowIndex', 'startColumnIndex', 'endColumnIndex', 'startIndex'];

/** The same fields for another tab: its id in every range, and new ids for what has one. */
function withIds(
  fields: Partial<SheetFields>,
  { spreadsheet, from, to }: { spreadsheet: Spreadsheet; from: number; to: number },
): Partial<SheetFields> {
  const moved = (json: unknown): unknown => {
    if (Array.isArray(json)) return json.map(moved);
    if (typeof json !== 'object' || json === null) return json;
    const entries = Object.entries(json).map(([name, value]) => {
      if (idNames.has(name)) return [name, spreadsheet.newId()];
      return [name, name === 'sheetId' && value === from ? to : moved(value)];
    });
    const copy = Object.fromEntries(entries) as Record<string, unknown>;
    // A range without a tab is on the one with id 0.
    const isOnZero = from === 0 && copy['sheetId'] === undefined && boundNames.some((name) => name in copy);
    return isOnZero ? { ...copy, sheetId: to } : copy;
  };
  return moved(fields) as Partial<SheetFields>;
}
