import { costsTables, feeColumnIds, figureIds, summaryTables } from '@shopee-webhook/worker';
import type { BookCell, Figures, SummaryValues } from './calculate-summary.ts';

/** Values by place, `row,column` from 0; a place that is not named has no calculated value. */
export type PlacedValues = Map<string, BookCell>;

/** Where Summary shows what. */
export function summaryCells(values: SummaryValues): PlacedValues {
  const cells: PlacedValues = new Map();
  const put = (row: number, column: number, line: readonly BookCell[]) => {
    for (const [n, cell] of line.entries()) cells.set(`${row},${column + n}`, cell ?? '');
  };
  const figures = (one: Figures) => figureIds.map((id) => one[id]);
  const fill = (
    { headings, rows }: { headings: number; rows: number },
    lines: readonly BookCell[][],
    width: number,
  ) => {
    for (let n = 0; n < rows; n += 1) put(headings + 1 + n, 0, lines[n] ?? Array.from({ length: width }, () => ''));
  };
  const tables = summaryTables;
  put(tables.figures.headings + 1, 1, figures(values.figures));
  put(tables.checks.headings + 1, 1, [values.checks.unusableCosts, values.checks.textAmounts, 0]);
  const ofDay = ({ day, figures: one }: { day: number; figures: Figures }) => [day, ...figures(one)];
  fill(tables.byMonth, values.months.map(ofDay), figureIds.length + 1);
  fill(tables.byDay, values.days.map(ofDay), figureIds.length + 1);
  put(
    tables.byFee.headings,
    3,
    values.months.map(({ day }) => day),
  );
  for (const n of feeColumnIds.keys()) {
    const fee = values.fees[n];
    if (fee !== undefined) put(tables.byFee.headings + 1 + n, 1, [fee.amount, fee.share, ...fee.months]);
  }
  const statuses = values.statuses.map((one) => [one.status, one.orders, one.goods, one.net, one.withoutIncome]);
  fill(tables.byStatus, statuses, 5);
  const skus = values.skus.map((one) => [
    one.sku, one.item, one.units, one.returned, one.goods, one.net, one.cost, one.profit, one.margin,
  ]); // prettier-ignore
  fill(tables.bySku, skus, 9);
  return cells;
}

/** Where Costs shows what, beside what the seller typed. */
export function costsCells(values: SummaryValues): PlacedValues {
  const cells: PlacedValues = new Map();
  const fill = (column: number, rows: number, lines: readonly BookCell[][], width: number) => {
    for (let n = 0; n < rows; n += 1)
      for (let at = 0; at < width; at += 1) cells.set(`${n + 1},${column + at}`, lines[n]?.[at] ?? '');
  };
  const missing = values.missing.map((one) => [one.sku, one.item, one.units]);
  fill(costsTables.withoutCost, 200, missing, 3);
  const newest = values.newest.map((one) => [
    one.sn, one.day, one.status, one.goods, one.shippingLoss, one.net, one.cost, one.profit, one.margin,
  ]); // prettier-ignore
  fill(costsTables.perOrder, 50, newest, 9);
  return cells;
}
