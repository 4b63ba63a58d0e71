import { readServiceAccount } from '@shopee-webhook/runtime';
import { expect, test, vi } from 'vitest';
import { GoogleClient, type SheetsRequest } from '../src/index.ts';
import { LocalQuota, sheetWorld, type SheetWorld } from './sheet-world.ts';

const keys = Array.from({ length: 6 }, (_, n) => `1:${n}`);
const allAt = (version: number, names: readonly string[] = keys) => names.map((key) => [key, version]);
const rowsAt = (world: SheetWorld, version: number) => keys.map((key) => world.row(key, version, { note: key }));

async function setUp(options: Parameters<SheetWorld['writer']>[0] = {}) {
  const world = await sheetWorld();
  const writer = world.writer(options);
  await writer.upsert(rowsAt(world, 1));
  await world.settled(writer);
  return { world, writer, sheetId: world.google.spreadsheet().sheetByTitle('Orders')?.id ?? -1 };
}

/** What a person does in the browser, as the request that does the same. */
async function change(world: SheetWorld, requests: SheetsRequest[]): Promise<void> {
  const { google } = world;
  const client = new GoogleClient({
    account: readServiceAccount(JSON.stringify(google.credentials)),
    quota: new LocalQuota(),
    rootUrl: google.url,
    tokenUrl: google.tokenUrl,
  });
  await client.open(world.spreadsheetId).batchUpdate(requests);
}

test.each<[name: string, requests: (sheetId: number) => SheetsRequest[]]>([
  [
    'merged cells',
    (sheetId) => [
      { mergeCells: { range: { sheetId, startRowIndex: 1, endRowIndex: 4, startColumnIndex: 0, endColumnIndex: 2 }, mergeType: 'MERGE_ALL' } },
    ],
  ],
  [
    'hidden rows',
    (sheetId) => [
      { updateDimensionProperties: { range: { sheetId, dimension: 'ROWS', startIndex: 1, endIndex: 4 }, properties: { hiddenByUser: true }, fields: 'hiddenByUser' } },
    ],
  ],
  [
    'a filter that hides rows',
    (sheetId) => [
      { setBasicFilter: { filter: { range: { sheetId, startRowIndex: 0, endRowIndex: 20, startColumnIndex: 0, endColumnIndex: 5 }, criteria: { '1': { hiddenValues: ['READY_TO_SHIP'] } } } } },
    ],
  ],
])('with %s each order is kept up in its row', async (_name, requests) => {
  const { world, writer, sheetId } = await setUp();
  await change(world, requests(sheetId));
  await writer.upsert(rowsAt(world, 2));
  await world.settled(writer);
  const next = world.writer();
  await next.upsert([...rowsAt(world, 3), world.row('1:new', 3)]);
  await world.settled(next);
  expect(world.versions()).toEqual(allAt(3, [...keys, '1:new']));
}); // prettier-ignore

test('a range over some rows that is protected sets those apart, and no other', async () => {
  const { world, writer } = await setUp();
  world.google.edit({ kind: 'protect', tab: 'Orders', range: 'A3:C4' });
  const results = await writer.upsert(rowsAt(world, 2));
  expect(results.map(({ kind }) => kind)).toEqual(['written', 'rejected', 'rejected', 'written', 'written', 'written']);
  world.google.edit({ kind: 'unprotect', tab: 'Orders' });
  await writer.upsert(rowsAt(world, 2));
  expect(world.versions()).toEqual(allAt(2));
});

test('a tab that is deleted under a flush is made again with the rows of the flush, and the others are requested', async () => {
  const requested = new Set<string>();
  const { world, writer } = await setUp({
    onMissing: async (missing) => missing.keys.forEach((key) => requested.add(key)) ?? [],
  });
  world.google.beforeNextWrite({ kind: 'delete-tab', tab: 'Orders' });
  await writer.upsert(rowsAt(world, 2).slice(0, 2));
  await world.settled(writer);
  expect(world.versions()).toEqual(allAt(2, keys.slice(0, 2)));
  await vi.waitFor(() => expect([...requested]).toEqual(expect.arrayContaining(keys.slice(2))));
});

test('a file in the trash is written on, for it can be taken out; one that is deleted is named', async () => {
  const { world, writer } = await setUp();
  world.google.setFile('trash');
  await writer.upsert(rowsAt(world, 2));
  expect(world.versions()).toEqual(allAt(2));
  world.google.setFile('deleted');
  await expect(writer.upsert(rowsAt(world, 3))).rejects.toMatchObject({
    action: expect.stringContaining(`There is no spreadsheet ${world.spreadsheetId}`) as string,
  });
  world.google.setFile('there');
  await vi.waitFor(() => expect(writer.status().ok).toBe(true), { timeout: 5000 });
  await writer.upsert(rowsAt(world, 3));
  expect(world.versions()).toEqual(allAt(3));
});

test('an Excel file is not written, and the writer says what to do with it', async () => {
  const { world, writer } = await setUp();
  world.google.setFile('xlsx');
  await expect(writer.upsert(rowsAt(world, 2))).rejects.toMatchObject({
    action: expect.stringMatching(/Excel file: .*File → Save as Google Sheets, and use the new file’s id/) as string,
  });
  expect(writer.status()).toMatchObject({
    ok: false,
    spreadsheets: [{ action: expect.stringContaining('Save as Google Sheets') as string }],
  });
});

test('a copied file is another spreadsheet with the same layout: each is written by its own id', async () => {
  const { world, writer } = await setUp();
  const state = structuredClone(world.google.state());
  const spreadsheets = state.spreadsheets.map((one) => ({ ...one, id: 'copy' }));
  world.google.restore({ ...state, spreadsheets });
  await writer.upsert(rowsAt(world, 2));
  await world.settled(writer);
  const inCopy = () => world.google.sheet('Orders', 'copy').records();
  expect(inCopy().map((row) => row['Version'])).toEqual(keys.map(() => 1));
  const width = world.google.sheet('Orders', 'copy').columnCount;
  const copy = world.writer();
  await copy.upsert(rowsAt(world, 5).map((row) => ({ ...row, spreadsheetId: 'copy' })));
  await world.settled(copy);
  expect(inCopy().map((row) => [row['Row key'], row['Version']])).toEqual(allAt(5));
  expect(world.google.sheet('Orders', 'copy').columnCount).toBe(width);
  expect(world.versions()).toEqual(allAt(2));
});
