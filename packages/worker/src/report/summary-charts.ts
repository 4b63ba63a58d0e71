import type { SheetsRequest } from '@shopee-webhook/sheets';
import { feeColumnIds } from './summary-formulas.ts';

/** Where the tables begin that the charts draw: the row of their headings and the column of each; from 0. */
interface Tables {
  headings: number;
  perDay: number;
  perStatus: number;
  topSkus: number;
  fees: number;
}

const days = 31;

interface Area {
  column: number;
  rows: number;
}

/** Sales and net per day, orders per status, top SKUs, and what the fees go to. */
export function chartRequests(sheetId: number, tables: Tables): SheetsRequest[] {
  const { perDay, perStatus, topSkus, fees } = tables;
  const source = ({ column, rows }: Area) => sourceOf(sheetId, tables.headings, { column, rows });
  const statuses = 12;
  const specs = [
    {
      spec: columnChart('Sales, net and profit per day', [perDay, perDay + 2, perDay + 4, perDay + 7], source),
      width: 620,
    },
    {
      spec: pieChart(
        'Orders per status',
        source({ column: perStatus, rows: statuses }),
        source({ column: perStatus + 1, rows: statuses }),
      ),
      width: 420,
    },
    {
      spec: barChart(
        'Top SKUs by sales',
        source({ column: topSkus, rows: 10 }),
        source({ column: topSkus + 3, rows: 10 }),
      ),
      width: 560,
    },
    {
      spec: pieChart(
        'What the fees go to',
        source({ column: fees, rows: feeColumnIds.length }),
        source({ column: fees + 1, rows: feeColumnIds.length }),
      ),
      width: 420,
    },
  ];
  const anchors = [0, 5, 9, 14];
  return specs.map(({ spec, width }, n) => {
    const anchorCell = { sheetId, rowIndex: 6, columnIndex: anchors[n] ?? 0 };
    const overlayPosition = { anchorCell, widthPixels: width, heightPixels: 380 };
    return { addChart: { chart: { spec, position: { overlayPosition } } } };
  });
}

type Source = ReturnType<typeof sourceOf>;

/** A column of a table with its heading. */
function sourceOf(sheetId: number, headings: number, { column, rows }: Area) {
  const range = {
    sheetId,
    startRowIndex: headings,
    endRowIndex: headings + 1 + rows,
    startColumnIndex: column,
    endColumnIndex: column + 1,
  };
  return { sourceRange: { sources: [range] } };
}

function columnChart(title: string, [domain = 0, ...series]: number[], source: (area: Area) => Source) {
  return {
    title,
    basicChart: {
      chartType: 'COLUMN',
      legendPosition: 'TOP_LEGEND',
      headerCount: 1,
      // The newest day is the first: reversed, the days go from left to right.
      domains: [{ domain: source({ column: domain, rows: days }), reversed: true }],
      series: series.map((column) => ({ series: source({ column, rows: days }), targetAxis: 'LEFT_AXIS' })),
    },
  };
}

function barChart(title: string, domain: Source, series: Source) {
  return {
    title,
    basicChart: {
      chartType: 'BAR',
      legendPosition: 'NO_LEGEND',
      headerCount: 1,
      domains: [{ domain }],
      series: [{ series, targetAxis: 'BOTTOM_AXIS' }],
    },
  };
}

function pieChart(title: string, domain: Source, series: Source) {
  return { title, pieChart: { legendPosition: 'RIGHT_LEGEND', pieHole: 0.5, domain, series } };
}
