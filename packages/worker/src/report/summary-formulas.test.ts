import { expect, test } from 'vitest';
import type { SheetsRequest } from '@shopee-webhook/sheets';
import { columnsOf, type Tab } from './columns.ts';
import { costsFormulas } from './costs-tab.ts';
import { SummaryData, type FormulaTab } from './summary-data.ts';
import { summaryFormat, summaryFormulas } from './summary-tab.ts';

const tabOf = (tab: Tab, title: string): FormulaTab => ({
  title,
  header: { positions: new Map(columnsOf[tab].map(({ id }, position) => [id, position])) },
});

function dataOf(titles: readonly string[]): SummaryData {
  return new SummaryData({
    orders: titles.map((title) => tabOf('Orders', title)),
    items: titles.map((title) => tabOf('Items', `${title} items`)),
    summaryTitle: 'Summary',
    costsTitle: 'Costs',
    dataTitle: 'Summary data',
  });
}

/** Every formula of the three tabs. */
function formulasOf(titles = ["Seller's orders"]): string[] {
  const data = dataOf(titles);
  const requests = [...data.requests(), ...summaryFormat(2, data), ...summaryFormulas(data), ...costsFormulas(data)];
  return requests.flatMap(formulasIn);
}

function formulasIn({ updateCells, repeatCell }: SheetsRequest): string[] {
  const cells = [...(updateCells?.rows ?? []).flatMap(({ values }) => values ?? []), repeatCell?.cell ?? {}];
  return cells.flatMap(({ userEnteredValue }) => userEnteredValue?.formulaValue ?? []);
}

/** The formula without its texts and titles, in which any character may stand. */
const bare = (formula: string) => formula.replaceAll(/"[^"]*"/gu, '""').replaceAll(/'(?:[^']|'')*'!/gu, '');

test('formulas mean the same in every language: no commas, no array literals, no decimal numbers', () => {
  const formulas = formulasOf();
  expect(formulas.length).toBeGreaterThan(100);
  for (const formula of formulas) {
    expect(bare(formula)).not.toMatch(/[,{}\\]/u);
    expect(bare(formula)).not.toMatch(/\d\.\d/u);
  }
});

/** Functions of Google Sheets that LibreOffice 24.8 has too, and ARRAYFORMULA, which is its matrix. */
const shared = new Set([
  'ARRAYFORMULA', 'CHOOSE', 'COLUMN', 'COUNTIF', 'COUNTIFS', 'DATE', 'EDATE', 'FILTER', 'FIND', 'IF', 'IFERROR', 'INDEX', 'INT',
  'ISNUMBER', 'ISTEXT', 'LARGE', 'LEFT', 'LET', 'MATCH', 'MAX', 'MID', 'MONTH', 'ROUND', 'ROW', 'ROWS', 'SEQUENCE', 'SORT',
  'SUBSTITUTE', 'SUM', 'SUMIF', 'SUMIFS', 'SUMPRODUCT', 'TODAY', 'UNIQUE', 'UPPER', 'XLOOKUP', 'XMATCH', 'YEAR',
]); // prettier-ignore

test('formulas use only functions that Google Sheets and LibreOffice share, and ARRAYFORMULA only around all', () => {
  for (const formula of formulasOf(['2026-10', '2026-11'])) {
    for (const [, name = ''] of bare(formula).matchAll(/([A-Z]+)\(/gu)) expect(shared).toContain(name);
    expect(bare(formula).lastIndexOf('ARRAYFORMULA')).toBeLessThanOrEqual(1);
  }
});

test('whole columns are counted, so that no row that is inserted or sorted is left out', () => {
  for (const formula of formulasOf()) {
    expect(formula).not.toMatch(/Seller''s orders(?: items)?'!\$[A-Z]+\$\d/u);
  }
});

test('no formula is longer than Google allows, with a tab for every month of three years', () => {
  const titles = Array.from({ length: 36 }, (_, n) => `Orders 2026-${n}`);
  const formulas = formulasOf(titles);
  for (const formula of formulas) expect(formula.length).toBeLessThan(50_000);
  // One request, of which Google wants no more than 2 MB.
  expect(formulas.join('').length).toBeLessThan(1_000_000);
});
