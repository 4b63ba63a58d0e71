import { expect, test, vi } from 'vitest';
import { reportSchema } from '../../worker/src/report/schema.ts';
import { LocalQuota, sheetWorld, type SheetWorld } from './sheet-world.ts';

async function withOneRow() {
  const world = await sheetWorld();
  const writer = world.writer({ timeoutMs: 400 });
  await writer.upsert([world.row('1:first', 1)]);
  await world.settled(writer);
  return { world, writer };
}

const newRows = (world: SheetWorld, version = 2) => ['1:first', '1:a', '1:b'].map((key) => world.row(key, version));
const allAt = (version: number) => [['1:first', version], ['1:a', version], ['1:b', version]]; // prettier-ignore

const passing = ['503-applied', '503-not-applied', 'reset-after-apply', 'reset-before-apply', 'hang', 'html-408', '500', '429', '401'] as const; // prettier-ignore

for (const kind of passing) {
  for (const on of ['values.batchUpdate', 'read']) {
    test(`${kind} of a ${on === 'read' ? 'preflight' : 'write'} leaves each row once`, async () => {
      const { world, writer } = await withOneRow();
      world.google.faults.add({ kind, on });
      await writer.upsert(newRows(world));
      await world.settled(writer);
      expect(world.versions()).toEqual(allAt(2));
    });
  }
}

test('a first write that fails while the tabs are created leaves each tab once', async () => {
  const world = await sheetWorld();
  world.google.faults.add({ kind: '503-applied', on: 'spreadsheets.batchUpdate' });
  await world.writer().upsert(newRows(world));
  expect(world.google.sheets().map(({ title }) => title)).toEqual(['Sheet1', ...Object.keys(reportSchema.tabs)]);
  expect(world.versions()).toEqual(allAt(2));
});

test('a write that Google applies late does not take the newest values away for good', async () => {
  const { world, writer } = await withOneRow();
  world.google.faults.add({ kind: 'hang-then-applied-late', on: 'values.batchUpdate', ms: 2500 });
  await writer.upsert(newRows(world, 2));
  await writer.upsert(newRows(world, 3));
  expect(world.versions()).toEqual(allAt(3));
  await vi.waitFor(() => expect(world.versions()).toEqual(allAt(2)), { timeout: 5000 });
  await vi.waitFor(() => expect(world.versions()).toEqual(allAt(3)), { timeout: 5000 });
});

test('a write that Google applies late does not empty what only a later row held', async () => {
  const { world, writer } = await withOneRow();
  world.google.faults.add({ kind: 'hang-then-applied-late', on: 'values.batchUpdate', ms: 2500 });
  // A new row blanks the cells that it has nothing for.
  await writer.upsert([world.row('1:a', 1)]);
  await writer.upsert([world.row('1:a', 2, { tracking_number: 'SPX1', payout_amount: 12.5 })]);
  await writer.upsert([world.row('1:a', 3)]);
  const newest = { Version: 3, 'Tracking number': 'SPX1', 'Paid out': 12.5 };
  const shown = () => world.rows().find((row) => row['Row key'] === '1:a');
  expect(shown()).toMatchObject(newest);
  await vi.waitFor(() => expect(shown()).toMatchObject({ Version: 1, 'Tracking number': '' }), { timeout: 5000 });
  await vi.waitFor(() => expect(shown()).toMatchObject(newest), { timeout: 5000 });
});

for (const on of ['values.batchUpdate', 'read']) {
  test(`after a single 429 to a ${on === 'read' ? 'preflight' : 'write'} rows are written within five seconds`, async () => {
    const { world } = await withOneRow();
    let now = 0;
    const clock = { monotonicMs: () => now, sleep: async (ms: number) => void (now += ms) };
    const writer = world.writer({ quota: new LocalQuota(clock) });
    await writer.upsert(newRows(world, 1));
    await world.settled(writer);
    const before = (now += 60_000);
    world.google.faults.add({ kind: '429', on });
    await writer.upsert(newRows(world));
    expect(world.versions()).toEqual(allAt(2));
    // Google is left alone for a while, and no longer.
    expect(now - before).toBeGreaterThan(1000);
    expect(now - before).toBeLessThanOrEqual(5000);
  });
}

test('a write that is applied late, after the user sorted, costs no order', async () => {
  const { world } = await withOneRow();
  const missing: string[] = [];
  const writer = world.writer({ timeoutMs: 400, onMissing: async ({ keys }) => void missing.push(...keys) });
  await writer.upsert(['1:c', '1:d', '1:e', '1:f'].map((key, n) => world.row(key, 1, { units: 9 - n })));
  await world.settled(writer);
  world.google.faults.add({ kind: 'hang-then-applied-late', on: 'values.batchUpdate', ms: 2500 });
  await writer.upsert([world.row('1:c', 2)]);
  world.google.edit({ kind: 'sort', tab: 'Orders', column: 'Units' });
  await vi.waitFor(() => expect(missing).toHaveLength(1), { timeout: 8000 });
  await world.settled(writer);
  const keys = world.versions().map(([key]) => key);
  expect([...keys, ...missing].toSorted()).toEqual(['1:c', '1:d', '1:e', '1:f', '1:first']);
});

