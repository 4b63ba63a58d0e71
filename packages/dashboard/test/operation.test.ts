import type { JobList, OrderList } from '@shopee-webhook/contracts/dashboard-api';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, shopId, slow, startTimeout, type Stage } from './stage.ts';

const otherShop = 700_000_003;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage({ connectedShops: [shopId] });
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

test('a setting is overridden, takes effect, is logged, and is reset', slow, async () => {
  const page = await stage.enter('/configuration');
  await page.getByRole('button', { name: 'Change LOG_LEVEL' }).click();
  const form = page.getByRole('dialog', { name: 'Change LOG_LEVEL' });
  await form.getByText('warn', { exact: true }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('LOG_LEVEL takes effect now').waitFor();
  await page.reload();
  await page.getByText('overridden', { exact: true }).waitFor();

  await page.getByRole('tab', { name: 'Changes' }).click();
  const change = page.getByRole('row', { name: /LOG_LEVEL/ });
  await change.waitFor();
  expect(await change.textContent()).toContain('warn');

  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Change LOG_LEVEL' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Reset to/ })
    .click();
  await page.getByText('overridden', { exact: true }).waitFor({ state: 'hidden' });
});

test('every choice leaves Save free, and changes are logged in readable form', slow, async () => {
  const page = await stage.enter('/configuration');
  await page.getByRole('button', { name: 'Change TELEGRAM_MUTE' }).click();
  const form = page.getByRole('dialog', { name: 'Change TELEGRAM_MUTE' });
  await form.getByRole('checkbox', { name: /Penalty points/ }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByText('TELEGRAM_MUTE takes effect now').waitFor();
  await page.getByRole('tab', { name: 'Changes' }).click();
  await page
    .getByRole('row', { name: /TELEGRAM_MUTE/ })
    .getByText('Penalty points')
    .waitFor();
});

test('secrets are shown as set, never their values', slow, async () => {
  const page = await stage.enter('/configuration');
  await page.getByRole('button', { name: /^Show \d+ settings/ }).click();
  await page.getByText('PARTNER_KEY', { exact: true }).waitFor();
  const text = await page.locator('main').innerText();
  const { app } = stage.sandbox.shopee;
  for (const secret of [app.partnerKey, app.pushKey, stage.sandbox.telegram.token]) expect(text).not.toContain(secret);
});

test('the connection tests send real requests, and show raw errors', slow, async () => {
  const page = await stage.enter('/configuration?tab=tests');
  await page.getByRole('button', { name: 'Call Shopee' }).click();
  await page
    .getByRole('region', { name: 'Shopee' })
    .getByText(/Succeeded/)
    .waitFor();
  await page.getByRole('button', { name: 'Write a test row' }).click();
  await page
    .getByRole('region', { name: 'Google Sheets' })
    .getByText(/Succeeded/)
    .waitFor();
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await page
    .getByRole('region', { name: 'Telegram' })
    .getByText(/Succeeded/)
    .waitFor();
  expect(stage.sandbox.telegram.messages().length).toBeGreaterThan(0);

  stage.sandbox.shopee.faults.add({ kind: 'error', code: 'error_permission_of_the_stage', on: 'get_shop_info' });
  await page.getByRole('button', { name: 'Call Shopee' }).click();
  await page
    .getByText(/error_permission_of_the_stage/)
    .first()
    .waitFor();
  stage.sandbox.shopee.faults.clear();
});

test('a shop is connected through Shopee’s own page, and its orders arrive', slow, async () => {
  const waiting = await placeOrder(stage, otherShop);
  const page = await stage.enter('/shops');
  const card = page.getByRole('article', { name: `Shop ${String(otherShop)}` });
  await vi.waitFor(async () => {
    await page.reload();
    await card.getByText('Not connected').waitFor({ timeout: 1_000 });
  }, slow);
  await page.getByRole('button', { name: 'Connect a shop' }).click();
  await page.getByRole('radio', { name: new RegExp(String(otherShop)) }).check();
  await page.getByRole('button', { name: 'Confirm authorization' }).click();
  await page.getByText(`Shop ${String(otherShop)} is connected.`).waitFor();
  await page.getByText('Not connected').waitFor({ state: 'hidden' });
  const sn = await placeOrder(stage, otherShop);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toEqual(expect.arrayContaining([waiting, sn])), slow);
});

test('a disconnected shop shows no tokens and no disconnect button', slow, async () => {
  const page = await stage.enter('/shops');
  const card = page.getByRole('article').filter({ hasText: String(otherShop) });
  await card.getByText('Refresh token').waitFor();
  await card.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await card.getByText('Disconnected', { exact: true }).waitFor();
  expect(await card.getByText(/token|Authorization/).count()).toBe(0);
  expect(await card.getByRole('button').count()).toBe(0);
});

test('paused consumers take nothing until they are resumed', slow, async () => {
  const page = await stage.enter('/workers');
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause all' }).click();
  await page
    .getByRole('alert')
    .getByText(/wait in the queue/)
    .waitFor();
  const sn = await placeOrder(stage);
  await page.getByRole('button', { name: 'Resume all' }).click();
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
});

test('an order is looked up at Shopee and in the sheet, and refreshed', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  const page = await stage.enter('/orders');
  await page.getByLabel('Order number').fill(sn);
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByRole('region', { name: 'Shopee' }).getByText('Items', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'Sheet' }).getByText('Row', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('The order will be fetched from Shopee').waitFor();
  expect(ordersInSheet(stage).filter((one) => one === sn)).toHaveLength(1);
});

