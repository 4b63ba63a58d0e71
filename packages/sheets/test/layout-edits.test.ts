import { expect, test, vi } from 'vitest';
import { columnName } from '../src/index.ts';
import { headersOf, sheetWorld, type SheetWorld } from './sheet-world.ts';

const keys = Array.from({ length: 6 }, (_, n) => `1:${n}`);
const width = headersOf('Orders').length;

/** A sheet with six orders, and whatever its writer reports. */
async function setUp() {
  const world = await sheetWorld();
  const { sink, notified: alerts, firing } = world.alerts();
  const writer = world.writer({ alerts: sink });
  await writer.upsert(keys.map((key, n) => world.row(key, 1, { units: 10 - n })));
  await world.settled(writer);
  return { world, writer, alerts, firing };
}

const update = (world: SheetWorld, version = 2) => [...keys, '1:new'].map((key) => world.row(key, version));
const type = (world: SheetWorld, cell: string, value: string) =>
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell, value });
const cells = (world: SheetWorld) => world.google.sheet('Orders').rows();

/** Key and version of every row, by key, with the header found wherever it is. */
function versions(world: SheetWorld, keyHeader = 'Row key'): unknown[][] {
  const rows = cells(world);
  const header = rows.find((row) => row.includes(keyHeader)) ?? [];
  const [key, version] = [header.indexOf(keyHeader), header.indexOf(keyHeader) + 1];
  return rows
    .filter((row) => /^\d+:/.test(String(row[key])))
    .map((row) => [row[key], row[version]])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

const allAt = (version: number) => [...keys, '1:new'].map((key) => [key, version]);

/** Writes again, by the same worker and by one that has just started, and expects each order once. */
async function expectOnce(world: SheetWorld, writer: ReturnType<SheetWorld['writer']>, keyHeader?: string) {
  await writer.upsert(update(world, 2));
  await world.settled(writer);
  expect(versions(world, keyHeader)).toEqual(allAt(2));
  const next = world.writer();
  await next.upsert(update(world, 3));
  await world.settled(next);
  expect(versions(world, keyHeader)).toEqual(allAt(3));
}

test('rows inserted above the header, with the shop’s name: the header is found below them', async () => {
  const { world, writer } = await setUp();
  world.google.edit({ kind: 'insert-rows', tab: 'Orders', at: 1, count: 2 });
  type(world, 'A1', 'My shop');
  await expectOnce(world, writer);
  expect(world.google.sheet('Orders').columnCount).toBe(width);
  expect(cells(world)[0]?.[0]).toBe('My shop');
  expect(cells(world)[2]).toContain('Row key');
});

test('a header that was moved below rows goes back above them', async () => {
  const { world, writer, alerts } = await setUp();
  world.google.edit({ kind: 'move-rows', tab: 'Orders', at: 1, to: 5 });
  await expectOnce(world, writer);
  expect(cells(world)[0]).toContain('Row key');
  expect(alerts).toHaveLength(1);
});

test('a header that was sorted into the rows goes back above them', async () => {
  const { world, writer, alerts } = await setUp();
  const sheet = world.google.spreadsheet().sheets.find(({ title }) => title === 'Orders');
  const rows = cells(world).slice(0, 7);
  const sorted = [...rows.slice(1), ...rows.slice(0, 1)];
  sorted.forEach((row, n) =>
    sheet?.grid.write(
      n,
      0,
      row.map((cell) => (cell === '' ? undefined : cell)),
    ),
  );
  await expectOnce(world, writer);
  expect(cells(world)[0]).toContain('Row key');
  expect(alerts).toHaveLength(1);
});

test('a header that was deleted is written again above the rows', async () => {
  const { world, writer, alerts } = await setUp();
  world.google.edit({ kind: 'delete-rows', tab: 'Orders', at: 1 });
  await expectOnce(world, writer);
  expect(cells(world)[0]).toEqual(headersOf('Orders'));
  expect(world.google.sheet('Orders').columnCount).toBe(width);
  expect(alerts).toHaveLength(1);
});

test('a user’s own Status left of ours is left alone', async () => {
  const { world, writer } = await setUp();
  world.google.edit({ kind: 'insert-column', tab: 'Orders', before: 'Order SN', header: 'Status' });
  keys.forEach((_, n) => type(world, `A${n + 2}`, `mine ${n}`));
  await expectOnce(world, writer);
  expect(cells(world).slice(1, 7).map(([cell]) => cell)).toEqual(keys.map((_, n) => `mine ${n}`)); // prettier-ignore
  expect(cells(world)[0]).toEqual(['Status', ...headersOf('Orders')]);
  expect(world.google.sheet('Orders').columnCount).toBe(width + 1);
});

test('a header that was translated whole is kept up as it is, the row key too', async () => {
  const { world, writer } = await setUp();
  headersOf('Orders').forEach((header, n) => type(world, `${columnName(n)}1`, `cột ${header}`));
  await expectOnce(world, writer, 'cột Row key');
  expect(cells(world)[0]).toEqual(headersOf('Orders').map((header) => `cột ${header}`));
  expect(world.google.sheet('Orders').columnCount).toBe(width);
});

test('in a sheet of an earlier version, whose columns have no identity, they are found by note and text and get one', async () => {
  const { world } = await setUp();
  const spreadsheet = world.google.spreadsheet();
  spreadsheet.set({ metadata: [] });
  world.google.edit({ kind: 'insert-rows', tab: 'Orders', at: 1 });
  type(world, `${columnName(headersOf('Orders').indexOf('Order total'))}2`, 'Tổng tiền');
  world.google.edit({ kind: 'insert-column', tab: 'Orders', before: 'A', header: 'Status' });
  const writer = world.writer();
  await expectOnce(world, writer);
  expect(world.google.sheet('Orders').columnCount).toBe(width + 1);
  const total = cells(world)[1]?.indexOf('Tổng tiền') ?? -1;
  expect(cells(world)[2]?.[total]).toBe(3);
});

test('without its row key a tab with rows is not written, and says how to restore it', async () => {
  const { world, writer } = await setUp();
  world.google.edit({ kind: 'delete-column', tab: 'Orders', column: 'Row key' });
  const before = cells(world);
  await expect(writer.upsert(update(world))).rejects.toMatchObject({
    action: expect.stringContaining('Restore the column “Row key”') as string,
  });
  await expect(world.writer().upsert(update(world))).rejects.toMatchObject({ name: 'SheetUnavailableError' });
  expect(cells(world)).toEqual(before);
});

test('an older version of the file that the user restored is found at the next write, and what it lacks is fetched', async () => {
  const { world } = await setUp();
  const missing: string[] = [];
  const { sink, notified } = world.alerts();
  const writer = world.writer({ onMissing: async (one) => void missing.push(...one.keys), alerts: sink });
  await writer.upsert([world.row('1:0', 2)]);
  await world.settled(writer);
  const before = structuredClone(world.google.state());
  await writer.upsert([world.row('1:1', 5), world.row('1:2', 5), world.row('1:later', 1)]);
  await world.settled(writer);
  world.google.restore(before);
  await writer.upsert([world.row('1:4', 9)]);
  await world.settled(writer);
  await vi.waitFor(() => expect(missing.toSorted()).toEqual(['1:1', '1:2', '1:later']));
  expect(notified.map(({ title }) => title)).toEqual(['An older version of the spreadsheet was restored']);
  expect(versions(world).find(([key]) => key === '1:4')).toEqual(['1:4', 9]);
});

test('a copy of a tab that the user put first is left alone', async () => {
  const world = await sheetWorld();
  world.google.edit({ kind: 'rename-tab', tab: 'Sheet1', to: 'Orders' });
  await world.writer().upsert(keys.map((key) => world.row(key, 1)));
  const spreadsheet = world.google.spreadsheet();
  const original = spreadsheet.sheetByTitle('Orders');
  const copy = spreadsheet.addSheet({ index: 0, rowCount: 1000, columnCount: width, fields: { title: 'Copy' } });
  original?.grid.rows.forEach((row, n) => copy.grid.write(n, 0, row?.cells ?? []));
  const tag = spreadsheet.fields.metadata.find(({ metadataValue }) => metadataValue?.startsWith('Orders') === true);
  spreadsheet.set({
    metadata: [{ ...tag, metadataId: 1_234_567, location: { sheetId: copy.id } }, ...spreadsheet.fields.metadata],
  });
  world.google.edit({ kind: 'rename-tab', tab: 'Orders', to: 'Pesanan' });
  await world.writer().upsert(update(world));
  expect(world.versions('Copy')).toEqual(keys.map((key) => [key, 1]));
  expect(world.versions('Pesanan')).toEqual(allAt(2));
});

test('an order that stands twice is an alert until it is merged', async () => {
  const { world, writer, firing } = await setUp();
  const [first, second] = cells(world).slice(1, 3);
  const at = headersOf('Orders').indexOf('Row key');
  const grid = world.google.spreadsheet().sheetByTitle('Orders')?.grid;
  grid?.write(20, 0, first ?? []);
  grid?.write(21, 0, second ?? []);
  type(world, `${columnName(at)}30`, 'Total');
  const worker = world.writer({
    alerts: { ...world.alerts().sink, raise: async (key, alert) => void firing.set(key, alert) },
  });
  await worker.upsert([world.row('1:5', 2)]);
  await vi.waitFor(() => expect([...firing.values()]).toMatchObject([{ severity: 'warning' }]));
  const [alert] = firing.values();
  expect(alert?.text).toContain('2 keys stand in several rows, 1:0 in Orders, row 2 and 21: run “Merge duplicates”');
  expect(alert?.text).toContain('something else in Orders, row 30: clear');
  type(world, `${columnName(at)}30`, '');
  expect(await writer.audit()).toEqual({ merged: 2, left: 0 });
  await vi.waitFor(() => expect(firing.size).toBe(0));
  expect(versions(world)).toEqual(keys.map((key) => [key, key === '1:5' ? 2 : 1]));
});

test('a header that names our columns twice is an alert; a column of the user’s own is not', async () => {
  const { world, writer, firing } = await setUp();
  world.google.edit({ kind: 'insert-column', tab: 'Orders', before: 'A', header: 'Status' });
  await writer.upsert(update(world));
  await writer.audit();
  expect(firing.size).toBe(0);
  const headers = cells(world)[0] ?? [];
  headersOf('Orders').forEach((header, n) => {
    const column = columnName(headers.length + n);
    world.google.edit({ kind: 'insert-column', tab: 'Orders', before: column, header });
  });
  await writer.audit();
  await vi.waitFor(() =>
    expect([...firing.values()][0]?.text).toContain('The header of Orders names our columns twice'),
  );
});
