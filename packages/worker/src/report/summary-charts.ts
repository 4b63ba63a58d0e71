import type { SheetsRequest } from '@shopee-webhook/sheets';

interface Table {
  /** Row of the headings, from 0. */
  headings: number;
  rows: number;
}

type Tables = Record<'byMonth' | 'byDay' | 'byFee' | 'byStatus' | 'bySku', Table>;

/** A column of a table, with its heading. */
interface Area {
  table: Table;
  column: number;
}

/** The row that the charts stand on, and as many more as they cover. */
export const chartRows = { from: 10, count: 20 };

/** Goods sold, net and profit per month and day, the orders by status, the SKUs that sold most, and the fees. */
export function chartRequests(sheetId: number, { byMonth, byDay, byFee, byStatus, bySku }: Tables): SheetsRequest[] {
  const source = (area: Area) => sourceOf(sheetId, area);
  const of = (table: Table, column: number) => source({ table, column });
  // Goods sold, net and profit.
  const amounts = [2, 7, 10];
  const overTime = (title: string, table: Table) =>
    columnChart(
      title,
      of(table, 0),
      amounts.map((column) => of(table, column)),
    );
  const specs = [
    { spec: overTime('Goods sold, net and profit per month', byMonth), width: 600 },
    { spec: overTime('Goods sold, net and profit per day', byDay), width: 600 },
    { spec: pieChart('Orders by status', of(byStatus, 0), of(byStatus, 1)), width: 360 },
    { spec: barChart('SKUs that sold most', of(bySku, 0), of(bySku, 4)), width: 420 },
    { spec: barChart('Fees in the period', of(byFee, 0), of(byFee, 1)), width: 420 },
  ];
  return specs.map(({ spec, width }, n) => {
    const offsetXPixels = specs.slice(0, n).reduce((sum, { width: before }) => sum + before + 10, 0);
    const overlayPosition = {
      anchorCell: { sheetId, rowIndex: chartRows.from, columnIndex: 0 },
      offsetXPixels,
      widthPixels: width,
      heightPixels: 400,
    };
    return { addChart: { chart: { spec, position: { overlayPosition } } } };
  });
}

type Source = ReturnType<typeof sourceOf>;

function sourceOf(sheetId: number, { table, column }: Area) {
  const range = {
    sheetId,
    startRowIndex: table.headings,
    endRowIndex: table.headings + 1 + table.rows,
    startColumnIndex: column,
    endColumnIndex: column + 1,
  };
  return { sourceRange: { sources: [range] } };
}

function columnChart(title: string, domain: Source, series: readonly Source[]) {
  return {
    title,
    basicChart: {
      chartType: 'COLUMN',
      legendPosition: 'TOP_LEGEND',
      headerCount: 1,
      // The newest is the first: reversed, time goes from left to right.
      domains: [{ domain, reversed: true }],
      series: series.map((one) => ({ series: one, targetAxis: 'LEFT_AXIS' })),
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