test('a dry run shows the row without writing it', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  const page = await stage.enter(`/events?search=${sn}&code=3`);
  await page.getByRole('link', { name: 'Order status' }).first().click();
  await page.getByRole('button', { name: 'Dry run' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'Orders' }).waitFor();
  await dialog.getByRole('switch', { name: 'All columns' }).first().check();
  await dialog.getByRole('cell', { name: sn }).first().waitFor();
  expect(await dialog.getByText(/row \d+/).count()).toBeGreaterThan(0);
});

test('a manual backfill imports orders that were never pushed', slow, async () => {
  const [from, to] = [Date.now() / 1000 - 3 * 86_400, Date.now() / 1000 - 86_400].map(Math.floor);
  stage.sandbox.shopee.orders.addPast({ count: 5, from: from ?? 0, to: to ?? 0, shopIds: [shopId] });
  const page = await stage.enter('/jobs');
  const before = ordersInSheet(stage).length;
  await page.getByRole('button', { name: 'Run now: Backfill' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
  await vi.waitFor(() => expect(ordersInSheet(stage).length).toBeGreaterThanOrEqual(before + 5), slow);
  const card = page.getByRole('article', { name: 'Backfill' });
  await card.getByText('Succeeded').waitFor();
  await card.getByText(/last just now|last \d+ s ago/).waitFor();

  // The list knows orders without an event as well.
  const imported = ordersInSheet(stage).slice(before).map(String);
  const listed = async (): Promise<string[]> => {
    const list = (await (await page.request.get(`${stage.url}/api/orders?limit=200`)).json()) as OrderList;
    return list.orders.filter(({ inSheet }) => inSheet).map((order) => order.sn);
  };
  await vi.waitFor(async () => expect(await listed()).toEqual(expect.arrayContaining(imported)), slow);
});

test('a job is queued at once, and shows its progress with rate and time left', slow, async () => {
  const page = await stage.enter('/jobs');
  const jobs = (await (await page.request.get(`${stage.url}/api/jobs`)).json()) as JobList;
  await page.route('**/api/jobs/backfill/run', (route) => route.fulfill({ json: jobs }));
  await page.getByRole('button', { name: 'Run now: Backfill' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
  const card = page.getByRole('article', { name: 'Backfill' });
  await card.getByText('Queued', { exact: true }).waitFor();
  const progress = { done: 25, total: 100, text: '1,200 listed, 6,240 per minute, 4 min left', startedAt: Date.now() };
  const running = jobs.jobs.map((job) => (job.name === 'backfill' ? { ...job, state: 'running', progress } : job));
  await page.route('**/api/jobs', (route) => route.fulfill({ json: { jobs: running } }));
  await card.getByText('25% · 1,200 listed, 6,240 per minute, 4 min left').waitFor();
  expect(await card.getByText('Queued', { exact: true }).count()).toBe(0);
});
