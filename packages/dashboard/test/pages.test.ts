import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStage, placeOrder, slow, startTimeout, type Stage } from './stage.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const pages = [
  ['/', 'Overview'],
  ['/events', 'Events'],
  ['/orders', 'Orders'],
  ['/dead-letters', 'Dead letters'],
  ['/rejected', 'Rejected'],
  ['/money', 'Money'],
  ['/shops', 'Shops'],
  ['/jobs', 'Jobs'],
  ['/workers', 'Workers'],
  ['/configuration', 'Configuration'],
  ['/configuration?tab=tests', 'Configuration'],
  ['/configuration?tab=changes', 'Configuration'],
  ['/setup', 'Set up'],
] as const;

let stage: Stage;
let sn: string;
beforeAll(async () => {
  stage = await createStage();
  sn = await placeOrder(stage);
  stage.sandbox.shopee.faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: 1 });
  await placeOrder(stage);
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

/** Accessibility violations that axe rates serious or critical. */
async function violations(page: Page): Promise<string[]> {
  // Through the debugger: the page's CSP lets no script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}

/** Elements that overflow sideways; code may. */
async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
    .filter((one) => one.clientWidth > 2 && one.textContent !== '' && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => one.closest('[role="tablist"], pre') === null)
    .filter((one) => getComputedStyle(one).textOverflow !== 'ellipsis')
    .map((one) => one.className + ': ' + one.textContent.slice(0, 60))`);
}

/** The same in alerts, whose text would be truncated. */
async function clippedInAlerts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('[role="alert"], [role="alert"] *')]
    .filter((one) => one.clientWidth > 2 && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.className + ': ' + one.textContent.slice(0, 60))`);
}

async function settled(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
}

