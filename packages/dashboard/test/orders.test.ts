import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, shopId, slow, startTimeout, type Stage } from './stage.ts';

const otherShop = 700_000_002;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage({ connectedShops: [shopId, otherShop] });
}, startTimeout);
afterEach(() => stage.sandbox.shopee.faults.clear());
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

test('the newest orders are listed with status, amounts, and whether they are in the sheet', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  const page = await stage.enter('/orders');
  const row = page.getByRole('row', { name: new RegExp(sn) });
  await row.getByText(/^Row \d+$/).waitFor();
  await row
    .getByText(/^[A-Z_]+$/)
    .first()
    .waitFor();
  expect(await row.textContent()).toMatch(/\d/);
  await page.getByText('Not in the sheet').first().waitFor();
  // No income of any order is known yet: its sum is not 0.
  expect(
    await page
      .getByText(/^Final amount, SGD/)
      .locator('..')
      .innerText(),
  ).toMatch(/\n–$/);
  await row.getByRole('link').click();
  await page.getByRole('region', { name: 'Sheet' }).getByText('Row', { exact: true }).waitFor();
});

test('an order that is not in the sheet says why, and is replayed there', slow, async () => {
  const { faults } = stage.sandbox.shopee;
  faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: Infinity });
  const sn = await placeOrder(stage);
  const page = await stage.enter('/orders?sheet=no');
  await page
    .getByRole('row', { name: new RegExp(sn) })
    .getByRole('link')
    .click();
  await page.getByText('its event failed').waitFor();
  faults.clear();
  await page.getByRole('button', { name: 'Replay' }).click();
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  await page.getByText('its event failed').waitFor({ state: 'hidden' });
});

test('an unknown order number is looked up in all connected shops', slow, async () => {
  // Placed, but never pushed.
  const { sn } = stage.sandbox.shopee.orders.place(otherShop).record;
  const page = await stage.enter('/orders');
  await page.getByLabel('Order number').fill(sn);
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByRole('region', { name: 'Shopee' }).getByText('Items', { exact: true }).waitFor();
  await page.getByText('No event of this order is waiting.').waitFor();
  await page.getByRole('button', { name: 'Fetch again' }).click();
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
});

test('while the worker is down an order shows its local events', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  await stage.sandbox.worker?.stop();
  const page = await stage.enter(`/orders/${sn}`);
  await page.getByText('Order status').first().waitFor();
  await page.getByRole('region', { name: 'Shopee' }).getByText('No response').waitFor();
  await page.goto(`${stage.url}/dashboard/orders`);
  await page.getByRole('row', { name: new RegExp(sn) }).waitFor();
  await stage.sandbox.worker?.start();
});
