import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, slow, startTimeout, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, startTimeout);
afterEach(() => stage.sandbox.shopee.faults.clear());
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

/** Orders whose messages are dead-lettered, because Shopee rejects the request. */
async function deadOrders(count: number): Promise<string[]> {
  const { faults } = stage.sandbox.shopee;
  faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: Infinity });
  const sns = [];
  for (let index = 0; index < count; index += 1) sns.push(await placeOrder(stage));
  return sns;
}

test('a replayed dead letter is written to the sheet', slow, async () => {
  const [sn = ''] = await deadOrders(1);
  const page = await stage.enter('/dead-letters');
  // On a slow machine a push may reach both Redis and, after a timeout, the spool: two dead letters.
  const rows = page.getByRole('row', { name: new RegExp(sn) });
  await rows.first().waitFor();
  expect(ordersInSheet(stage)).not.toContain(sn);
  stage.sandbox.shopee.faults.clear();
  for (const box of await rows.getByRole('checkbox').all()) await box.check();
  await page.getByRole('button', { name: 'Replay selected' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Replay \d+ dead letter/ })
    .click();
  await page.getByText(/Replayed \d+ dead letter/).waitFor();
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  await rows.first().waitFor({ state: 'hidden' });
});

test('all dead letters of a reason are exported, inspected, and discarded after a confirmation', slow, async () => {
  const sns = await deadOrders(3);
  const page = await stage.enter('/dead-letters');
  for (const sn of sns) {
    await page
      .getByRole('row', { name: new RegExp(sn) })
      .first()
      .waitFor();
  }

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export' }).click();
  const exported = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { sn: string }[];
  expect(exported.map((deadLetter) => deadLetter.sn)).toEqual(expect.arrayContaining(sns));

  await page
    .getByRole('row', { name: new RegExp(sns[0] ?? '') })
    .first()
    .getByRole('button')
    .click();
  const panel = page.getByRole('dialog', { name: 'Dead letter' });
  await panel
    .getByRole('region', { name: 'payload' })
    .getByText(`"${sns[0] ?? ''}"`)
    .waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();

  await page
    .getByRole('button', { name: /error_param|bad-request|rejected the request/i })
    .first()
    .click();
  await page.waitForURL(/reason=/);
  await page.getByRole('button', { name: 'Discard all' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('cannot be undone').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Discard all' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Discard \d+ dead letters/ })
    .click();
  await page.getByText(/Discarded \d+ dead letters/).waitFor();
  await page.getByText('No dead letters', { exact: true }).waitFor();
});

test('a reason is acknowledged with a note, until another event fails for it', slow, async () => {
  await deadOrders(1);
  const page = await stage.enter('/dead-letters');
  const group = page.getByRole('button', { name: /error_param|bad-request|rejected the request/i }).first();
  await group.click();
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Note').fill('asked Shopee, ticket 12');
  await form.getByRole('button', { name: 'Acknowledge' }).click();
  await group.getByText('asked Shopee, ticket 12').waitFor();
  await deadOrders(1);
  await group.getByText('asked Shopee, ticket 12').waitFor({ state: 'hidden' });
});
