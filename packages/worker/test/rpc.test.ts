import { expect, test, vi } from 'vitest';
import { internalAuthHeaders } from '@shopee-webhook/contracts';
import { workerRpc, type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { sandboxApp } from '../../sandbox/src/index.ts';
import type { Worker } from '../src/index.ts';
import { createWorld, shopId, snOf, type World } from './world.ts';

const soon = { timeout: 15_000, interval: 50 };
const shop = String(shopId);

function send(worker: Worker, verb: string, body: string, headers?: Record<string, string>) {
  const signed = internalAuthHeaders(sandboxApp.partnerKey, body, Date.now());
  return fetch(`${worker.url}/internal/${verb}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...(headers ?? signed) },
  });
}

async function request<Verb extends RpcMethod>(
  worker: Worker,
  verb: Verb,
  requested: RpcParams<Verb>,
): Promise<RpcResult<Verb>> {
  const response = await send(worker, verb, JSON.stringify({ method: verb, params: requested }));
  expect(response.status).toBe(200);
  return workerRpc[verb].result.parse(await response.json()) as RpcResult<Verb>;
}

/** An order that is in the sheet. */
async function written(world: World): Promise<string> {
  const push = world.place();
  await world.enqueue([push]);
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  return snOf(push);
}

test('only requests signed by the forwarder get a response', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const body = JSON.stringify({ method: 'settings', params: {} });
  expect((await send(worker, 'settings', body, {})).status).toBe(401);
  expect((await send(worker, 'settings', body, internalAuthHeaders('other', body, Date.now()))).status).toBe(401);
  expect((await send(worker, 'settings', body, internalAuthHeaders(sandboxApp.partnerKey, body, 1))).status).toBe(401);
  // What was overheard cannot be sent to another verb.
  expect((await send(worker, 'test-sheet', body)).status).toBe(400);
  expect((await send(worker, 'constructor', body)).status).toBe(404);
  expect((await send(worker, 'order', JSON.stringify({ method: 'order', params: { shop: 'x' } }))).status).toBe(400);
  expect((await send(worker, 'settings', body)).status).toBe(200);
});

test('an order is compared between Shopee and the sheet, wherever its row was moved', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const sn = await written(world);
  const before = await request(worker, 'order', { shop, sn });
  expect(before.shopee.order).toMatchObject({ sn, status: world.shopee.orders.find(sn)?.status });
  expect(before.shopee.order?.items.length).toBeGreaterThan(0);
  expect(before.sheet.row).toMatchObject({ row: 2 });
  expect(before.sheet.row?.link).toMatch(
    /^https:\/\/docs\.google\.com\/spreadsheets\/d\/[\w-]+\/edit#gid=\d+&range=A2$/,
  );
  const cell = (title: string) => before.sheet.row?.cells.find((one) => one.title === title)?.value;
  expect(cell('Order SN')).toBe(sn);
  expect(cell('Created')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  expect(cell('Row key')).toBeUndefined();

  world.google.edit({ kind: 'insert-rows', tab: 'Orders', at: 2, count: 3 });
  expect(await request(worker, 'order-row', { shop, sn })).toMatchObject({ row: { row: 5 }, error: null });
});

test('an unknown order is reported as such by both', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  expect(await request(worker, 'order', { shop, sn: '260901NONE' })).toMatchObject({
    shopee: { order: null, error: expect.stringContaining('260901NONE') as string },
    sheet: { row: null, error: null },
  });
});

test('a dry run shows the changes and writes nothing', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const sn = await written(world);
  const rowsBefore = JSON.stringify(world.rows('Orders'));
  const push = world.advance(sn);
  const run = await request(worker, 'dry-run', { id: 'x', payloadText: JSON.stringify(push) });
  expect(run.noChangeReason).toBeNull();
  const [orders] = run.tabs;
  expect(orders).toMatchObject({ tab: 'Orders', row: 2, stale: false, key: `${shop}:${sn}` });
  const status = orders?.cells.find(({ column }) => column === 'order_status');
  expect(status).toMatchObject({ after: world.shopee.orders.find(sn)?.status, changes: true });
  expect(status?.before).not.toBe(status?.after);
  expect(orders?.cells.find(({ column }) => column === 'order_sn')).toMatchObject({
    before: sn,
    after: sn,
    changes: false,
  });
  expect(orders?.cells.find(({ column }) => column === 'create_time')).toMatchObject({ changes: false });
  expect(JSON.stringify(world.rows('Orders'))).toBe(rowsBefore);
});

test('a dry run of a new order, of another event, and of a malformed push', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const fresh = await request(worker, 'dry-run', { id: 'x', payloadText: JSON.stringify(world.place()) });
  expect(fresh.tabs[0]).toMatchObject({ row: null, link: null });
  expect(world.rows('Orders')).toEqual([]);
  const chat = `{"code":10,"shop_id":${shop},"timestamp":1,"data":{}}`;
  expect(await request(worker, 'dry-run', { id: 'x', payloadText: chat })).toMatchObject({
    tabs: [],
    noChangeReason: expect.stringContaining('only send a notification') as string,
  });
  expect(await request(worker, 'dry-run', { id: 'x', payloadText: '{}' })).toMatchObject({
    noChangeReason: expect.stringContaining('Not a push') as string,
  });
});

test('the sheet test uses a temporary tab and deletes it', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const tabs = () => world.google.sheets().map(({ title }) => title);
  const before = tabs();
  const result = await request(worker, 'test-sheet', {});
  expect(result).toMatchObject({ ok: true, error: null });
  expect(result.steps.map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
  expect(tabs()).toEqual(before);
});

test("a sheet that is not shared fails its test with Google's words and what to do", async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const { client_email: email } = world.google.credentials;
  world.google.share(email, undefined);
  const result = await request(worker, 'test-sheet', {});
  expect(result).toMatchObject({ ok: false, steps: [{ ok: false }] });
  expect(result.error).toContain('permission');
  expect(result.error).toContain(email);
});

test('Shopee is tried with each shop, and its message is reported', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const good = await request(worker, 'test-shopee', {});
  expect(good).toMatchObject({ ok: true });
  expect(good.steps.map(({ text }) => text).join(' ')).toContain(shop);
  expect(await request(worker, 'push-status', {})).toMatchObject({ status: expect.any(String) as string, error: null });
  world.shopee.tokens.authorizations.delete(shopId);
  await world.tokens.revoke(shop, 'disconnected');
  expect(await request(worker, 'test-shopee', {})).toMatchObject({ ok: false, error: expect.any(String) as string });
});

test('settings are shown without secrets', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const settings = await request(worker, 'settings', {});
  expect(settings.serviceAccount).toBe(world.google.credentials.client_email);
  expect(settings.spreadsheets).toEqual([{ shop: null, spreadsheetId: world.google.spreadsheetId }]);
  expect(settings.settings.find(({ name }) => name === 'GOOGLE_CREDENTIALS_JSON')).toMatchObject({
    value: null,
    isSet: true,
  });
  expect(JSON.stringify(settings)).not.toContain('PRIVATE KEY');
});
