import { callWorker } from '@shopee-webhook/contracts';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, shopId, slow, startTimeout, type Stage } from './stage.ts';

const day = 86_400;
/** Two jobs of the worker, each after its run at the start. */
const jobsTimeout = { timeout: 300_000 };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

/** Runs a job of the worker once, and waits for its end. */
async function runJob(name: string, options: Record<string, unknown> = {}): Promise<void> {
  const { PARTNER_KEY: key = '', FORWARD_WEBHOOK_URL: url = '' } = stage.sandbox.env;
  const worker = { url, key, now: Date.now };
  const find = async () => (await callWorker(worker, 'jobs', {})).jobs.find((job) => job.name === name);
  // It may be running on its own schedule.
  await vi.waitFor(
    async () => expect(await callWorker(worker, 'job-run', { name, options })).toEqual({ outcome: 'started' }),
    slow,
  );
  const startedAt = Date.now();
  await vi.waitFor(async () => {
    const job = await find();
    expect(job).toMatchObject({ running: false, ok: true });
    expect(job?.endedAt ?? 0).toBeGreaterThan(startedAt);
  }, slow);
}

test('each card of the overview opens its list, and what is not known is –', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  const page = await stage.enter('/');
  const cards = page.getByRole('region', { name: 'Money' });
  await cards.getByText('Cost missing').waitFor();
  expect(await cards.innerText()).toMatch(/Cost missing\s+–/);
  await cards.getByRole('link', { name: 'To ship today' }).click();
  await page.getByRole('combobox', { name: 'Ship by' }).waitFor();
  await page.goBack();
  await cards.getByRole('link', { name: 'Payouts overdue' }).click();
  await page.getByRole('tab', { name: /^Overdue/, selected: true }).waitFor();
});

test('the money page has the wallet by month, and a statement that is saved as a workbook', jobsTimeout, async () => {
  const from = Math.floor(Date.now() / 1000) - 5 * day;
  stage.sandbox.shopee.orders.addPast({ count: 10, from: from - 30 * day, to: from, shopIds: [shopId] });
  await runJob('wallet', { from: from - 31 * day });
  await runJob('payout-check');
  const page = await stage.enter('/money');
  const wallet = page.getByRole('region', { name: 'Wallet' });
  await wallet.getByRole('row').nth(1).waitFor();
  const statement = page.getByRole('region', { name: 'Statement' });
  const month = await wallet.getByRole('row').nth(1).getByRole('cell').first().innerText();
  await statement.getByLabel('Month').fill(month);
  await statement.getByRole('button', { name: 'Show' }).click();
  await statement.getByRole('row', { name: /^Closing balance/ }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    statement.getByRole('link', { name: 'Excel' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^statement-700000001-\d{4}-\d{2}\.xlsx$/);
  const stream = await download.createReadStream();
  const [first] = await stream.take(1).toArray();
  expect(String(first).slice(0, 2)).toBe('PK');
});
