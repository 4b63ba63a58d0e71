import {
  dayFormat,
  formatRequest,
  formulaRequest,
  line,
  moneyFormat,
  shareFormat,
  textRequest,
  widthRequest,
  type NumberFormat,
} from './cell-requests.ts';
import type { SheetsRequest } from './google-client.ts';
import { perOrderFormula, withoutCostFormula, type SummarySources } from './summary-formulas.ts';
import { costsSheetId } from './tab-ids.ts';

const sheetId = costsSheetId;
const gridProperties = { rowCount: 2000, columnCount: 15, frozenRowCount: 1 };
const withoutCost = 4;
const perOrder = 8;

export function newCostsTab(title: string): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Headings and formats; made once with the tab. The first three columns are the seller's to fill in. */
export function costsLook(decimals: number): SheetsRequest[] {
  const headings = [
    ...line(0, 0, ['SKU', 'Unit cost', 'Your notes']),
    ...line(0, withoutCost, ['SKUs without a cost', 'Item', 'Units sold']),
    ...line(0, perOrder, ['Order SN', 'Created', 'Sales', 'Net', 'Cost of goods', 'Profit', 'Margin']),
  ];
  return [
    ...headings.map((cell) => textRequest(sheetId, cell)),
    // A SKU of digits must stay the text that it is in Items, or it is not found.
    format([0, 1], { type: 'TEXT', pattern: '@' }),
    format([perOrder + 1, perOrder + 2], dayFormat),
    format([perOrder + 6, perOrder + 7], shareFormat),
    ...costsMoney(decimals),
    widthRequest(sheetId, gridProperties.columnCount, 130),
  ];
}

/** The formats of its amounts. */
export function costsMoney(decimals: number): SheetsRequest[] {
  const money = moneyFormat(decimals);
  return [format([1, 2], money), format([perOrder + 2, perOrder + 6], money)];
}

export function costsFormulas(sources: SummarySources): SheetsRequest[] {
  return [
    formulaRequest(sheetId, { row: 1, column: withoutCost, text: withoutCostFormula(sources) }),
    formulaRequest(sheetId, { row: 1, column: perOrder, text: perOrderFormula(sources) }),
  ];
}

function format(columns: [number, number], numberFormat: NumberFormat): SheetsRequest {
  return formatRequest(sheetId, { from: 1, columns }, numberFormat);
}
