import {
  allShops,
  amountColumnIds,
  columnsOf,
  costsSheetId,
  feeColumnIds,
  summarySheetId,
} from '@shopee-webhook/worker';
import {
  calculateSummary,
  startOfMonth,
  type BookCell,
  type BookRow,
  type CostRow,
} from '../../summary/calculate-summary.ts';
import { costsCells, summaryCells } from '../../summary/summary-cells.ts';
import { isFormula, type CellValue } from '../spreadsheet/cell.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/** Where the seller chooses in Summary, `row,column` from 0. */
const chosen = { shop: '2,1', currency: '2,3', period: '2,5', from: '2,7', to: '2,9' };

/** What the formulas of Summary or Costs show; nothing for any other tab. `now` is in ms. */
export function calculatedValues(spreadsheet: Spreadsheet, sheet: Sheet, now: number): Map<string, CellValue> {
  const summary = spreadsheet.sheets.find(({ id }) => id === summarySheetId);
  const costs = spreadsheet.sheets.find(({ id }) => id === costsSheetId);
  if (summary === undefined || costs === undefined || (sheet !== summary && sheet !== costs)) return new Map();
  const orders = spreadsheet.sheets.flatMap((one) => rowsOf(one, 'Orders'));
  const items = spreadsheet.sheets.flatMap((one) => rowsOf(one, 'Items'));
  const choice = choiceOf(summary, orders.flat(), today(now, spreadsheet.fields.properties.timeZone ?? 'Etc/UTC'));
  const values = calculateSummary(
    { ...choice.book, orders, items, costs: costRows(costs) },
    { amounts: amountColumnIds, charges: feeColumnIds },
  );
  if (sheet === costs) return new Map(blankless(costsCells(values)));
  return new Map([...choice.shown, ...blankless(summaryCells(values))]);
}

/** The rows of a tab by column id, where it is of this kind. */
function rowsOf(sheet: Sheet, kind: 'Orders' | 'Items'): BookRow[][] {
  const { grid } = sheet;
  const headers = grid.rows[0]?.cells ?? [];
  const columns = columnsOf[kind].map(({ id, header }) => ({ id, at: headers.indexOf(header) }));
  if (columns.filter(({ at }) => at >= 0).length < columns.length / 2) return [];
  if (columns.some(({ id, at }) => (id === 'order_sn' || id === 'create_time') && at < 0)) return [];
  const rows: BookRow[] = [];
  for (let row = 1; row < grid.usedRows(grid.area); row += 1)
    rows.push(Object.fromEntries(columns.map(({ id, at }) => [id, plain(grid.cell(row, at))])));
  return [rows];
}

function costRows(sheet: Sheet): CostRow[] {
  const rows: CostRow[] = [];
  for (let row = 1; row < sheet.grid.rowCount; row += 1) {
    const [sku, unitCost, , validFrom, resellable] = [0, 1, 2, 3, 4].map((column) =>
      plain(sheet.grid.cell(row, column)),
    );
    if (sku !== undefined && sku !== '') rows.push({ sku, unitCost, validFrom, resellable });
  }
  return rows;
}

/** What was chosen, or what the formulas choose; and what the cells of the choice show. */
function choiceOf(summary: Sheet, orders: readonly BookRow[], day: number) {
  const at = (place: string) => {
    const [row = 0, column = 0] = place.split(',').map(Number);
    return plain(summary.grid.cell(row, column));
  };
  const dated = orders.filter((row) => typeof row['create_time'] === 'number');
  const [firstShop] = [...new Set(dated.map((row) => String(row['shop_id'] ?? '')))].sort();
  const nameOf = (id: string) => String(dated.find((row) => row['shop_id'] === id)?.['shop'] ?? '');
  const shop = at(chosen.shop) ?? (firstShop === undefined ? allShops : `${firstShop} · ${nameOf(firstShop)}`);
  const shopId = shop === allShops ? '' : (String(shop).split(' · ')[0] ?? '');
  const ofShop = dated.filter((row) => shopId === '' || row['shop_id'] === shopId);
  const [firstCurrency = ''] = [...new Set(ofShop.map((row) => String(row['currency'] ?? '')))].sort();
  const currency = String(at(chosen.currency) ?? firstCurrency);
  const bounds = periodBounds(String(at(chosen.period) ?? ''), day);
  const [from, to] = [at(chosen.from) ?? bounds.from, at(chosen.to) ?? bounds.to];
  const shown: [string, CellValue][] = [
    [chosen.shop, String(shop)],
    [chosen.currency, currency],
    [chosen.from, Number(from)],
    [chosen.to, Number(to)],
  ];
  return { book: { shopId, currency, from: Number(from), to: Number(to) }, shown };
}

/** First and last day of what can be chosen as the period; `day` is today. */
function periodBounds(period: string, day: number): { from: number; to: number } {
  const month = startOfMonth(day, 0);
  switch (period) {
    case 'This month':
      return { from: month, to: day };
    case 'Last month':
      return { from: startOfMonth(day, -1), to: month - 1 };
    case 'Last 90 days':
      return { from: day - 89, to: day };
    case 'This year':
      return { from: startOfMonth(day, -new Date((day - 25_569) * 86_400_000).getUTCMonth()), to: day };
    case 'All':
      return { from: 1, to: day };
    default:
      return { from: day - 30, to: day };
  }
}

/** What a person typed; undefined where there is a formula or nothing. */
function plain(cell: CellValue | undefined): string | number | boolean | undefined {
  return isFormula(cell) ? undefined : cell;
}

function blankless(cells: ReadonlyMap<string, BookCell>): [string, CellValue][] {
  return [...cells].map(([place, value]) => [place, value ?? '']);
}

/** The day in a time zone as a serial number. */
function today(now: number, timeZone: string): number {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now);
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000 + 25_569;
}
