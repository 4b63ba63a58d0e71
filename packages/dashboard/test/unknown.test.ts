import { setTimeout as sleep } from 'node:timers/promises';
import type { Overview } from '@shopee-webhook/contracts/dashboard-api';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, placeOrder, slow, startTimeout, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

test('headline, badge, key figures and dead-letter page show one figure', slow, async () => {
  stage.sandbox.shopee.faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: 2 });
  for (let order = 0; order < 2; order += 1) await placeOrder(stage);
  const page = await stage.enter('/');
  const overview = async () => (await (await page.request.get(`${stage.url}/api/overview`)).json()) as Overview;
  await vi.waitFor(async () => expect((await overview()).deadLetters).toBeGreaterThanOrEqual(2), slow);
  await vi.waitFor(async () => expect((await overview()).pending).toBe(0), slow);
  await vi.waitFor(async () => expect((await overview()).headline.text).toMatch(/could not be processed/), slow);
  // The overview is cached for a second.
  await sleep(2_000);
  const { deadLetters } = await overview();
  const count = String(deadLetters);
  await page.reload();
  const headline = page.getByRole('region', { name: 'Health' }).getByRole('heading');
  await headline.filter({ hasText: new RegExp(`^${count} events? could not be processed`) }).waitFor();
  await page.getByText('Nothing is waiting.').waitFor();
  await page
    .getByRole('region', { name: 'Today' })
    .getByText(new RegExp(`^${count} dead letters? open$`))
    .waitFor();
  const link = page.getByRole('link', { name: /^Dead letters/ });
  expect(await link.textContent()).toBe(`Dead letters${count}`);
  await link.click();
  await page.getByText(new RegExp(`^${count} dead letters?$`)).waitFor();
});

test('while Redis is down nothing is shown as 0, and the headline claims nothing', slow, async () => {
  const page = await stage.enter('/');
  await page.getByText('Live', { exact: true }).waitFor();
  await stage.sandbox.redis?.kill();
  await page.getByText('Events waiting: unknown.').waitFor();
  const headline = page.getByRole('region', { name: 'Health' }).getByRole('heading');
  expect(await headline.textContent()).not.toMatch(/Every order/);
  expect(await page.getByRole('link', { name: /^Dead letters/ }).textContent()).toBe('Dead letters–');
  await page.getByRole('region', { name: 'Today' }).getByText('Dead letters: –').waitFor();
  expect(await page.getByRole('main').innerText()).not.toContain('Nothing is waiting');
});
