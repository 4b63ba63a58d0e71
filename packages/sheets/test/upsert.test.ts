import { expect, test } from 'vitest';
import { reportSchema } from '../../worker/src/report/schema.ts';
import { headersOf, sheetWorld } from './sheet-world.ts';

test('an empty spreadsheet gets its tabs, and a row stands under its header', async () => {
  const world = await sheetWorld();
  const [result] = await world.writer().upsert([world.row('1:A', 100, { note: 'hello' })]);
  expect(result).toEqual({ kind: 'written', row: 2, sheetId: expect.any(Number) as number });
  expect(world.google.sheets().map(({ title }) => title)).toEqual(['Sheet1', ...Object.keys(reportSchema.tabs)]);
  expect(world.google.sheet('Orders').header()).toEqual(headersOf('Orders'));
  expect(world.rows()).toMatchObject([
    { 'Row key': '1:A', Version: 100, 'Seller’s note': 'hello', 'Order total': 100 },
  ]);
});

test('a row is written once, and then over itself; its previous status is returned', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:A', 1, { order_status: 'UNPAID' }), world.row('1:B', 1)]);
  const [result] = await writer.upsert([world.row('1:A', 2, { order_status: 'SHIPPED' })]);
  expect(result).toMatchObject({ kind: 'written', row: 2, previous: { status: 'UNPAID' } });
  expect(world.versions()).toEqual([['1:A', 2], ['1:B', 1]]); // prettier-ignore
});

test('an older version never overwrites a newer one, also from a worker that has just started', async () => {
  const world = await sheetWorld();
  await world.writer().upsert([world.row('1:A', 5)]);
  expect(await world.writer().upsert([world.row('1:A', 4)])).toEqual([{ kind: 'stale' }]);
  expect(world.versions()).toEqual([['1:A', 5]]);
});

test('of one version, income requested earlier does not overwrite what was requested later', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  const write = (requestedAt: number | undefined, amount: number) =>
    writer.upsert([{ ...world.row('1:A', 5, { escrow_amount: amount }), requestedAt }]);
  await write(200, 9);
  expect(await write(100, 10)).toEqual([{ kind: 'stale' }]);
  expect(world.rows()).toMatchObject([{ 'Escrow amount': 9 }]);
  expect(await write(300, 8)).toMatchObject([{ kind: 'written' }]);
  // The row of a return, or of an order without escrow, has no such time.
  expect(await write(undefined, 7)).toMatchObject([{ kind: 'written' }]);
  expect(world.rows()).toMatchObject([{ 'Escrow amount': 7 }]);
});

test('rows of many callers go into one write request', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:first', 1)]);
  world.google.clearLog();
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      writer.upsert([world.row(`1:${n}`, 1), world.row(`1:${n}:1`, 1, {}, 'Items')]),
    ),
  );
  expect(world.google.requests.filter(({ kind }) => kind === 'write')).toHaveLength(1);
  expect(world.versions()).toHaveLength(51);
  expect(world.versions('Items')).toHaveLength(50);
});

test('the grid grows by a thousand rows when it is full', async () => {
  const world = await sheetWorld();
  await world.writer().upsert(Array.from({ length: 1500 }, (_, n) => world.row(`1:${n}`, 1)));
  expect(world.google.sheet('Orders').rowCount).toBe(2000);
  expect(world.versions()).toHaveLength(1500);
});

test('a grid that must grow has room for all rows that wait, and at most a thousand blank ones', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:first', 1)]);
  world.google.clearLog();
  await writer.upsert(Array.from({ length: 5_500 }, (_, n) => world.row(`1:n${n}`, 1)));
  expect(world.google.requests.filter(({ method }) => method === 'batchUpdate')).toHaveLength(1);
  expect(world.google.sheet('Orders').rowCount).toBe(6_000);
  expect(world.versions()).toHaveLength(5_501);
});

test('text that looks like a formula, with tabs, line ends and emoji, stays text', async () => {
  const world = await sheetWorld();
  const texts = ['=1+2', '+84 123', '-5', '@x', '=IMPORTXML("http://evil")', 'a\tb\nc', '🌵 “x”', "'007", '0012'];
  await world.writer().upsert(texts.map((note, n) => world.row(`1:${n}`, 1, { note, buyer_username: note })));
  expect(world.rows().map((row) => row['Seller’s note'])).toEqual(texts);
});

test('a cell that is too long is cut with a mark', async () => {
  const world = await sheetWorld();
  await world.writer().upsert([world.row('1:A', 1, { note: 'x'.repeat(60_000) })]);
  expect(String(world.rows()[0]?.['Seller’s note'])).toMatch(/^x{49000}.*cut: longer than a cell can hold\]$/);
});

test('null leaves a cell as the user has it, and an empty text clears it', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:A', 1, { note: 'mine', buyer_username: 'jane' })]);
  await writer.upsert([world.row('1:A', 2, { note: '', buyer_username: null })]);
  expect(world.rows()).toMatchObject([{ 'Seller’s note': '', Buyer: 'jane' }]);
});
