import { expect, test, vi } from 'vitest';
import { serialDate } from '../src/index.ts';
import { sheetWorld, type SheetWorld } from './sheet-world.ts';

const created = 1_788_220_800;
const [before, after] = ['Asia/Singapore', 'America/New_York'];

function rowsOf(world: SheetWorld, sn: string, version: number) {
  const cells = { create_time: created, update_time: version };
  const item = world.row(`1:${sn}:line`, version, { order_sn: sn, create_time: created }, 'Items');
  return [world.row(`1:${sn}`, version, { ...cells, pay_time: created + 60 }), item];
}

/** The dates of a tab as a person reads them. */
const dates = (world: SheetWorld, tab: string, header = 'Created') => world.rows(tab).map((row) => row[header]);

const allIn = (zone: string, count: number, moment = created) =>
  Array.from({ length: count }, () => expect.closeTo(serialDate(moment, zone), 6) as number);

async function setUp() {
  const world = await sheetWorld();
  const { sink, notified } = world.alerts();
  const options = { alerts: sink, timings: { settingsIntervalMs: 0 } };
  const writer = world.writer(options);
  await writer.upsert(['a', 'b', 'c'].flatMap((sn) => rowsOf(world, sn, created + 100)));
  await world.settled(writer);
  return { world, writer, options, notified };
}

test('after the zone was changed every date gets the new clock, and the change is an alert', async () => {
  const { world, writer, notified } = await setUp();
  expect(dates(world, 'Orders')).toEqual(allIn(before, 3));
  world.google.edit({ kind: 'settings', timeZone: after });
  await writer.upsert(rowsOf(world, 'd', created + 200));
  await vi.waitFor(() => expect(notified).toHaveLength(1));
  await world.settled(writer);
  expect(dates(world, 'Orders')).toEqual(allIn(after, 4));
  expect(dates(world, 'Orders', 'Paid')).toEqual(allIn(after, 4, created + 60));
  expect(dates(world, 'Items')).toEqual(allIn(after, 4));
  expect(notified).toMatchObject([{ title: 'The time zone of the spreadsheet was changed' }]);
});

test('a process that starts after the change rewrites the dates, and the next one leaves them alone', async () => {
  const { world, writer, options } = await setUp();
  await writer.stop();
  world.google.edit({ kind: 'settings', timeZone: after });
  for (const version of [created + 300, created + 400]) {
    const next = world.writer(options);
    await next.upsert(rowsOf(world, 'a', version));
    await world.settled(next);
    expect([dates(world, 'Orders'), dates(world, 'Items')]).toEqual([allIn(after, 3), allIn(after, 3)]);
    await next.stop();
  }
});

test('a rewrite that was cut short is finished an hour later, and no date is changed twice', async () => {
  const { world, writer, options } = await setUp();
  await writer.stop();
  world.google.edit({ kind: 'settings', timeZone: after });
  const cut = world.writer(options);
  // The record that dates are being rewritten, and one row of the two of an order.
  await cut.upsert(rowsOf(world, 'a', created + 300));
  await cut.stop();
  const spreadsheet = world.google.spreadsheet();
  const record = spreadsheet.fields.metadata.find(({ metadataKey }) => metadataKey?.endsWith('-zone') === true);
  expect(record?.metadataValue).toMatch(/^Asia\/Singapore>America\/New_York>\d+$/);
  const requested: string[] = [];
  const onMissing = async ({ tab, keys }: { tab: string; keys: string[] }) => void requested.push(tab, ...keys);
  const early = world.writer({ ...options, onMissing });
  await early.upsert(rowsOf(world, 'a', created + 400));
  await world.settled(early);
  await early.stop();
  expect(requested).toEqual([]);
  const resumed = world.writer({ ...options, onMissing, now: () => Date.now() + 7_200_000 });
  await resumed.upsert(rowsOf(world, 'a', created + 500));
  await world.settled(resumed);
  await vi.waitFor(() => expect(requested).toEqual(['Items', '1:a:line', '1:b:line', '1:c:line']));
  expect(dates(world, 'Orders')).toEqual(allIn(after, 3));
});

test('a changed locale is an alert and changes no cell', async () => {
  const { world, writer, notified } = await setUp();
  world.google.edit({ kind: 'settings', locale: 'vi_VN' });
  await writer.upsert(rowsOf(world, 'a', created + 200));
  await vi.waitFor(() => expect(notified).toMatchObject([{ title: 'The locale of the spreadsheet was changed' }]));
  expect(dates(world, 'Orders')).toEqual(allIn(before, 3));
});
