import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, slow, startTimeout, type Stage } from './stage.ts';

/** Real processes, which hang when they are stopped by a signal: connections stay open, nothing answers. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage({ services: 'processes' });
}, startTimeout);
afterEach(async () => {
  stage.sandbox.redis?.process.kill('SIGCONT');
  stage.sandbox.worker?.signal('SIGCONT');
  stage.sandbox.forwarder?.signal('SIGCONT');
  await stage.closeWindows();
});
afterAll(() => stage[Symbol.asyncDispose]());

test('while the forwarder hangs the page is not live, and it recovers automatically', slow, async () => {
  const page = await stage.enter('/');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('Nothing is waiting.').waitFor();
  stage.sandbox.forwarder?.signal('SIGSTOP');
  await page.getByText(/^Not live since \d\d:\d\d:\d\d$/).waitFor();
  await page.getByRole('alert').getByText('The server has stopped responding').waitFor();
  stage.sandbox.forwarder?.signal('SIGCONT');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('The server has stopped responding').waitFor({ state: 'detached' });
});

test('while Redis hangs nothing is shown as 0', slow, async () => {
  const page = await stage.enter('/');
  await page.getByText('Live', { exact: true }).waitFor();
  stage.sandbox.redis?.process.kill('SIGSTOP');
  await page.getByText('Events waiting: unknown.').waitFor();
  expect(await page.getByRole('link', { name: /^Dead letters/ }).textContent()).toBe('Dead letters–');
  const headline = page.getByRole('region', { name: 'Health' }).getByRole('heading');
  expect(await headline.textContent()).not.toMatch(/Every order/);
  stage.sandbox.redis?.process.kill('SIGCONT');
  await page.getByText('Nothing is waiting.').waitFor();
});

test('while the worker hangs an order shows its events, and the overview names the worker', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  stage.sandbox.worker?.signal('SIGSTOP');
  const page = await stage.enter(`/orders/${sn}`);
  await page.getByText('Order status').first().waitFor();
  await page.getByText('The worker is unavailable: it has not answered').first().waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
  const headline = page.getByRole('region', { name: 'Health' }).getByRole('heading');
  await vi.waitFor(async () => expect(await headline.textContent()).not.toMatch(/Every order/), slow);
});

test('a printed page has its data, and neither navigation nor buttons', slow, async () => {
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  const page = await stage.enter('/orders');
  await page.getByText(sn).first().waitFor();
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByText(sn).first().isVisible()).toBe(true);
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
});
