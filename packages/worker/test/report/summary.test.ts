import { columnName } from '@shopee-webhook/sheets';
import { describe, expect, test } from 'vitest';
import type { Book, BookCell, BookRow, CostRow } from '../../../sandbox/src/summary/calculate-summary.ts';
import { calculateSummary } from '../../../sandbox/src/summary/calculate-summary.ts';
import { costsCells, summaryCells } from '../../../sandbox/src/summary/summary-cells.ts';
import { sheetWorld, type SheetWorld } from '../../../sheets/test/sheet-world.ts';
import { amountColumnIds, feeColumnIds } from '../../src/report/summary-columns.ts';
import { summaryTabs } from '../../src/report/summary.ts';
import { randomCosts, randomOrders, toBookRow, type WrittenOrder } from './book.ts';
import { calculate, libreOffice, type Value } from './libreoffice.ts';
import { workbookOf } from './workbook.ts';

const timeZone = 'Asia/Jakarta';
const newest = Math.floor(Date.now() / 1000) - 3600;
const someOrders = { orders: 120, seed: 7, newest, days: 100, skus: 30 };

interface Written {
  world: SheetWorld;
  orders: readonly WrittenOrder[];
  costs: readonly CostRow[];
  rotation: 'never' | 'month';
}

/** The orders in a sheet, as the worker writes them, and the costs, as a seller types them. */
async function write(
  orders: readonly WrittenOrder[],
  costs: readonly CostRow[],
  { rotation = 'never', locale = 'en_US' }: { rotation?: 'never' | 'month'; locale?: string } = {},
): Promise<Written> {
  const world = await sheetWorld({ spreadsheet: { timeZone, locale } });
  const rows = orders.flatMap(({ shopId, order, lines }) => {
    const key = `${shopId}:${String(order['order_sn'])}`;
    return [world.row(key, 1, order), ...lines.map((line, n) => world.row(`${key}:${n}`, 1, line, 'Items'))];
  });
  const first = orders.length === 0 ? [world.row('9:none', 1, { create_time: null })] : rows;
  await world.writer({ derivedTabs: summaryTabs, rotation, timeoutMs: 60_000 }).upsert(first);
  const grid = world.google.spreadsheet().sheetByTitle('Costs')?.grid;
  if (grid === undefined) throw new Error('no tab Costs');
  for (const [n, { sku, unitCost, validFrom, resellable }] of costs.entries())
    grid.write(
      n + 1,
      0,
      [sku, unitCost, '', validFrom, resellable].map((cell) => (cell === '' ? undefined : cell)),
    );
  return { world, orders, costs, rotation };
}

/** Every figure of Summary and Costs that differs from the plain calculation; `choices` are cells that the seller fills in. */
async function differences(written: Written, choices: Record<string, string | number> = {}): Promise<string[]> {
  const { world, orders, costs, rotation } = written;
  for (const [cell, value] of Object.entries(choices))
    world.google.edit({ kind: 'edit-cell', tab: 'Summary', cell, value });
  const shown = await calculate(workbookOf(world.google), 3);
  const chosen = (shown.get('Summary data') ?? []).map(([cell]) => cell);
  const [shopId, currency, from, to] = chosen;
  const monthOf = (unix: unknown) => new Date((Number(unix) + 7 * 3600) * 1000).toISOString().slice(0, 7);
  const byTab = (cells: WrittenOrder['lines']): BookRow[][] => {
    const groups = Map.groupBy(cells, (row) => (rotation === 'month' ? monthOf(row['create_time']) : ''));
    return [...groups]
      .sort(([a], [b]) => titleOrder(world, a) - titleOrder(world, b))
      .map(([, rows]) => rows.map((row) => toBookRow(row, timeZone)));
  };
  const book: Book = {
    orders: byTab(orders.map(({ order }) => order)),
    items: byTab(orders.flatMap(({ lines }) => lines)),
    costs,
    shopId: String(shopId).slice(1),
    currency: String(currency),
    from: Number(from),
    to: Number(to),
  };
  const values = calculateSummary(book, { amounts: amountColumnIds, charges: feeColumnIds });
  const wanted = { Summary: summaryCells(values), Costs: costsCells(values) };
  return Object.entries(wanted).flatMap(([title, cells]) =>
    [...cells].flatMap(([place, cell]) => {
      const [row = 0, column = 0] = place.split(',').map(Number);
      const got = shown.get(title)?.[row]?.[column] ?? '';
      return isSame(cell, got) ? [] : [`${title} ${row + 1}:${column + 1} is ${String(got)}, not ${String(cell)}`];
    }),
  );
}

