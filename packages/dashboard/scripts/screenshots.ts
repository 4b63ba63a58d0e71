import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ActivityLog, connectRedis, keysOf, type ActivityStep } from '@shopee-webhook/store';
import type { Page } from 'playwright-core';
import { createStage, ordersInSheet, placeOrder, shopId, type Stage } from '../test/stage.ts';

// Makes the README's pictures: the product on the sandbox, with a day behind it and buyers at work.
const folder = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const hour = 3_600_000;

await using stage = await createStage({ shopee: { seed: 7 } });
mkdirSync(folder, { recursive: true });
await addPastDay(stage);
stage.sandbox.shopee.traffic.start(90);
await sleep(90_000);
const sn = await addTroubles(stage);
await picture('overview', '/', 'light');
await picture('events', '/events?range=24h', 'dark', async (page) => {
  await page.getByRole('link', { name: 'Order status' }).nth(3).click();
  await page.getByRole('tab', { name: 'Timeline' }).waitFor();
});
await picture('dead-letters', '/dead-letters', 'light');
await picture('order', `/orders/${sn}`, 'light');

/** A day of events that came before this minute, as the activity stream tells of them. */
async function addPastDay({ sandbox }: Stage): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port: Number(sandbox.env['REDIS_PORT']) });
  const activity = new ActivityLog({ redis, keys: keysOf('shopee') });
  const now = Date.now();
  const steps: ActivityStep[] = [];
  for (let at = now - 24 * hour; at < now - 20_000; at += gapAt(at)) steps.push(...handledEvent(at, steps.length));
  await activity.append(steps);
  await redis.quit();
}

/** Buyers sleep at night: from 4 s at noon to about 90 s before dawn, in Singapore. */
function gapAt(at: number): number {
  const hourOfDay = ((at + 8 * hour) % (24 * hour)) / hour;
  const busy = 0.5 + 0.5 * Math.sin(((hourOfDay - 8) / 24) * 2 * Math.PI);
  return (4_000 + 86_000 * (1 - busy) ** 2) * (0.4 + 1.2 * Math.random());
}

function handledEvent(at: number, index: number): ActivityStep[] {
  const code = [3, 3, 3, 4, 30, 15, 8][index % 7] ?? 3;
  const sn = `261122${(index * 7919 + 46_656).toString(36).toUpperCase().padStart(8, 'K')}`;
  const ms = 60 + Math.round(180 * Math.random() ** 2);
  const common = { id: `past${String(index)}`, code, shop: String(shopId + (index % 2)), sn };
  return [
    { ...common, step: 'queued', at, ms: 1 + 3 * Math.random() },
    { ...common, step: 'taken', at: at + 4, attempt: 1 },
    { ...common, step: 'handled', at: at + ms, ms },
  ];
}

/** Some orders that Shopee does not answer for, so that there is something to replay; resolves with one that is well. */
async function addTroubles(on: Stage): Promise<string> {
  const { shopee } = on.sandbox;
  const well = await placeOrder(on);
  while (shopee.book.find(well)?.status !== 'SHIPPED') await shopee.announce(shopee.book.advance(well));
  while (!ordersInSheet(on).includes(well)) await sleep(200);
  shopee.faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: Infinity });
  for (let order = 0; order < 6; order += 1) await placeOrder(on);
  await sleep(4_000);
  shopee.faults.clear();
  await sleep(4_000);
  return well;
}

async function picture(
  name: string,
  path: string,
  colorScheme: 'light' | 'dark',
  prepare?: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await stage.enter(path, { colorScheme, viewport: { width: 1440, height: 900 } });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await prepare?.(page);
  // Charts come in a chunk of their own.
  await sleep(4_000);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await stage.closeWindows();
}
