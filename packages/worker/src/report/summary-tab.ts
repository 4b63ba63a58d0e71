import {
  columnName,
  countFormat,
  dateFormat,
  derivedSheetId,
  formulaRequest,
  moneyFormat,
  percentFormat,
  textRequest,
  textRow,
  widthRequest,
  type NumberFormat,
  type PlacedCell,
  type SheetsRequest,
} from '@shopee-webhook/sheets';
import { ordersColumns } from './columns.ts';
import { chartRequests } from './summary-charts.ts';
import { feeColumnIds } from './summary-columns.ts';
import { allShops, type SummaryData } from './summary-data.ts';
import { SummaryFormulas, type Rows } from './summary-formulas.ts';

const days = 31;
const months = 13;
const statuses = 14;
const skus = 20;
const byMonth = 32;
const byDay = byMonth + months + 3;
const byFee = byDay + days + 3;
const byStatus = byFee + feeColumnIds.length + 3;

/** The tables of Summary, one below the other: the row of each table's headings, from 0, and how many rows it has. */
export const summaryTables = {
  figures: { headings: 4, rows: 1 },
  checks: { headings: 7, rows: 1 },
  byMonth: { headings: byMonth, rows: months },
  byDay: { headings: byDay, rows: days },
  byFee: { headings: byFee, rows: feeColumnIds.length },
  byStatus: { headings: byStatus, rows: statuses },
  bySku: { headings: byStatus + statuses + 3, rows: skus },
};

export const summarySheetId = derivedSheetId(8);
const sheetId = summarySheetId;
const { bySku } = summaryTables;
const gridProperties = { rowCount: bySku.headings + skus + 2, columnCount: 17, frozenRowCount: 3 };

/** The chosen period; its first and last day stand beside it and can be typed over. */
export const periods = ['Last 31 days', 'This month', 'Last month', 'Last 90 days', 'This year', 'All'] as const;

/** The figures of a row, in the order of their columns, with their headings and kinds. */
export const figureColumns = [
  { id: 'orders', heading: 'Orders', kind: 'count' },
  { id: 'goods', heading: 'Goods sold', kind: 'money' },
  { id: 'fees', heading: 'Fees', kind: 'money' },
  { id: 'feeShare', heading: 'Fees, % of goods', kind: 'percent' },
  { id: 'taxes', heading: 'Taxes', kind: 'money' },
  { id: 'shippingLoss', heading: 'Shipping loss', kind: 'money' },
  { id: 'net', heading: 'Net', kind: 'money' },
  { id: 'withoutIncome', heading: 'Orders without income', kind: 'count' },
  { id: 'cost', heading: 'Cost of goods', kind: 'money' },
  { id: 'profit', heading: 'Profit', kind: 'money' },
  { id: 'margin', heading: 'Margin', kind: 'percent' },
  { id: 'withoutCost', heading: 'Orders without full cost', kind: 'count' },
] as const;
type FigureColumn = (typeof figureColumns)[number];
export const figureIds = figureColumns.map(({ id }) => id);

export function newSummaryTab(title: string): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Headings, formats, selectors and charts; made once with the tab. */
export function summaryFormat(decimals: number, data: SummaryData): SheetsRequest[] {
  return [
    ...headingCells().map((cell) => textRequest(sheetId, cell)),
    ...labelCells().map((cell) => textRequest(sheetId, cell, false)),
    ...selectorRequests(data),
    ...formats(),
    ...summaryMoneyFormats(decimals),
    widthRequest(sheetId, gridProperties.columnCount, 125),
    ...chartRequests(sheetId, summaryTables),
  ];
}

