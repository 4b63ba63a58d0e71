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
  ['/refused', 'Refused'],
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

/** What stands in the way of people with impairments, as axe sees it: only what it calls serious or critical. */
async function violations(page: Page): Promise<string[]> {
  // Through the debugger, for the page's own policy lets no script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
}

/** What is wider than its place and has to be scrolled sideways; code may. */
async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
    .filter((one) => one.clientWidth > 2 && one.textContent !== '' && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => one.closest('[role="tablist"], pre') === null)
    .filter((one) => getComputedStyle(one).textOverflow !== 'ellipsis')
    .map((one) => one.className + ': ' + one.textContent.slice(0, 60))`);
}

/** The same in the boxes, whose words would end in dots. */
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
  'every page loads without an error and without barriers, in %s',
  { timeout: 300_000 },
  async (colorScheme) => {
    const page = await stage.enter('/', { colorScheme });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    for (const [path, heading] of [...pages, [`/orders/${sn}`, 'Orders'] as const]) {
      await page.goto(`${stage.url}/dashboard${path}`);
      await settled(page, heading);
      expect({ path, barriers: await violations(page) }).toEqual({ path, barriers: [] });
    }
    await page.goto(`${stage.url}/dashboard/events?search=${sn}`);
    await page.getByRole('link', { name: 'Order status' }).first().click();
    await page.getByRole('tab', { name: 'Timeline' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
  },
);

test('the login page has no barriers', slow, async () => {
  const page = await stage.open();
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('what cannot be loaded says why, and comes when it is asked for again', slow, async () => {
  const page = await stage.enter('/');
  await settled(page, 'Overview');
  const body = JSON.stringify({ error: 'internal', message: 'out of order in this test', requestId: 'r' });
  await page.route('**/api/refused', (route) => route.fulfill({ status: 500, contentType: 'application/json', body }));
  await page.getByRole('link', { name: 'Refused' }).click();
  await page.getByText('out of order in this test').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/api/refused');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Nothing was refused').waitFor();
});

test('what was refused unread shows no size, and strangers are told apart from signed pushes', slow, async () => {
  // It is answered as soon as its length is known: nothing else is sent.
  const tooLarge = request(`${stage.url}/webhook/shopee`, { method: 'POST', headers: { 'content-length': '1048577' } });
  tooLarge.on('error', () => undefined).flushHeaders();
  await once(tooLarge, 'response');
  tooLarge.destroy();
  const page = await stage.enter('/refused');
  const row = page.getByRole('row').filter({ hasText: 'Too large' });
  await row.getByText('larger than 1 MiB: 1048577 bytes').waitFor();
  await row.getByRole('cell', { name: '–', exact: true }).waitFor();
  const text = await page.getByRole('main').innerText();
  expect(text).toMatch(/Signed, but refused \(6 h\)\s+0\s/);
  expect(text).toMatch(/Refused ever, signed or not\s+1\s/);
});

test('a page that an update took away says so, and comes with the new ones', slow, async () => {
  const page = await stage.enter('/');
  await settled(page, 'Overview');
  const links = page.getByRole('navigation', { name: 'Pages' });
  await page.route('**/assets/jobs-page-*.js', (route) => route.fulfill({ status: 404, body: '' }));
  await links.getByRole('link', { name: 'Jobs' }).click();
  await page.getByText('This page could not be loaded').waitFor();
  expect(await violations(page)).toEqual([]);
  // The others are as they were.
  await links.getByRole('link', { name: 'Refused' }).click();
  await settled(page, 'Refused');
  await page.unroute('**/assets/jobs-page-*.js');
  await links.getByRole('link', { name: 'Jobs' }).click();
  await page.getByRole('button', { name: 'Load it again' }).click();
  await settled(page, 'Jobs');
});

test('the first steps lead a new installation to what is missing', slow, async () => {
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
      detail: 'No bot is set.',
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

test('on a phone nothing sticks out, and the pages are behind a button', { timeout: 300_000 }, async () => {
  const page = await stage.enter('/', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  for (const [path, heading] of pages) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await settled(page, heading);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect({ path, width }).toEqual({ path, width: 360 });
    expect({ path, cut: await overflowing(page) }).toEqual({ path, cut: [] });
  }
  await page.getByRole('button', { name: 'Navigation', exact: true }).click();
  await page.getByRole('link', { name: 'Refused' }).click();
  await page.getByRole('heading', { name: 'Refused', exact: true }).waitFor();
});

test('what others say is not cut off on a phone, however long its words', slow, async () => {
  const page = await stage.enter('/', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const sheetId = '1WWWMVs0XRA5nFMdKvBdBZjgmUUqptMWs74OgVE2upmM';
  const since = Date.now();
  const workers = {
    reachable: true,
    paused: false,
    pausedSince: null,
    consumers: [],
    closed: [
      { side: `sheet:${sheetId}`, since },
      { side: 'shopee:700000001', since },
    ],
  };
  await page.route('**/api/workers', (route) => route.fulfill({ json: workers }));
  const long = 'Z'.repeat(120);
  const told = [
    ['/workers', 'Workers', `The spreadsheet ${sheetId} is left alone for now`],
    ['/workers', 'Workers', 'Shop 700000001 is left alone for now'],
    [`/orders/${long}`, 'Orders', long],
    [`/events?search=${long}`, 'Events', 'This could not be loaded'],
  ] as const;
  for (const [path, heading, text] of told) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await settled(page, heading);
    await page.getByRole('alert').getByText(text).first().waitFor();
    expect({ text, cut: await clippedInAlerts(page) }).toEqual({ text, cut: [] });
  }
});

test('no more is typed into a search than can be asked for', slow, async () => {
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

test('the colours follow the system until one chooses, and then the choice', slow, async () => {
  const page = await stage.enter('/refused', { colorScheme: 'dark' });
  const scheme = 'document.documentElement.dataset.mantineColorScheme';
  expect(await page.evaluate(scheme)).toBe('dark');
  await page.getByRole('button', { name: 'Use light colours' }).click();
  await page.reload();
  await page.getByRole('heading', { name: 'Refused', exact: true }).waitFor();
  expect(await page.evaluate(scheme)).toBe('light');
});
