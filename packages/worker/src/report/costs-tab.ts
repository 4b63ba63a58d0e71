import {
  type NumberFormat,
  type SheetsRequest,
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
import { perOrderFormula, withoutCostFormula, type SummaryInputs } from './summary-formulas.ts';

export const costsSheetId = derivedSheetId(9);
const sheetId = costsSheetId;
const gridProperties = { rowCount: 2000, columnCount: 15, frozenRowCount: 1 };
const withoutCost = 4;
const perOrder = 8;

export function newCostsTab(title: string): SheetsRequest {
  return { addSheet: { properties: { sheetId, title, gridProperties } } };
}

/** Headings and formats; made once with the tab. The first three columns are the seller's to fill in. */
export function costsFormat(decimals: number): SheetsRequest[] {
  const headings = [
    ...textRow(0, 0, ['SKU', 'Unit cost', 'Your notes']),
    ...textRow(0, withoutCost, ['SKUs without a cost', 'Item', 'Units sold']),
    ...textRow(0, perOrder, ['Order SN', 'Created', 'Sales', 'Net', 'Cost of goods', 'Profit', 'Margin']),
  ];
  return [
    ...headings.map((cell) => textRequest(sheetId, cell)),
    // A SKU of digits must stay the text that it is in Items, or it is not found.
    format([0, 1], { type: 'TEXT', pattern: '@' }),
    format([perOrder + 1, perOrder + 2], dateFormat),
    format([perOrder + 6, perOrder + 7], percentFormat),
    ...costsMoneyFormats(decimals),
    widthRequest(sheetId, gridProperties.columnCount, 130),
  ];
}

/** The formats of its amounts. */
export function costsMoneyFormats(decimals: number): SheetsRequest[] {
  const money = moneyFormat(decimals);
  return [format([1, 2], money), format([perOrder + 2, perOrder + 6], money)];
}

export function costsFormulas(sources: SummaryInputs): SheetsRequest[] {
  return [
    formulaRequest(sheetId, { row: 1, column: withoutCost, text: withoutCostFormula(sources) }),
    formulaRequest(sheetId, { row: 1, column: perOrder, text: perOrderFormula(sources) }),
  ];
}

function format(columns: [number, number], numberFormat: NumberFormat): SheetsRequest {
  return formatRequest(sheetId, { from: 1, columns }, numberFormat);
}