function selectorRequests(data: SummaryData): SheetsRequest[] {
  const choice = (column: number, type: 'ONE_OF_RANGE' | 'ONE_OF_LIST', values: readonly string[]): SheetsRequest => ({
    setDataValidation: {
      range: { sheetId, startRowIndex: 2, endRowIndex: 3, startColumnIndex: column, endColumnIndex: column + 1 },
      rule: {
        condition: { type, values: values.map((userEnteredValue) => ({ userEnteredValue })) },
        strict: false,
        showCustomUi: true,
      },
    },
  });
  const today = 'TODAY()';
  const month = `DATE(YEAR(${today}); MONTH(${today}); 1)`;
  const from: Record<(typeof periods)[number], string> = {
    'Last 31 days': `${today} - 30`,
    'This month': month,
    'Last month': `EDATE(${month}; -1)`,
    'Last 90 days': `${today} - 89`,
    'This year': `DATE(YEAR(${today}); 1; 1)`,
    All: '1',
  };
  const first = periods.reduceRight(
    (otherwise, one) => `IF($F$3 = "${one}"; ${from[one]}; ${otherwise})`,
    `${today} - 30`,
  );
  return [
    choice(1, 'ONE_OF_RANGE', [`=${data.choices('shopLabels')}`]),
    choice(3, 'ONE_OF_RANGE', [`=${data.choices('currencies')}`]),
    choice(5, 'ONE_OF_LIST', periods),
    // What a person chooses replaces these.
    formulaRequest(sheetId, { row: 2, column: 1, text: `=${data.firstChoice('shopLabels', allShops)}` }),
    formulaRequest(sheetId, { row: 2, column: 3, text: `=${data.firstChoice('currencies', '')}` }),
    textRequest(sheetId, { row: 2, column: 5, text: periods[0] }, false),
    formulaRequest(sheetId, { row: 2, column: 7, text: `=${first}` }),
    formulaRequest(sheetId, { row: 2, column: 9, text: `=IF($F$3 = "Last month"; ${month} - 1; ${today})` }),
  ];
}

function headingCells(): PlacedCell[] {
  const tables = summaryTables;
  const figures = figureColumns.map(({ heading }) => heading);
  const labels = ['Shop', 'Currency', 'Period', 'From', 'To'].map((text, n) => ({ row: 2, column: 2 * n, text }));
  return [
    { row: 0, column: 0, text: 'Summary' },
    ...labels,
    ...textRow(tables.figures.headings, 1, figures),
    ...textRow(tables.checks.headings, 1, checks),
    ...textRow(tables.byMonth.headings, 0, ['Month', ...figures]),
    ...textRow(tables.byDay.headings, 0, ['Day', ...figures]),
    ...textRow(tables.byFee.headings, 0, ['Fee, % of goods', 'Amount', 'In the period']),
    ...textRow(tables.byStatus.headings, 0, ['Status', 'Orders', 'Goods sold', 'Net', 'Orders without income']),
    ...textRow(tables.bySku.headings, 0, skuHeadings),
  ];
}

const checks = ['Unusable rows of Costs', 'Amounts that are texts', 'SKUs too many to list'];
const skuHeadings = ['SKU', 'Item', 'Units', 'Returned', 'Goods sold', 'Net', 'Cost of goods', 'Profit', 'Margin'];

function labelCells(): PlacedCell[] {
  const fees = feeColumnIds.map((id, n) => {
    const text = ordersColumns.find((column) => column.id === id)?.header ?? id;
    return { row: summaryTables.byFee.headings + 1 + n, column: 0, text };
  });
  const explanation =
    'One shop and one currency at a time. Net is what Shopee settles; profit is net less cost of the lines of which both are known.';
  return [
    { row: 1, column: 0, text: explanation },
    { row: summaryTables.figures.headings + 1, column: 0, text: 'In the period' },
    { row: summaryTables.checks.headings + 1, column: 0, text: 'To be looked at' },
    ...fees,
  ];
}

/** The cells with formulas; written again when tabs with other orders are there. */
export function summaryFormulas(data: SummaryData): SheetsRequest[] {
  const formulas = new SummaryFormulas(data);
  const { figures, checks: checkTable, byMonth: monthTable, byDay: dayTable } = summaryTables;
  const [from, to] = [data.scalar('from'), data.scalar('to')];
  const day = `$A${dayTable.headings + 2}`;
  const dayFigures = figureFormulas(formulas, { day }, dayTable.headings + 2);
  return [
    ...down(figures, 1, figureFormulas(formulas, 'period', figures.headings + 2)),
    ...down(checkTable, 1, [formulas.unusableCosts(), data.textAmounts, data.skusBeyond]),
    ...down(monthTable, 0, [
      `EDATE(DATE(YEAR(${to}); MONTH(${to}); 1); 1 - (${rankIn(monthTable)}))`,
      ...figureFormulas(formulas, { month: `$A${monthTable.headings + 2}` }, monthTable.headings + 2),
    ]),
    ...down(dayTable, 0, [
      `LET(shown_day; ${to} + 1 - (${rankIn(dayTable)}); IF(shown_day < ${from}; ""; shown_day))`,
      ...dayFigures.map((text) => `IF(ISNUMBER(${day}); ${text}; "")`),
    ]),
    ...feeCells(formulas),
    ...statusCells(formulas),
    ...skuCells(formulas),
  ];
}

