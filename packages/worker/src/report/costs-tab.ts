import {
  dateFormat,
  derivedSheetId,
  formatRequest,
  moneyFormat,
  percentFormat,
  textRequest,
  textRow,
  widthRequest,
  type NumberFormat,
  type SheetsRequest,
} from '@shopee-webhook/sheets';
import { amountColumnIds } from './summary-columns.ts';
import { listedOrders, type SummaryData } from './summary-data.ts';
import { SummaryFormulas } from './summary-formulas.ts';

export const costsSheetId = derivedSheetId(9);
const sheetId = costsSheetId;
const gridProperties = { rowCount: 2000, columnCount: 20, frozenRowCount: 1 };
/** The tables beside the seller's own columns: where each begins, from 0. */
export const costsTables = { withoutCost: 6, perOrder: 10 };
const { withoutCost, perOrder } = costsTables;
const listedSkus = 200;
/** Columns that came later than the first three. */
const laterColumns = { from: 3, to: 5 };

export function newCostsTab(title: string): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Makes room in a Costs tab that has only SKU, cost and notes; what the seller typed stays. */
export function costsUpgrade(): SheetsRequest[] {
  const { from: startIndex, to: endIndex } = laterColumns;
  const range = { sheetId, dimension: 'COLUMNS', startIndex, endIndex };
  const missing = gridProperties.columnCount - 15 - (endIndex - startIndex);
  return [{ insertDimension: { range } }, { appendDimension: { sheetId, dimension: 'COLUMNS', length: missing } }];
}

/** Headings and formats; made once with the tab. The first five columns are the seller's to fill in. */
export function costsFormat(decimals: number): SheetsRequest[] {
  const own = ['SKU', 'Unit cost', 'Your notes', 'Valid from', 'Returned goods can be sold again'];
  const orders = [
    'Order SN',
    'Created',
    'Status',
    'Goods sold',
    'Shipping loss',
    'Net',
    'Cost of goods',
    'Profit',
    'Margin',
  ];
  const headings = [
    ...textRow(0, 0, own),
    ...textRow(0, withoutCost, ['SKUs without a cost', 'Item', 'Units']),
    ...textRow(0, perOrder, orders),
  ];
  return [
    ...headings.map((cell) => textRequest(sheetId, cell)),
    // A SKU of digits must stay the text that it is in Items, or it is not found.
    format([0, 1], { type: 'TEXT', pattern: '@' }),
    format([3, 4], dateFormat),
    format([perOrder + 1, perOrder + 2], dateFormat),
    format([perOrder + 8, perOrder + 9], percentFormat),
    {
      setDataValidation: {
        range: { sheetId, startRowIndex: 1, startColumnIndex: 4, endColumnIndex: 5 },
        rule: {
          condition: { type: 'ONE_OF_LIST', values: ['yes', 'no'].map((userEnteredValue) => ({ userEnteredValue })) },
          strict: false,
          showCustomUi: true,
        },
      },
    },
    {
      updateDimensionProperties: {
        range: { sheetId, dimension: 'COLUMNS', startIndex: perOrder + 9, endIndex: perOrder + 10 },
        properties: { hiddenByUser: true },
        fields: 'hiddenByUser',
      },
    },
    ...costsMoneyFormats(decimals),
    widthRequest(sheetId, gridProperties.columnCount, 130),
  ];
}

/** The formats of its amounts. */
export function costsMoneyFormats(decimals: number): SheetsRequest[] {
  const money = moneyFormat(decimals);
  return [format([1, 2], money), format([perOrder + 3, perOrder + 8], money)];
}

export function costsFormulas(data: SummaryData): SheetsRequest[] {
  const formulas = new SummaryFormulas(data);
  return [
    ...repeated(withoutCost, listedSkus, missingFormulas(formulas)),
    ...repeated(perOrder, listedOrders, orderFormulas(formulas)),
    // Which order a row is about.
    ...repeated(perOrder + 9, listedOrders, [`=${formulas.orderOfRank('ROW() - 1')}`]),
  ];
}

/** SKU, item and units of what was sold in the period and has no cost. */
function missingFormulas(formulas: SummaryFormulas): string[] {
  const key = `INDEX(${formulas.data.column('missing')}; ROW() - 1)`;
  const figure = (text: string) => `=LET(sku_key; ${key} & ""; IF(sku_key = ""; ""; ${text}))`;
  return [
    figure(`IF(sku_key = "s"; "(no SKU)"; ${formulas.ofSku('sku_key', 'sku')})`),
    figure(formulas.ofSku('sku_key', 'item_name')),
    figure(formulas.sku('sku_key', 'quantity')),
  ];
}

function orderFormulas(formulas: SummaryFormulas): string[] {
  const code = '$T2';
  const of = (id: string) => formulas.ofOrder(code, id);
  const figure = (text: string) => `=IF(${code} = ""; ""; ${text})`;
  // An amount that is not there is not 0.
  const amount = (cell: string) => `IF(ISNUMBER(${cell}); ${cell}; "")`;
  const { sum: cost } = formulas.linesOfOrder('$K2', 'cost');
  const { sum: profit, known, lines } = formulas.linesOfOrder('$K2', 'profit');
  return [
    figure(of('order_sn')),
    figure(`INT(${of('create_time')})`),
    figure(of('order_status')),
    figure(amount(of(amountColumnIds.goods))),
    figure(amount(of(amountColumnIds.shippingLoss))),
    figure(amount(of(amountColumnIds.net))),
    figure(cost),
    // Of an order with a line whose cost or income is not known there is no profit to show.
    figure(`IF(${known} = ${lines}; ${profit}; "")`),
    figure(`IF(ISNUMBER($R2) * ISNUMBER($N2); IF($N2 = 0; ""; $R2 / $N2); "")`),
  ];
}

/** Formulas side by side, each in so many rows; their relative references count from the first row. */
function repeated(column: number, rows: number, formulas: readonly string[]): SheetsRequest[] {
  return formulas.map((formulaValue, n) => ({
    repeatCell: {
      range: {
        sheetId,
        startRowIndex: 1,
        endRowIndex: 1 + rows,
        startColumnIndex: column + n,
        endColumnIndex: column + n + 1,
      },
      cell: { userEnteredValue: { formulaValue } },
      fields: 'userEnteredValue',
    },
  }));
}

function format(columns: [number, number], numberFormat: NumberFormat): SheetsRequest {
  return formatRequest(sheetId, { from: 1, columns }, numberFormat);
}
