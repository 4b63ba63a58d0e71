import type { Google } from '../../../sandbox/src/index.ts';
import { dataSheetId } from '../../src/report/summary-data.ts';
import { summarySheetId } from '../../src/report/summary-tab.ts';
import { costsSheetId } from '../../src/report/costs-tab.ts';
import type { WorkbookCell, WorkbookTab } from './libreoffice.ts';

/** All tabs of the fake's spreadsheet, those with formulas first. */
export function workbookOf(google: Google): WorkbookTab[] {
  const { sheets } = google.spreadsheet();
  const first = [summarySheetId, costsSheetId, dataSheetId];
  const rank = (id: number) => (first.includes(id) ? first.indexOf(id) : first.length);
  const tallest = Math.max(...sheets.map(({ grid }) => grid.rowCount));
  return sheets
    .toSorted((a, b) => rank(a.id) - rank(b.id))
    .map(({ id, title, grid }) => ({
      title,
      // An array formula makes its tab as long as it needs.
      rowCount: id === dataSheetId ? tallest : grid.rowCount,
      columnCount: grid.columnCount,
      rows: Array.from({ length: grid.rowCount }, (_, row) =>
        Array.from({ length: grid.columnCount }, (__, column): WorkbookCell => {
          const cell = grid.cell(row, column);
          return typeof cell === 'object' ? { formula: cell.formula } : cell;
        }),
      ),
    }));
}
