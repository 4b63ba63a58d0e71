import { expect, test } from 'vitest';
import { type SheetRow, type SheetWriter, serialDate } from '../src/index.ts';
import type { UserEdit } from '../../sandbox/src/index.ts';
import { headersOf, sheetWorld, type SheetWorld } from './sheet-world.ts';

const keys = Array.from({ length: 12 }, (_, n) => `1:${String.fromCharCode(97 + n)}`);

const releasedAt = Date.UTC(2026, 10, 23) / 1000;

/** What later versions of the order do not contain: the buyer, and of every other order its parcel and its payout. */
const buyerCells = (key: string) => {
  const letter = key.charCodeAt(2);
  const isPaidOut = letter % 2 === 0;
  return {
    recipient_name: `buyer of ${key}`,
    tracking_number: isPaidOut ? `parcel of ${key}` : '',
    escrow_release_time: isPaidOut ? releasedAt + letter * 60 : '',
  };
};

/** Twelve orders and a worker whose reconcile job fetches what is reported missing. */
async function setUp() {
  const world = await sheetWorld();
  const newest = new Map<string, SheetRow>();
  const make = (): SheetWriter => {
    const writer: SheetWriter = world.writer({
      onMissing: async ({ keys }) => {
        const rows = keys.flatMap((key) => newest.get(key) ?? []);
        await writer.upsert(rows);
      },
    });
    return writer;
  };
  const writer = make();
  const upsert = async (rows: SheetRow[]) => {
    for (const row of rows) newest.set(row.key, row);
    await writer.upsert(rows);
  };
  await upsert(keys.map((key, n) => world.row(key, 1, { units: 20 - n, note: `n ${key}`, ...buyerCells(key) })));
  await world.settled(writer);
  return { world, writer, upsert, make };
}

/** Key, version and note of each row, by key. */
function shown(world: SheetWorld): unknown[][] {
  const rows = world.rows().map((row) => [String(row['Row key']), row['Version'], row['Seller’s note']]);
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** What of an order's row is another order's, or is gone. */
function mixed(world: SheetWorld): string[] {
  const zone = world.google.spreadsheet().fields.properties.timeZone ?? 'Etc/UTC';
  return world.rows().flatMap((row) => {
    const key = String(row['Row key']);
    if (key === '') return [];
    if (key.includes('new')) return row['Tracking number'] === '' ? [] : [`${key}: ${String(row['Tracking number'])}`];
    const { recipient_name: name, tracking_number: parcel, escrow_release_time: at } = buyerCells(key);
    const paidOut = row['Paid out at'];
    const isRight =
      row['Recipient'] === name &&
      row['Tracking number'] === parcel &&
      (typeof at === 'string' ? paidOut === '' : Math.abs(Number(paidOut) - serialDate(at, zone)) < 1e-6);
    return isRight
      ? []
      : [`${key}: ${String(row['Recipient'])}, ${String(row['Tracking number'])}, ${String(row['Paid out at'])}`];
  });
}

const edits: Record<string, UserEdit> = {
  'a sort': { kind: 'sort', tab: 'Orders', column: 'Units' },
  'an inserted row': { kind: 'insert-rows', tab: 'Orders', at: 4 },
  'a deleted row': { kind: 'delete-rows', tab: 'Orders', at: 3 },
  'a moved row': { kind: 'move-rows', tab: 'Orders', at: 8, to: 5 },
  'a row moved by one': { kind: 'move-rows', tab: 'Orders', at: 5, to: 7 },
  'an inserted column': { kind: 'insert-column', tab: 'Orders', before: 'Status', header: 'Mine' },
  'a column inserted at the left': { kind: 'insert-column', tab: 'Orders', before: 'Order SN' },
  'a moved column': { kind: 'move-column', tab: 'Orders', column: 'Row key', before: 'Order SN' },
  'a deleted column': { kind: 'delete-column', tab: 'Orders', column: 'Shop' },
  'a renamed tab': { kind: 'rename-tab', tab: 'Orders', to: 'Orders' },
};

/** Brings changes of four orders and two new ones while the user does that, and expects all of them. */
async function bringUnder(...underWrites: (UserEdit | undefined)[]) {
  const { world, writer, upsert } = await setUp();
  for (const edit of underWrites) if (edit !== undefined) world.google.beforeNextWrite(edit);
  const touched = [keys[2], keys[3], keys[5], keys[9]].flatMap((key) => key ?? []);
  await upsert([...touched, '1:new', '1:new2'].map((key) => world.row(key, 2, { note: `n ${key}`, units: 3 })));
  await world.settled(writer);
  await writer.audit();
  await world.settled(writer);
  const expected = [...keys, '1:new', '1:new2']
    .map((key) => [key, touched.includes(key) || key.includes('new') ? 2 : 1, `n ${key}`])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  expect(world.google.failedEdits).toEqual([]);
  return { shown: shown(world), expected, mixed: mixed(world) };
}

test.each(Object.entries(edits))('%s between guard and write costs no order', async (_, edit) => {
  const { shown, expected, mixed } = await bringUnder(edit);
  expect(shown).toEqual(expected);
  expect(mixed).toEqual([]);
});

const pairs = [
  ['a sort', 'a sort'],
  ['a sort', 'a moved column'],
  ['an inserted row', 'an inserted column'],
  ['a deleted row', 'a column inserted at the left'],
  ['a moved row', 'a sort'],
  ['a sort', 'an inserted row'],
  ['an inserted row', 'a sort'],
  ['an inserted row', 'a deleted row'],
  ['an inserted column', 'a sort'],
  ['a moved column', 'an inserted column'],
  ['a column inserted at the left', 'a moved row'],
  ['a deleted column', 'an inserted column'],
] as const;

test.each(pairs)('%s under the write and %s under its repair cost no order', async (first, second) => {
  const { shown, expected, mixed } = await bringUnder(edits[first], edits[second]);
  // A value in a column that the user has just inserted may be left: where it went is not to be buyerCells any more.
  const isSure = !`${first} ${second}`.includes('column');
  expect(shown.filter(([key]) => isSure || key !== '')).toEqual(expected);
  expect(mixed).toEqual([]);
});

test('what a write left in the wrong columns is taken out of the user’s', async () => {
  const { world, writer, upsert } = await setUp();
  world.google.beforeNextWrite({ kind: 'insert-column', tab: 'Orders', before: 'Order SN', header: 'Mine' });
  await upsert([world.row(keys[2] ?? '', 2), world.row('1:new', 2)]);
  await world.settled(writer);
  expect(world.rows().map((row) => row['Mine'])).toEqual(Array(13).fill(''));
  expect(world.google.sheet('Orders').header()).toEqual(['Mine', ...headersOf('Orders')]);
});