/** Formulas side by side, each in every row of a table; their relative references count from its first row. */
function down(table: { headings: number; rows: number }, column: number, formulas: readonly string[]): SheetsRequest[] {
  return formulas.map((text, n) => filled(table, { from: column + n, to: column + n + 1 }, text));
}

function filled(
  { headings, rows }: { headings: number; rows: number },
  columns: { from: number; to: number },
  text: string,
): SheetsRequest {
  return {
    repeatCell: {
      range: {
        sheetId,
        startRowIndex: headings + 1,
        endRowIndex: headings + 1 + rows,
        startColumnIndex: columns.from,
        endColumnIndex: columns.to,
      },
      cell: { userEnteredValue: { formulaValue: `=${text}` } },
      fields: 'userEnteredValue',
    },
  };
}

/** The number of the row within its table, from 1. */
function rankIn({ headings }: { headings: number }): string {
  return `ROW() - ${headings + 1}`;
}

/** The formulas of a row of figures; `line` is its number as a person counts. */
function figureFormulas(formulas: SummaryFormulas, rows: Exclude<Rows, { status: string }>, line: number): string[] {
  const share = (part: string, whole: string) => `IF(${whole} = 0; ""; ${part} / ${whole})`;
  const byId: Record<FigureColumn['id'], string> = {
    orders: formulas.orders(rows),
    goods: formulas.goods(rows),
    fees: formulas.fees(rows),
    feeShare: share(`$D${line}`, `$C${line}`),
    taxes: formulas.taxes(rows),
    shippingLoss: formulas.shippingLoss(rows),
    net: formulas.net(rows),
    withoutIncome: formulas.withoutIncome(rows),
    cost: formulas.cost(rows),
    profit: formulas.profit(rows),
    margin: `LET(goods; ${formulas.pricedGoods(rows)}; ${share(`$K${line}`, 'goods')})`,
    withoutCost: formulas.withoutCost(rows),
  };
  return figureIds.map((id) => byId[id]);
}

/** Each fee's amount and share of the goods sold, in the period and in each month. */
function feeCells(formulas: SummaryFormulas): SheetsRequest[] {
  const { byFee: table, byMonth: monthTable, figures } = summaryTables;
  const [first, last] = [monthTable.headings + 2, monthTable.headings + 1 + months];
  const ofMonth = (column: string) => `INDEX($${column}$${first}:$${column}$${last}; COLUMN() - 3)`;
  const columns = { from: 3, to: 3 + months };
  const share = (amount: string, goods: string) => `IF(${goods} = 0; ""; (${amount}) / ${goods})`;
  return [
    filled({ headings: table.headings - 1, rows: 1 }, columns, ofMonth('A')),
    ...feeColumnIds.flatMap((id, n) => {
      const row = { headings: table.headings + n, rows: 1 };
      const line = row.headings + 2;
      return [
        ...down(row, 1, [formulas.fee('period', id), share(`$B${line}`, `$C$${figures.headings + 2}`)]),
        filled(row, columns, share(formulas.fee({ month: `D$${table.headings + 1}` }, id), ofMonth('C'))),
      ];
    }),
  ];
}

function statusCells(formulas: SummaryFormulas): SheetsRequest[] {
  const { data } = formulas;
  const table = summaryTables.byStatus;
  const status = `$A${table.headings + 2}`;
  const figure = (text: string) => `IF(${status} = ""; ""; ${text})`;
  return down(table, 0, [
    `INDEX(${data.column('statuses')}; ${rankIn(table)}) & ""`,
    figure(data.orders((tab) => `COUNTIF(${data.ofOrders('orderStatus', tab)}; ${status})`)),
    figure(formulas.goods({ status })),
    figure(formulas.net({ status })),
    figure(formulas.withoutIncome({ status })),
  ]);
}

