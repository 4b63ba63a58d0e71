import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { sheets_v4 } from '@googleapis/sheets';
import { columnName } from '../spreadsheet/a1.ts';
import { isFormula, type CellValue } from '../spreadsheet/cell.ts';
import { formatValue } from '../spreadsheet/number-format.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { ShownValues } from './page-grid.ts';

/** A chart as the page's script draws it. */
export interface DrawnChart {
  title: string;
  kind: 'column' | 'bar' | 'doughnut';
  labels: string[];
  series: { name: string; values: (number | null)[] }[];
  /** The cell that its upper left corner is in, and how far to the right of it. */
  anchor: string;
  left: number;
  width: number;
  height: number;
}

/** The library that draws charts, as a browser loads it. */
export function chartScript(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('chart.js'));
  return readFileSync(join(folder, 'chart.umd.min.js'), 'utf8');
}

/** The charts of a tab with the values that it shows. */
export function chartsOf(sheet: Sheet, values: ShownValues): DrawnChart[] {
  return sheet.fields.charts.flatMap((chart) => toDrawn(sheet, values, chart));
}

function toDrawn(sheet: Sheet, values: ShownValues, { spec, position }: sheets_v4.Schema$EmbeddedChart): DrawnChart[] {
  const { basicChart: basic, pieChart: pie } = spec ?? {};
  const [domain] = basic?.domains ?? [];
  const labelSource = pie?.domain ?? domain?.domain;
  const seriesSources = pie === undefined ? (basic?.series ?? []).map(({ series }) => series) : [pie.series];
  const { column, rows } = areaOf(labelSource);
  const at = (row: number, from: number): CellValue | undefined =>
    values.get(`${row},${from}`) ?? sheet.grid.cell(row, from);
  const textAt = (row: number, from: number) => {
    const value = at(row, from);
    return isFormula(value) ? '' : formatValue(value, sheet.grid.format(row, from));
  };
  const numberAt = (row: number, from: number) => {
    const value = at(row, from);
    return typeof value === 'number' ? value : null;
  };
  // The first row is the heading.
  const used = rows.slice(1).filter((row) => textAt(row, column) !== '');
  const ordered = domain?.reversed === true ? used.toReversed() : used;
  const overlay = position?.overlayPosition;
  return [
    {
      title: spec?.title ?? '',
      kind: pie === undefined ? (basic?.chartType === 'BAR' ? 'bar' : 'column') : 'doughnut',
      labels: ordered.map((row) => textAt(row, column)),
      series: seriesSources.map((source) => {
        const area = areaOf(source);
        return {
          name: textAt(area.rows[0] ?? 0, area.column),
          values: ordered.map((row) => numberAt(row, area.column)),
        };
      }),
      anchor: `${columnName(overlay?.anchorCell?.columnIndex ?? 0)}${(overlay?.anchorCell?.rowIndex ?? 0) + 1}`,
      left: overlay?.offsetXPixels ?? 0,
      width: overlay?.widthPixels ?? 600,
      height: overlay?.heightPixels ?? 371,
    },
  ];
}

function areaOf(data: sheets_v4.Schema$ChartData | null | undefined): { column: number; rows: number[] } {
  const [range] = data?.sourceRange?.sources ?? [];
  const from = range?.startRowIndex ?? 0;
  const count = Math.max(0, (range?.endRowIndex ?? from) - from);
  return { column: range?.startColumnIndex ?? 0, rows: Array.from({ length: count }, (_, n) => from + n) };
}
