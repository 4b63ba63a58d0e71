import { expect, test } from 'vitest';
import type { SheetRow } from '../schema/schema.ts';
import { settleRow, PendingRows } from './pending-rows.ts';

const row = (key: string, version: number, cells: SheetRow['cells'] = {}, requestedAt?: number): SheetRow => ({
  spreadsheetId: 's', tab: 'Orders', key, version, shopId: '1', cells, requestedAt,
}); // prettier-ignore
const all = { maxRows: 1000, maxBytes: 1e6 };
const done = { kind: 'written', row: 2, sheetId: 1 } as const;

test('rows of one key become one, the newest, and all who brought one hear what became of it', async () => {
  const rows = new PendingRows();
  const results = [
    rows.add(row('a', 1, { note: 'old' })),
    rows.add(row('a', 2, { note: 'new' })),
    rows.add(row('a', 1)),
  ];
  const taken = rows.takeBatch(all);
  expect(taken.map((one) => one.row)).toMatchObject([{ version: 2, cells: { note: 'new' } }]);
  for (const one of taken) settleRow(one, done);
  expect(await Promise.all(results)).toEqual([done, done, done]);
});

test('a cell that the newer row leaves alone keeps the older row’s value', () => {
  const rows = new PendingRows();
  void rows.add(row('a', 1, { note: 'kept', items: 'x' }));
  void rows.add(row('a', 2, { note: null, items: '' }));
  expect(rows.takeBatch(all)[0]?.row.cells).toEqual({ note: 'kept', items: '' });
});

test('an older row that comes late fills the cells that the newer one leaves alone', () => {
  const rows = new PendingRows();
  void rows.add(row('a', 2, { tracking_number: null, order_status: 'SHIPPED' }));
  void rows.add(row('a', 1, { tracking_number: 'SPX1', order_status: 'PROCESSED' }));
  const [taken] = rows.takeBatch(all);
  expect(taken?.row).toMatchObject({ version: 2, cells: { tracking_number: 'SPX1', order_status: 'SHIPPED' } });
});

test('of one version, the income that was asked for last is kept, whichever row comes last', () => {
  const rows = new PendingRows();
  void rows.add(row('a', 1, { escrow_amount: 9 }, 200));
  void rows.add(row('a', 1, { escrow_amount: 10, payout_amount: 9 }, 100));
  // An order whose escrow could not be read tells nothing of its age.
  void rows.add(row('a', 1, { order_status: 'COMPLETED' }));
  void rows.add(row('a', 1, { escrow_amount: 10 }, 100));
  const cells = { escrow_amount: 9, payout_amount: 9, order_status: 'COMPLETED' };
  expect(rows.takeBatch(all)[0]?.row).toMatchObject({ cells, requestedAt: 200 });
});

test('a flush takes those that have waited longest, up to its limits and one at least', () => {
  const rows = new PendingRows();
  for (const key of ['a', 'b', 'c']) void rows.add(row(key, 1, { note: 'x'.repeat(1000) }));
  expect(rows.takeBatch({ maxRows: 2, maxBytes: 1e6 }).map((one) => one.row.key)).toEqual(['a', 'b']);
  expect(rows.takeBatch({ maxRows: 9, maxBytes: 10 }).map((one) => one.row.key)).toEqual(['c']);
  expect(rows.size).toBe(0);
});