function skuCells(formulas: SummaryFormulas): SheetsRequest[] {
  const line = bySku.headings + 2;
  const keyColumn = gridProperties.columnCount - 1;
  // The key stands in the last column, out of sight: `s` and the SKU in capitals.
  const key = `$${columnName(keyColumn)}${line}`;
  const figure = (text: string) => `IF(${key} = ""; ""; ${text})`;
  return [
    ...down(bySku, 0, [
      figure(`IF(${key} = "s"; "(no SKU)"; ${formulas.ofSku(key, 'sku')})`),
      figure(formulas.ofSku(key, 'item_name')),
      figure(formulas.sku(key, 'quantity')),
      figure(formulas.sku(key, 'returned_quantity')),
      figure(formulas.sku(key, 'line_total')),
      figure(formulas.sku(key, 'net_share')),
      figure(formulas.sku(key, 'cost')),
      figure(formulas.sku(key, 'profit')),
      figure(`LET(goods; ${formulas.sku(key, 'pricedGoods')}; IF(goods = 0; ""; $H${line} / goods))`),
    ]),
    ...down(bySku, keyColumn, [formulas.skuOfRank(rankIn(bySku))]),
  ];
}

function cellsFormat(
  table: { headings: number; rows: number },
  [startColumnIndex, endColumnIndex]: [number, number],
  numberFormat: NumberFormat,
): SheetsRequest {
  const [startRowIndex, endRowIndex] = [table.headings + 1, table.headings + 1 + table.rows];
  return {
    repeatCell: {
      range: { sheetId, startRowIndex, endRowIndex, startColumnIndex, endColumnIndex },
      cell: { userEnteredFormat: { numberFormat } },
      fields: 'userEnteredFormat.numberFormat',
    },
  };
}

function figureFormats(kind: FigureColumn['kind'], numberFormat: NumberFormat): SheetsRequest[] {
  const { figures, byMonth: monthTable, byDay: dayTable } = summaryTables;
  return figureColumns.flatMap((one, n) =>
    one.kind === kind
      ? [figures, monthTable, dayTable].map((table) => cellsFormat(table, [n + 1, n + 2], numberFormat))
      : [],
  );
}

function formats(): SheetsRequest[] {
  const { byMonth: monthTable, byDay: dayTable, byFee: feeTable, byStatus: statusTable } = summaryTables;
  const monthFormat = { type: 'DATE', pattern: 'yyyy-mm' };
  return [
    ...figureFormats('count', countFormat),
    ...figureFormats('percent', percentFormat),
    cellsFormat({ headings: 1, rows: 1 }, [7, 10], dateFormat),
    cellsFormat(monthTable, [0, 1], monthFormat),
    cellsFormat(dayTable, [0, 1], dateFormat),
    cellsFormat(feeTable, [2, 3 + months], percentFormat),
    cellsFormat({ headings: feeTable.headings - 1, rows: 1 }, [3, 3 + months], monthFormat),
    cellsFormat(statusTable, [1, 2], countFormat),
    cellsFormat(statusTable, [4, 5], countFormat),
    cellsFormat(bySku, [2, 4], countFormat),
    cellsFormat(bySku, [8, 9], percentFormat),
    ...summaryEmphasis(),
    ...Object.values(summaryTables).map(({ headings }) => wrapped(headings)),
  ];
}

/** Headings may be longer than a column is wide. */
function wrapped(row: number): SheetsRequest {
  return {
    repeatCell: {
      range: { sheetId, startRowIndex: row, endRowIndex: row + 1 },
      cell: { userEnteredFormat: { wrapStrategy: 'WRAP', verticalAlignment: 'MIDDLE' } },
      fields: 'userEnteredFormat(wrapStrategy,verticalAlignment)',
    },
  };
}

/** The figures of the period in large type, and the keys of SKUs out of sight. */
function summaryEmphasis(): SheetsRequest[] {
  const row = summaryTables.figures.headings + 1;
  const column = gridProperties.columnCount - 1;
  return [
    {
      repeatCell: {
        range: { sheetId, startRowIndex: row, endRowIndex: row + 1, startColumnIndex: 1, endColumnIndex: column },
        cell: { userEnteredFormat: { textFormat: { fontSize: 13, bold: true } } },
        fields: 'userEnteredFormat.textFormat',
      },
    },
    {
      updateDimensionProperties: {
        range: { sheetId, dimension: 'COLUMNS', startIndex: column, endIndex: column + 1 },
        properties: { hiddenByUser: true },
        fields: 'hiddenByUser',
      },
    },
  ];
}

/** The formats of its amounts. */
export function summaryMoneyFormats(decimals: number): SheetsRequest[] {
  const money = moneyFormat(decimals);
  const { byFee: feeTable, byStatus: statusTable } = summaryTables;
  return [
    ...figureFormats('money', money),
    cellsFormat(feeTable, [1, 2], money),
    cellsFormat(statusTable, [2, 4], money),
    cellsFormat(bySku, [4, 8], money),
  ];
}
