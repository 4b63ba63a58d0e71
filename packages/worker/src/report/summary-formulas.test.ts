import { columnName } from '@shopee-webhook/sheets';
import { expect, test } from 'vitest';
import { columnsOf, type Tab } from './columns.ts';
import * as formulas from './summary-formulas.ts';

const tabOf = (tab: Tab, title: string): formulas.FormulaTab => ({
  title,
  header: { row: 1, positions: new Map(columnsOf[tab].map(({ id }, position) => [id, position])) },
});
const sources = (titles = ['Orders']) => ({
  orders: titles.map((title) => tabOf('Orders', title)),
  items: [tabOf('Items', 'Items')],
  costsTitle: 'Costs',
});
const all = (from: formulas.SummaryInputs) => [
  formulas.perDayFormula(from),
  formulas.perStatusFormula(from),
  formulas.topSkusFormula(from),
  formulas.perOrderFormula(from),
  formulas.withoutCostFormula(from),
  formulas.currencyFormula(from),
  formulas.feeFormula(from, 'service_fee'),
];

/** The formula without its texts and titles, in which any character may stand. */
const bare = (formula: string) => formula.replaceAll(/"[^"]*"/g, '""').replaceAll(/'[^']*'!/g, '');

test('formulas mean the same in every language: no commas, no array literals, no decimal numbers', () => {
  for (const formula of all(sources())) {
    expect(bare(formula)).not.toMatch(/[,{}\\]/);
    expect(bare(formula)).not.toMatch(/\d\.\d/);
  }
});

test('brackets and quotes are closed', () => {
  for (const formula of all(sources(['Orders', "Seller's 2026-11"]))) {
    const depth = bare(formula)
      .split('')
      .reduce((open, char) => {
        expect(open).toBeGreaterThanOrEqual(0);
        return open + (char === '(' ? 1 : 0) - (char === ')' ? 1 : 0);
      }, 0);
    expect(depth).toBe(0);
    expect(formula.replaceAll(/[^"]/g, '').length % 2).toBe(0);
  }
});

test('every name that a formula uses is made before', () => {
  for (const formula of all(sources())) {
    const names = bare(formula).match(/\b[a-z]+(?:_[a-z]+)*\b/g) ?? [];
    for (const name of new Set(names)) {
      expect(bare(formula).indexOf(`${name};`)).toBe(bare(formula).indexOf(name));
    }
  }
});

const at = (tab: Tab, id: string) => {
  const column = columnName(columnsOf[tab].findIndex((one) => one.id === id));
  return `$${column}$2:$${column}`;
};
const counted = (title: string, id: string) => {
  const states = `'${title}'!${at('Orders', 'order_status')}`;
  return `SUMIFS('${title}'!${at('Orders', id)}; ${states}; "<>CANCELLED"; ${states}; "<>UNPAID")`;
};

test('columns are named by where they stand, and tabs of several periods are put together', () => {
  expect(formulas.feeFormula(sources(), 'commission_fee')).toBe(`=${counted('Orders', 'commission_fee')}`);
  const several = sources(['Orders 2026-10', 'Orders 2026-11']);
  expect(formulas.feeFormula(several, 'commission_fee')).toBe(
    `=${counted('Orders 2026-10', 'commission_fee')} + ${counted('Orders 2026-11', 'commission_fee')}`,
  );
  expect(formulas.currencyFormula(several)).toContain(
    `VSTACK('Orders 2026-10'!${at('Orders', 'currency')}; 'Orders 2026-11'!${at('Orders', 'currency')})`,
  );
});

test('a SKU is looked up letter by letter: a star in it stands for itself', () => {
  for (const formula of [formulas.perDayFormula(sources()), formulas.withoutCostFormula(sources())]) {
    expect(formula).toContain(`XLOOKUP('Items'!${at('Items', 'sku')}; 'Costs'!$A$1:$A; `);
    expect(formula).not.toMatch(/(MATCH|VLOOKUP)\('Items'/);
  }
});