/** Where the tab of a month stands among those of its kind. */
function titleOrder(world: SheetWorld, month: string): number {
  return world.google.sheets().findIndex(({ title }) => title === `Orders ${month}`);
}

function isSame(wanted: BookCell, got: Value): boolean {
  if (typeof wanted !== 'number' || typeof got !== 'number') return wanted === got;
  return Math.abs(wanted - got) <= 1e-7 * Math.max(1, Math.abs(wanted));
}

describe.runIf(libreOffice !== undefined)(
  'Summary and Costs show what plain arithmetic gives',
  { timeout: 900_000 },
  () => {
    test('with no orders and no costs', async () => {
      expect(await differences(await write([], []))).toEqual([]);
    });

    test('with one order', async () => {
      const [one] = randomOrders({ ...someOrders, orders: 1, days: 1 });
      const orders = one === undefined ? [] : [{ ...one, order: { ...one.order, order_status: 'COMPLETED' } }];
      expect(await differences(await write(orders, []))).toEqual([]);
    });

    test('with many orders in every state, of all time, in a language that writes 1,5', async () => {
      const written = await write(randomOrders(someOrders), randomCosts(someOrders, timeZone), { locale: 'de_DE' });
      expect(await differences(written, { F3: 'All' })).toEqual([]);
    });

    test('with columns moved, renamed and inserted, and rows inserted and sorted', async () => {
      const written = await write(randomOrders(someOrders), randomCosts(someOrders, timeZone));
      const { google } = written.world;
      const header = google.sheet('Orders').header();
      google.edit({
        kind: 'edit-cell',
        tab: 'Orders',
        cell: `${columnName(header.indexOf('Fees'))}1`,
        value: 'My fees',
      });
      google.edit({ kind: 'move-column', tab: 'Orders', column: 'Final amount', before: 'Order SN' });
      google.edit({ kind: 'insert-column', tab: 'Items', before: 'SKU', header: 'My mark' });
      // The fake moves no references, as Google does: so the worker is shown an error, and writes them again.
      google.edit({ kind: 'edit-cell', tab: 'Summary', cell: 'B6', value: '#REF!' });
      const [first] = written.orders;
      const again = written.world.row('9:none', 1, { create_time: null, currency: first?.order['currency'] ?? null });
      await written.world.writer({ derivedTabs: summaryTabs, timeoutMs: 60_000 }).upsert([again]);
      google.edit({ kind: 'sort', tab: 'Orders', column: 'Order SN' });
      google.edit({ kind: 'insert-rows', tab: 'Orders', at: 2, count: 1 });
      google.edit({ kind: 'insert-rows', tab: 'Items', at: 2, count: 2 });
      expect(await differences(written, { F3: 'Last 90 days' })).toEqual([]);
    });

    test('of a shop and a currency that the seller chose, and of all shops', async () => {
      const written = await write(randomOrders(someOrders), randomCosts(someOrders, timeZone));
      // Neither the shop nor the currency is the one that is shown when nothing is chosen.
      const chosen = { B3: '700000003 · Any name', D3: 'IDR', F3: 'All' };
      expect(await differences(written, chosen)).toEqual([]);
      expect(await differences(written, { ...chosen, B3: 'All shops', D3: 'MYR' })).toEqual([]);
    });

    test('with a tab for every month', async () => {
      const options = { ...someOrders, orders: 60, days: 45 };
      const written = await write(randomOrders(options), randomCosts(options, timeZone), { rotation: 'month' });
      expect(await differences(written, { F3: 'Last 90 days' })).toEqual([]);
    });
  },
);