test.for(['light', 'dark'] as const)(
  'every page loads without an error and without axe violations, in %s',
  { timeout: 300_000 },
  async (colorScheme) => {
    const page = await stage.enter('/', { colorScheme });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    for (const [path, heading] of [...pages, [`/orders/${sn}`, 'Orders'] as const]) {
      await page.goto(`${stage.url}/dashboard${path}`);
      await settled(page, heading);
      expect({ path, violations: await violations(page) }).toEqual({ path, violations: [] });
    }
    await page.goto(`${stage.url}/dashboard/events?search=${sn}`);
    await page.getByRole('link', { name: 'Order status' }).first().click();
    await page.getByRole('tab', { name: 'Timeline' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
  },
);

test('the login page has no axe violations', slow, async () => {
  const page = await stage.open();
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('a failed query shows its error, and loads on retry', slow, async () => {
  const page = await stage.enter('/');
  await settled(page, 'Overview');
  const body = JSON.stringify({ error: 'internal', message: 'out of order in this test', requestId: 'r' });
  await page.route('**/api/rejected', (route) => route.fulfill({ status: 500, contentType: 'application/json', body }));
  await page.getByRole('link', { name: 'Rejected' }).click();
  await page.getByText('out of order in this test').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/api/rejected');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('No rejected pushes').waitFor();
});

test('a push rejected unread shows no size, and unsigned pushes are not counted as signed', slow, async () => {
  // The response comes as soon as the length is known.
  const headers = { 'content-length': '1048577', authorization: 'ab'.repeat(32) };
  const tooLarge = request(`${stage.url}/webhook/shopee`, { method: 'POST', headers });
  tooLarge.on('error', () => undefined).flushHeaders();
  await once(tooLarge, 'response');
  tooLarge.destroy();
  await fetch(`${stage.url}/webhook/shopee`, { method: 'POST', body: '{"code":3}' });
  const page = await stage.enter('/rejected');
  const row = page.getByRole('row').filter({ hasText: 'Too large' });
  await row.getByText('larger than 1 MiB: 1048577 bytes').waitFor();
  await row.getByRole('cell', { name: '–', exact: true }).waitFor();
  const text = await page.getByRole('main').innerText();
  expect(text).toMatch(/Signed, but rejected \(6 h\)\s+1\s/);
  expect(text).toMatch(/Rejected in total\s+2\s/);
});

test('a page whose code is gone after an update says so, and loads after a reload', slow, async () => {
  const page = await stage.enter('/');
  await settled(page, 'Overview');
  const links = page.getByRole('navigation', { name: 'Pages' });
  await page.route('**/assets/jobs-page-*.js', (route) => route.fulfill({ status: 404, body: '' }));
  await links.getByRole('link', { name: 'Jobs' }).click();
  await page.getByText('This page could not be loaded').waitFor();
  expect(await violations(page)).toEqual([]);
  // Other pages are unaffected.
  await links.getByRole('link', { name: 'Rejected' }).click();
  await settled(page, 'Rejected');
  await page.unroute('**/assets/jobs-page-*.js');
  await links.getByRole('link', { name: 'Jobs' }).click();
  await page.getByRole('button', { name: 'Reload' }).click();
  await settled(page, 'Jobs');
});

test('the setup page shows what is missing', slow, async () => {
  const page = await stage.enter('/');
  const steps = [
    {
      id: 'sheet',
      title: 'Share your Google sheet',
      state: 'failing',
      detail: 'No permission.',
      instructions: ['Press Share.'],
      copy: { label: 'Service account', value: 'bot@project.iam.gserviceaccount.com' },
    },
    {
      id: 'telegram',
      title: 'Get alerts on Telegram',
      state: 'optional',
      detail: 'No bot configured.',
      instructions: [],
      copy: null,
    },
  ];
  await page.route('**/api/setup', (route) => route.fulfill({ json: { done: false, steps } }));
  await page.goto(`${stage.url}/dashboard/setup`);
  await settled(page, 'Set up');
  await page.getByText('bot@project.iam.gserviceaccount.com').waitFor();
  await page.getByText('Press Share.').waitFor();
  expect(await page.getByText('Everything is set up').count()).toBe(0);
  expect(await violations(page)).toEqual([]);
});

test('on a phone nothing overflows, and the navigation is behind a button', { timeout: 300_000 }, async () => {
  const page = await stage.enter('/', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  for (const [path, heading] of pages) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await settled(page, heading);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect({ path, width }).toEqual({ path, width: 360 });
    expect({ path, cut: await overflowing(page) }).toEqual({ path, cut: [] });
  }
  await page.getByRole('button', { name: 'Navigation', exact: true }).click();
  await page.getByRole('link', { name: 'Rejected' }).click();
  await page.getByRole('heading', { name: 'Rejected', exact: true }).waitFor();
});

test('error texts are not cut off on a phone, however long their words', slow, async () => {
  const page = await stage.enter('/', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const sheetId = '1WWWMVs0XRA5nFMdKvBdBZjgmUUqptMWs74OgVE2upmM';
  const since = Date.now();
  const workers = {
    reachable: true,
    paused: false,
    pausedSince: null,
    consumers: [],
    unavailableUpstreams: [
      { upstream: `sheet:${sheetId}`, since },
      { upstream: 'shopee:700000001', since },
    ],
  };
  await page.route('**/api/workers', (route) => route.fulfill({ json: workers }));
  const long = 'Z'.repeat(120);
  const shown = [
    ['/workers', 'Workers', `The spreadsheet ${sheetId} temporarily paused`],
    ['/workers', 'Workers', 'Shop 700000001 temporarily paused'],
    [`/orders/${long}`, 'Orders', long],
    [`/events?search=${long}`, 'Events', 'This could not be loaded'],
  ] as const;
  for (const [path, heading, text] of shown) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await settled(page, heading);
    await page.getByRole('alert').getByText(text).first().waitFor();
    expect({ text, cut: await clippedInAlerts(page) }).toEqual({ text, cut: [] });
  }
});

test('search boxes limit their input to what the API accepts', slow, async () => {
  const page = await stage.enter('/orders');
  for (const [path, name] of [
    ['/orders', 'Order number'],
    ['/events', 'Search'],
  ] as const) {
    await page.goto(`${stage.url}/dashboard${path}`);
    const box = page.getByRole('textbox', { name });
    await box.click();
    await page.keyboard.insertText('Z'.repeat(120));
    expect(await box.inputValue()).toHaveLength(100);
  }
});

test('the color scheme follows the system until the user chooses one', slow, async () => {
  const page = await stage.enter('/rejected', { colorScheme: 'dark' });
  const scheme = 'document.documentElement.dataset.mantineColorScheme';
  expect(await page.evaluate(scheme)).toBe('dark');
  await page.getByRole('button', { name: 'Use light colors' }).click();
  await page.reload();
  await page.getByRole('heading', { name: 'Rejected', exact: true }).waitFor();
  expect(await page.evaluate(scheme)).toBe('light');
});

test('Ctrl+K opens a page or an order, ? lists the keys, and the strip shows zone and environment', slow, async () => {
  const page = await stage.enter('/workers');
  await settled(page, 'Workers');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Go to' });
  await palette.getByRole('textbox').fill(sn);
  await palette.getByRole('button', { name: `Open order ${sn}` }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/orders/${sn}`));
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Reprocess the event').waitFor();
  await page.keyboard.press('Escape');

  const navigation = page.getByRole('navigation', { name: 'Pages' });
  await navigation.getByText('Sandbox', { exact: true }).waitFor();
  await navigation.getByText(/^v\d+\.\d+\.\d+ · Redis [\d.]+ MB/).waitFor();
  await navigation.getByRole('link', { name: 'Open the sheet' }).waitFor();
  await navigation.getByText('Times in Asia/Singapore').waitFor();
  await navigation.getByText('UTC', { exact: true }).click();
  await navigation.getByText('Times in UTC').waitFor();
});

test('the dashboard can be installed as an app', slow, async () => {
  const page = await stage.open();
  const href = await page.locator('link[rel="manifest"]').getAttribute('href');
  const response = await page.request.get(new URL(href ?? '', stage.url).href);
  const manifest = (await response.json()) as { start_url: string; icons: { src: string }[] };
  expect(manifest.start_url).toBe('/dashboard');
  for (const { src } of manifest.icons) expect((await page.request.get(stage.url + src)).status()).toBe(200);
});

test('on a phone every target in a table is at least 24 pixels high', slow, async () => {
  const page = await stage.enter('/', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  for (const [path, heading] of pages) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await settled(page, heading);
    const small = await page.evaluate<string[]>(`[...document.querySelectorAll('main td :is(a, button)')]
      .filter((one) => one.getBoundingClientRect().height > 0 && one.getBoundingClientRect().height < 24)
      .map((one) => one.textContent)`);
    expect({ path, small }).toEqual({ path, small: [] });
  }
});
