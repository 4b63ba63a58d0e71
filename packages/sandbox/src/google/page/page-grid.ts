import { html, type Html } from '../../fake-server/html.ts';
import { columnName } from '../spreadsheet/a1.ts';
import { isFormula, type CellValue } from '../spreadsheet/cell.ts';
import { cellStyle } from './cell-style.ts';
import { formatValue } from '../spreadsheet/number-format.ts';
import { covers } from '../spreadsheet/grid-range.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';

/** Longer texts are cut on the page. */
const maxText = 400;

/** Rows of a page, end excluded; the frozen ones are always shown above them. */
export interface PageRows {
  start: number;
  end: number;
}

/** Values by `row,column` that are shown in the place of formulas. */
export type ShownValues = ReadonlyMap<string, CellValue>;

interface Shown {
  sheet: Sheet;
  values: ShownValues;
}

/** The visible part of a tab as a table: letters above, numbers at the side, frozen rows that stay. */
export function gridTable(sheet: Sheet, rows: PageRows, values: ShownValues): Html {
  const { grid } = sheet;
  const columns = shownColumns(sheet);
  const frozen = frozenRows(sheet);
  const body = Array.from({ length: Math.max(0, rows.end - rows.start) }, (_, index) => rows.start + index);
  const width = (column: number) => grid.columns[column]?.pixelSize ?? 100;
  const total = columns.reduce((sum, column) => sum + width(column), 46);
  return html`<table class="grid" style="width:${total}px">
    <colgroup>
      <col style="width:46px" />
      ${columns.map((column) => html`<col style="width:${width(column)}px" />`)}
    </colgroup>
    <thead>
      <tr class="letters">
        <th class="corner"></th>
        ${columns.map((column) => html`<th>${columnName(column)}</th>`)}
      </tr>
      ${Array.from({ length: frozen }, (_, row) => line({ sheet, values }, row, columns))}
    </thead>
    <tbody>
      ${body.filter((row) => grid.rows[row]?.hidden !== true).map((row) => line({ sheet, values }, row, columns))}
    </tbody>
  </table>`;
}

/** How many rows stay at the top. */
export function frozenRows(sheet: Sheet): number {
  return Math.min(sheet.fields.properties.gridProperties?.frozenRowCount ?? 0, sheet.grid.rowCount);
}

function shownColumns(sheet: Sheet): number[] {
  const { grid } = sheet;
  return grid.columns.flatMap((column, index) => (column.hidden === true ? [] : [index]));
}

function line(shown: Shown, row: number, columns: number[]): Html {
  return html`<tr>
    <th class="number">${row + 1}</th>
    ${columns.map((column) => cell(shown, row, column))}
  </tr> `;
}

function cell({ sheet, values }: Shown, row: number, column: number): Html {
  const { grid } = sheet;
  const merge = sheet.fields.merges.find((range) => covers(range, row, column));
  const top = merge?.startRowIndex ?? (merge === undefined ? row : 0);
  const left = merge?.startColumnIndex ?? (merge === undefined ? column : 0);
  if (row !== top || column !== left) return html``;
  const value = values.get(`${row},${column}`) ?? grid.cell(row, column);
  const text = formatValue(value, grid.format(row, column));
  const shown = text.length > maxText ? `${text.slice(0, maxText)}…` : text;
  const span = [(merge?.endRowIndex ?? row + 1) - row, (merge?.endColumnIndex ?? column + 1) - column];
  const style = cellStyle(sheet, { row, column, value });
  // No white space around the text: a cell that wraps would show it.
  // prettier-ignore
  return html`<td class="${classes(sheet, { row, column, value })}" style="${style}" data-cell="${columnName(column)}${row + 1}" title="${grid.extra(row, column)?.note ?? ''}" rowspan="${span[0] ?? 1}" colspan="${span[1] ?? 1}">${shown}</td>`;
}

function classes(
  sheet: Sheet,
  { row, column, value }: { row: number; column: number; value: CellValue | undefined },
): string {
  const filter = sheet.fields.basicFilter?.range;
  const isFilter = filter !== undefined && row === (filter.startRowIndex ?? 0) && covers(filter, row, column);
  const names = [
    sheet.grid.extra(row, column)?.note !== undefined && 'noted',
    isFormula(value) && 'formula',
    isFilter && 'filtered',
  ];
  return names.filter((name) => name !== false).join(' ');
}