test('an outage rejects pending rows, and the writer recovers by itself', async () => {
  const { world, writer } = await withOneRow();
  world.google.settings.apiDisabled = true;
  await expect(writer.upsert(newRows(world))).rejects.toMatchObject({
    name: 'SheetUnavailableError',
    action: expect.stringContaining('Switch on the Google Sheets API') as string,
  });
  await expect(writer.upsert(newRows(world))).rejects.toMatchObject({ retryAfterMs: expect.any(Number) as number });
  expect(writer.status()).toMatchObject({ ok: false, spreadsheets: [{ ok: false }] });
  world.google.settings.apiDisabled = false;
  await vi.waitFor(() => expect(writer.status().ok).toBe(true), { timeout: 5000 });
  await writer.upsert(newRows(world));
  expect(world.versions()).toEqual(allAt(2));
});

test('a spreadsheet that is not shared any more says whom to share it with, and goes on once it is', async () => {
  const { world, writer } = await withOneRow();
  const { client_email: email } = world.google.credentials;
  world.google.share(email, 'reader');
  await expect(writer.upsert(newRows(world))).rejects.toMatchObject({
    action: `Share the spreadsheet ${world.spreadsheetId} with ${email} as Editor.`,
  });
  const rejectedWrites = () => world.google.requests.filter(({ kind, status }) => kind === 'write' && status === 403);
  await vi.waitFor(() => expect(rejectedWrites().length).toBeGreaterThan(2), { timeout: 5000 });
  expect(writer.status().ok).toBe(false);
  world.google.share(email, 'writer');
  await vi.waitFor(() => expect(writer.status().ok).toBe(true), { timeout: 5000 });
});

test('a spreadsheet that does not exist is named', async () => {
  const world = await sheetWorld();
  const rows = [{ ...world.row('1:a', 1), spreadsheetId: 'nowhere' }];
  await expect(world.writer().upsert(rows)).rejects.toMatchObject({
    action: expect.stringContaining('There is no spreadsheet nowhere') as string,
  });
});

test('a service account that Google rejects needs the operator; a token endpoint that is down does not', async () => {
  const world = await sheetWorld();
  world.google.tokenFaults.add({ kind: 'invalid-grant', times: Infinity });
  await expect(world.writer().upsert(newRows(world))).rejects.toMatchObject({
    action: expect.stringContaining('check GOOGLE_CREDENTIALS_JSON') as string,
  });
  world.google.tokenFaults.clear();
  world.google.tokenFaults.add({ kind: '503', times: Infinity });
  await expect(world.writer().upsert(newRows(world))).rejects.toMatchObject({ action: undefined });
});

test('a row that Google rejects is set apart with its message, and the others are written', async () => {
  const { world, writer } = await withOneRow();
  const rows = Array.from({ length: 40 }, (_, n) => world.row(`1:${n}`, 1));
  // What no worker makes: a cell that is an object.
  rows[17] = world.row('1:17', 1, { note: { toString: () => 'x' } as unknown as string });
  const results = await writer.upsert(rows);
  expect(results[17]).toEqual({ kind: 'rejected', error: expect.stringContaining('Invalid') as string });
  expect(results.filter(({ kind }) => kind === 'written')).toHaveLength(39);
  expect(world.versions()).toHaveLength(40);
});

test('a row that the user protected is set apart; a protected tab stops the writer', async () => {
  const { world, writer } = await withOneRow();
  world.google.edit({ kind: 'protect', tab: 'Orders', range: 'A2:Z2' });
  const results = await writer.upsert(newRows(world));
  expect(results.map(({ kind }) => kind)).toEqual(['rejected', 'written', 'written']);
  world.google.edit({ kind: 'protect', tab: 'Orders' });
  await expect(writer.upsert(newRows(world, 3))).rejects.toMatchObject({
    action: expect.stringContaining('Remove the protection') as string,
  });
  world.google.edit({ kind: 'unprotect', tab: 'Orders' });
});

test('no log line and no error holds what a buyer wrote', async () => {
  const { world, writer } = await withOneRow();
  const secret = 'Jane Doe, 1 Orchard Road';
  for (const kind of ['503-applied', 'reset-before-apply', '500'] as const) {
    world.google.faults.add({ kind, on: 'values.batchUpdate' });
    await writer.upsert([world.row('1:a', 5, { recipient_address: secret })]);
  }
  world.google.faults.add({ kind: '403', on: 'values.batchUpdate' });
  const error: unknown = await writer
    .upsert([world.row('1:a', 6, { recipient_address: secret })])
    .catch((e: unknown) => e);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('Orchard');
  expect(world.log.join('')).toContain('sheet request failed');
  expect(world.log.join('')).not.toContain('Orchard');
});
