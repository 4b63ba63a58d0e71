import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { createStage } from '../test/stage.ts';
import { addPastDay, addShippedOrder, addFailures, shops, runReconciliation } from './scenario.ts';

// Makes the README's pictures: the product on the sandbox, with a day behind it and buyers at work.
// `--all --out <folder>` makes one of every page, light, dark and on a phone, to look at.
const { values: given } = parseArgs({ options: { all: { type: 'boolean', default: false }, out: { type: 'string' } } });
const folder = resolve(given.out ?? fileURLToPath(new URL('../../../docs/images/', import.meta.url)));
mkdirSync(folder, { recursive: true });

const desktop = { width: 1440, height: 1024 };
const connected = shops.map(({ id }) => id);

await using stage = await createStage({ shopee: { seed: 7, authorized: connected }, connectedShops: connected });
await addPastDay(stage);
await runReconciliation(stage);
stage.sandbox.shopee.traffic.start(14);
await sleep(70_000);
const sn = await addShippedOrder(stage);
await picture('events', '/events?range=24h', 'dark', openShippedEvent);
stage.sandbox.shopee.traffic.stop();
await picture('order', `/orders/${sn}`, 'light', (page) => page.getByText('Final amount').waitFor());
await sleep(3_000);
await picture('overview', '/', 'light', showDay, { height: 1176 });
await addFailures(stage);
await picture('dead-letters', '/dead-letters', 'light', selectSome);
if (given.all) await pictureAll();

/** The charts of a day; they come in a chunk of their own. */
async function showDay(page: Page): Promise<void> {
  await page.getByText('24 hours').click();
  await page.getByText('Events per minute').waitFor();
}

async function openShippedEvent(page: Page): Promise<void> {
  await page
    .getByRole('row', { name: new RegExp(sn) })
    .first()
    .waitFor();
  await page.getByRole('switch', { name: 'Follow live' }).uncheck();
  await page
    .getByRole('row', { name: new RegExp(`Order status.*${sn}`) })
    .first()
    .getByRole('link')
    .click();
  await page.getByText('Telegram notification sent').waitFor();
}

async function selectSome(page: Page): Promise<void> {
  for (const index of [4, 5]) await page.getByRole('checkbox').nth(index).check();
}

async function pictureAll(): Promise<void> {
  const pages = {
    overview: '/',
    events: '/events?range=1h',
    'dead-letters': '/dead-letters',
    orders: '/orders',
    order: `/orders/${sn}`,
    rejected: '/rejected',
    shops: '/shops',
    jobs: '/jobs',
    workers: '/workers',
    configuration: '/configuration',
    tests: '/configuration?tab=tests',
    changes: '/configuration?tab=changes',
    setup: '/setup',
  };
  await fetch(`${stage.url}/webhook/shopee`, {
    method: 'POST',
    headers: { authorization: 'ab'.repeat(32) },
    body: '{"code":3}',
  });
  for (const [name, path] of Object.entries(pages)) {
    await picture(`all-${name}`, path, 'light', undefined, { fullPage: true });
    await picture(`dark-${name}`, path, 'dark');
    await picture(`phone-${name}`, path, 'light', undefined, { phone: true, fullPage: true });
  }
}

async function picture(
  name: string,
  path: string,
  colorScheme: 'light' | 'dark',
  prepare?: (page: Page) => Promise<void>,
  { fullPage = false, phone = false, height = desktop.height } = {},
): Promise<void> {
  const viewport = phone ? { width: 390, height: 844 } : { ...desktop, height };
  const page = await stage.enter(path, { colorScheme, viewport, locale: 'en-GB' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
  await prepare?.(page);
  await sleep(1_500);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
  await stage.closeWindows();
}
