import { expect, test, vi } from 'vitest';
import { type MissingRows, columnName } from '../src/index.ts';
import { headersOf, sheetWorld, type SheetWorld } from './sheet-world.ts';

/** A sheet with ten orders, and the user's own column with a note beside each. */
async function annotated() {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert(keys.map((key, n) => world.row(key, 1, { units: 10 - n })));
  world.google.edit({ kind: 'insert-column', tab: 'Orders', before: 'Status', header: 'My note' });
  const column = headersOf('Orders').indexOf('Status');
  keys.forEach((key, n) => {
    const cell = `${columnName(column)}${n + 2}`;
    world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell, value: `note of ${key}` });
  });
  return { world, writer };
}

const keys = Array.from({ length: 10 }, (_, n) => `1:${n}`);
const update = (world: SheetWorld, version = 2) => keys.map((key) => world.row(key, version));

/** Each row's key, version and note, by key. */
function shown(world: SheetWorld, title = 'Orders'): unknown[][] {
  const rows = world.rows(title).map((row) => [String(row['Row key']), row['Version'], row['My note']]);
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** Each order once with that version, and with its own note beside it. */
const allOnce = (version: number) => keys.map((key) => [key, version, `note of ${key}`]);

test('sorted rows are updated where they are now', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'sort', tab: 'Orders', column: 'Units' });
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
  expect(world.rows()[0]).toMatchObject({ 'Row key': '1:9' });
});

test('inserted, deleted and moved rows do not send a row astray', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'insert-rows', tab: 'Orders', at: 3, count: 2 });
  world.google.edit({ kind: 'move-rows', tab: 'Orders', at: 2, to: 9 });
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
});

test('a deleted row is written again at the end', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'delete-rows', tab: 'Orders', at: 2 });
  await writer.upsert([world.row('1:0', 2)]);
  expect(world.versions().at(-1)).toEqual(['1:0', 2]);
  expect(world.versions()).toHaveLength(10);
});

test('moved, hidden and added columns are respected', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'move-column', tab: 'Orders', column: 'Version', before: 'Order SN' });
  world.google.edit({ kind: 'move-column', tab: 'Orders', column: 'Row key', before: 'Created' });
  world.google.edit({ kind: 'hide-column', tab: 'Orders', column: 'Shop' });
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
  expect(world.rows()[0]).toMatchObject({ 'Order SN': '0', 'Order total': 2 });
});

test('a column of ours that was deleted comes back at the right', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'delete-column', tab: 'Orders', column: 'Order total' });
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
  expect(world.google.sheet('Orders').header().at(-1)).toBe('Order total');
  expect(world.rows()[0]).toMatchObject({ 'Order total': 2 });
});

test('a renamed tab is found again, also by a worker that has just started', async () => {
  const { world, writer } = await annotated();
  world.google.edit({ kind: 'rename-tab', tab: 'Orders', to: 'Pesanan' });
  await writer.upsert(update(world));
  expect(shown(world, 'Pesanan')).toEqual(allOnce(2));
  await world.writer().upsert(update(world, 3));
  expect(shown(world, 'Pesanan')).toEqual(allOnce(3));
  expect(world.google.sheets().map(({ title }) => title)).not.toContain('Orders');
});

test('a tab that the user made himself is found again after he renamed it, and none of its copies is taken for it', async () => {
  const world = await sheetWorld();
  world.google.edit({ kind: 'rename-tab', tab: 'Sheet1', to: 'Orders' });
  await world.writer().upsert(keys.map((key) => world.row(key, 1)));
  world.google.edit({ kind: 'rename-tab', tab: 'Orders', to: 'Pesanan' });
  await world.writer().upsert(update(world));
  expect(world.versions('Pesanan')).toEqual(keys.map((key) => [key, 2]));
  expect(world.google.sheets().map(({ title }) => title)).not.toContain('Orders');
});

test.each([
  ['a removed tab', false],
  ['a removed tab that the user had made himself', true],
])('%s is made again, and its orders are reported to be fetched', async (_what, isUsers) => {
  const world = await sheetWorld();
  if (isUsers) world.google.edit({ kind: 'rename-tab', tab: 'Sheet1', to: 'Orders' });
  const missing: MissingRows[] = [];
  const writer = world.writer({ onMissing: async (one) => void missing.push(one) });
  await writer.upsert(keys.map((key) => world.row(key, 1)));
  await world.settled(writer);
  world.google.edit({ kind: 'delete-tab', tab: 'Orders' });
  await writer.upsert([world.row('1:0', 2)]);
  expect(world.versions()).toEqual([['1:0', 2]]);
  await vi.waitFor(
    () => expect(missing).toEqual([{ spreadsheetId: world.spreadsheetId, tab: 'Orders', keys }]),
    10_000,
  );
});

test('an order of a removed tab that could not be fetched is reported again by itself, after a pause', async () => {
  const world = await sheetWorld();
  const reports: string[][] = [];
  const writer = world.writer({
    timings: { missingReportRetryMs: 3000 },
    onMissing: async ({ keys }) => {
      reports.push(keys);
      return reports.length === 1 ? ['1:3'] : [];
    },
  });
  await writer.upsert(keys.map((key) => world.row(key, 1)));
  await world.settled(writer);
  world.google.edit({ kind: 'delete-tab', tab: 'Orders' });
  for (const version of [2, 3, 4]) await writer.upsert([world.row('1:0', version)]);
  expect(reports).toEqual([keys]);
  await vi.waitFor(() => expect(reports).toEqual([keys, ['1:3']]), 10_000);
});

test('what the user wrote below the last row stays, and new rows go below it', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:0', 1)]);
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: 'B4', value: 'TOTAL' });
  await writer.upsert(keys.slice(1).map((key) => world.row(key, 1)));
  const sheet = world.google.sheet('Orders').rows();
  expect(sheet[3]?.[1]).toBe('TOTAL');
  expect(world.versions()).toHaveLength(10);
});

test('of a row that the user copied the newest stays, in the row with the user’s note', async () => {
  const { world, writer } = await annotated();
  const column = columnName(headersOf('Orders').indexOf('Row key') + 1);
  world.google.edit({ kind: 'insert-rows', tab: 'Orders', at: 5 });
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${column}5`, value: '1:0' });
  await writer.audit();
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
});

test('a column that the user protected between ours is not touched', async () => {
  const { world, writer } = await annotated();
  const column = columnName(headersOf('Orders').indexOf('Status'));
  world.google.edit({ kind: 'protect', tab: 'Orders', range: `${column}1:${column}1000` });
  await writer.upsert(update(world));
  expect(shown(world)).toEqual(allOnce(2));
});
