import {
  type NumberFormat,
  type PlacedCell,
  type SheetsRequest,
  countFormat,
  dateFormat,
  formatRequest,
  formulaRequest,
  moneyFormat,
  percentFormat,
  textRequest,
  textRow,
  widthRequest,
  derivedSheetId,
} from '@shopee-webhook/sheets';
import { ordersColumns } from './columns.ts';
import { chartRequests } from './summary-charts.ts';
import {
  currencyFormula,
  feeColumnIds,
  feeFormula,
  perDayFormula,
  perStatusFormula,
  topSkusFormula,
  type SummaryInputs,
} from './summary-formulas.ts';

/** The tables of Summary: the row of their headings, and the column that each begins with; from 0. */
export const summaryTables = { headings: 26, perDay: 0, perStatus: 10, topSkus: 14, fees: 19 };

export const summarySheetId = derivedSheetId(8);
const sheetId = summarySheetId;
const gridProperties = { rowCount: 440, columnCount: 22, frozenRowCount: 1 };
const { headings, perDay, perStatus, topSkus, fees } = summaryTables;
const first = headings + 1;
const kpiRow = 4;

export function newSummaryTab(title: string): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Headings, formats and charts; made once with the tab. */
export function summaryFormat(decimals: number): SheetsRequest[] {
  return [
    ...headingCells().map((cell) => textRequest(sheetId, cell)),
    ...feeNames().map((cell) => textRequest(sheetId, cell, false)),
    format([perDay, perDay + 1], dateFormat),
    format([perDay + 5, perDay + 6], percentFormat),
    format([perDay + 8, perDay + 9], percentFormat),
    format([fees + 2, fees + 3], percentFormat),
    kpiFormat([0, 2], countFormat),
    kpiFormat([5, 6], percentFormat),
    ...summaryMoneyFormats(decimals),
    widthRequest(sheetId, gridProperties.columnCount, 125),
    ...chartRequests(sheetId, summaryTables),
  ];
}

/** The formats of its amounts. */
export function summaryMoneyFormats(decimals: number): SheetsRequest[] {
  const money = moneyFormat(decimals);
  return [
    format([perDay + 2, perDay + 5], money),
    format([perDay + 6, perDay + 8], money),
    format([perStatus + 2, perStatus + 3], money),
    format([topSkus + 3, topSkus + 4], money),
    format([fees + 1, fees + 2], money),
    kpiFormat([2, 5], money),
    kpiFormat([6, 7], money),
  ];
}

/** The cells with formulas; written again when tabs with other orders are there. */
export function summaryFormulas(sources: SummaryInputs): SheetsRequest[] {
  const total = `SUM($U$${first + 1}:$U$${first + feeColumnIds.length})`;
  const cells: PlacedCell[] = [
    { row: 1, column: 0, text: currencyFormula(sources) },
    { row: first, column: perDay, text: perDayFormula(sources) },
    { row: first, column: perStatus, text: perStatusFormula(sources) },
    { row: first, column: topSkus, text: topSkusFormula(sources) },
    ...feeColumnIds.flatMap((id, n) =>
      textRow(first + n, fees + 1, [feeFormula(sources, id), `=IF(${total} = 0; 0; $U$${first + n + 1} / ${total})`]),
    ),
    ...textRow(
      kpiRow,
      0,
      kpis.map(({ formula }) => formula),
    ),
  ];
  return cells.map((cell) => formulaRequest(sheetId, cell));
}

/** The sum of a column of the table per day over so many days, today among them. */
const over = (days: number, column: string) =>
  `SUMIF($A$${first + 1}:$A; ">" & TODAY() - ${days}; $${column}$${first + 1}:$${column})`;

const kpis = [
  { heading: 'Orders today', formula: `=${over(1, 'B')}` },
  { heading: 'Orders, 7 days', formula: `=${over(7, 'B')}` },
  { heading: 'Sales, 30 days', formula: `=${over(30, 'C')}` },
  { heading: 'Fees, 30 days', formula: `=${over(30, 'D')}` },
  { heading: 'Net, 30 days', formula: `=${over(30, 'E')}` },
  { heading: 'Fee share, 30 days', formula: `=IF(${over(30, 'C')} = 0; 0; ${over(30, 'D')} / ${over(30, 'C')})` },
  { heading: 'Profit, 30 days', formula: `=${over(30, 'H')}` },
];

function format(columns: [number, number], numberFormat: NumberFormat): SheetsRequest {
  return formatRequest(sheetId, { from: first, columns }, numberFormat);
}

function headingCells(): PlacedCell[] {
  const perDayHeadings = ['Day', 'Orders', 'Sales', 'Fees', 'Net', 'Fee share', 'Cost of goods', 'Profit', 'Margin'];
  return [
    ...textRow(0, 0, ['Summary of all orders but those cancelled or unpaid; net is what Shopee settles']),
    ...textRow(
      kpiRow - 1,
      0,
      kpis.map(({ heading }) => heading),
    ),
    ...textRow(headings, perDay, perDayHeadings),
    ...textRow(headings, perStatus, ['Status', 'Orders', 'Sales']),
    ...textRow(headings, topSkus, ['SKU', 'Item', 'Units', 'Sales']),
    ...textRow(headings, fees, ['Fee', 'Amount', 'Share']),
  ];
}

function feeNames(): PlacedCell[] {
  return feeColumnIds.map((id, n) => {
    const text = ordersColumns.find((column) => column.id === id)?.header ?? id;
    return { row: first + n, column: fees, text };
  });
}

function kpiFormat([startColumnIndex, endColumnIndex]: [number, number], numberFormat: NumberFormat): SheetsRequest {
  return {
    repeatCell: {
      range: { sheetId, startRowIndex: kpiRow, endRowIndex: kpiRow + 1, startColumnIndex, endColumnIndex },
      cell: { userEnteredFormat: { numberFormat, textFormat: { fontSize: 16, bold: true } } },
      fields: 'userEnteredFormat(numberFormat,textFormat)',
    },
  };
}
