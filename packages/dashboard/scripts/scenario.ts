import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobList } from '@shopee-webhook/contracts/dashboard-api';
import { ActivityLog, connectRedis, buildKeys, type ActivityEntry } from '@shopee-webhook/store';
import { ordersInSheet, placeOrder, shopId, type Stage } from '../test/stage.ts';

const hour = 3_600_000;

/** The shops of the scenario; both receive pushes. */
export const shops = [
  { id: shopId, region: 'SG', currency: 'SGD', price: 24 },
  { id: shopId + 1, region: 'MY', currency: 'MYR', price: 61 },
] as const;

/** The events of the past day as the activity stream records them, with the gauges. */
export async function addPastDay({ sandbox }: Stage): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port: Number(sandbox.env['REDIS_PORT']) });
  const activity = new ActivityLog({ redis, keys: buildKeys('shopee') });
  const now = Date.now();
  const steps: ActivityEntry[] = [];
  let index = 0;
  for (let at = now - 24 * hour; at < now - 20_000; at += gapAt(now - at)) {
    steps.push(...handledEvent(at, index));
    index += 1;
  }
  for (let begin = 0; begin < steps.length; begin += 500) await activity.append(steps.slice(begin, begin + 500));
  await redis.quit();
  addGauges(join(sandbox.env['DATA_DIR'] ?? '', 'history.db'), now);
}

/** Past orders that were never pushed, found by the weekly reconciliation, which runs until nothing is missing. */
export async function runReconciliation(stage: Stage): Promise<void> {
  const seconds = Math.floor(Date.now() / 1000);
  const shopIds = shops.map(({ id }) => id);
  stage.sandbox.shopee.orders.addPast({ count: 120, from: seconds - 6 * 86_400, to: seconds - 8_000, shopIds });
  await runWeek(stage);
  while (ordersInSheet(stage).length < 120) await sleep(500);
  await runWeek(stage);
}

/** Orders that Shopee rejects or does not know, and a malformed message: dead letters to replay. */
export async function addFailures(stage: Stage): Promise<void> {
  const { shopee, env } = stage.sandbox;
  shopee.faults.add({ kind: 'error', code: 'error_param', on: 'get_order_detail', times: Infinity });
  for (let order = 0; order < 5; order += 1) await placeOrder(stage, shops[order % 2]?.id);
  await sleep(4_000);
  shopee.faults.clear();
  for (const ordersn of ['261119UNKNOWN1', '261120UNKNOWN2']) {
    await shopee.pushes.send({ code: 3, shop_id: shopId, data: { ordersn, status: 'READY_TO_SHIP' } });
  }
  const redis = connectRedis({ host: '127.0.0.1', port: Number(env['REDIS_PORT']) });
  await redis.lpush(buildKeys('shopee').webhooks.main, 'SET by another program');
  await redis.quit();
  await sleep(4_000);
}

/** A shipped order; resolves with its number once its row exists. */
export async function addShippedOrder(stage: Stage): Promise<string> {
  const { shopee } = stage.sandbox;
  const sn = await placeOrder(stage);
  while (shopee.orders.find(sn)?.status !== 'SHIPPED') await shopee.sendPushes(shopee.orders.advance(sn));
  while (!ordersInSheet(stage).includes(sn)) await sleep(200);
  return sn;
}

/** Runs the weekly reconciliation once it is idle, and waits until it ends. */
async function runWeek(stage: Stage): Promise<void> {
  const { request } = await stage.enter('/jobs');
  const headers = { 'sec-fetch-site': 'same-origin' };
  const state = async () => {
    const { jobs } = (await (await request.get(`${stage.url}/api/jobs`)).json()) as JobList;
    return jobs.find(({ name }) => name === 'reconcile-week')?.state;
  };
  const isIdle = async () => {
    while ((await state()) !== 'idle') await sleep(500);
  };
  await isIdle();
  const response = await request.post(`${stage.url}/api/jobs/reconcile-week/run`, { headers, data: {} });
  if (!response.ok()) throw new Error(`the weekly reconciliation did not start: ${await response.text()}`);
  await isIdle();
  await stage.closeWindows();
}

/** Buyers sleep at night: from 3 s between two events at the busiest hour to a minute at the calmest. */
function gapAt(msAgo: number): number {
  const busy = 0.5 + 0.5 * Math.cos(((msAgo / hour - 3) / 24) * 2 * Math.PI);
  return (3_000 + 60_000 * (1 - busy) ** 2) * (0.3 + 1.4 * Math.random());
}

function handledEvent(at: number, index: number): ActivityEntry[] {
  const code = [3, 3, 3, 4, 30, 15, 8][index % 7] ?? 3;
  const { id: shop, region, currency, price } = shops[index % 2] ?? shops[0];
  const sn = `261122${(index * 7919 + 46_656).toString(36).toUpperCase().padStart(8, 'K')}`;
  const ms = 140 + Math.round(1_100 * Math.random() ** 3);
  const total = Math.round(price * 100 * (0.3 + 1.6 * Math.random() ** 2)) / 100;
  const order =
    code === 3
      ? { status: 'READY_TO_SHIP', region, currency, total, net: Math.round(total * 86) / 100, placed: at - 2_000 }
      : {};
  const common = { id: `past${String(index)}`, code, shop: String(shop), sn };
  return [
    { ...common, step: 'queued', at, ms: 1.2 + 4 * Math.random() ** 3 },
    { ...common, step: 'taken', at: at + 4, attempt: 1 },
    ...(code === 3 || code === 4
      ? [{ ...common, step: 'written' as const, at: at + ms - 20, row: 400 + Math.floor(index / 2) }]
      : []),
    { ...common, step: 'handled', at: at + ms, ms, ...order },
    { ...common, step: 'notified', at: at + ms + 900, ms: 210 },
  ];
}

/** Beside the forwarder, which writes its own each minute: SQLite lets one write at a time. */
function addGauges(path: string, now: number): void {
  using db = new DatabaseSync(path);
  db.exec('PRAGMA busy_timeout = 5000');
  const insert = db.prepare('INSERT OR IGNORE INTO gauges VALUES (?, ?, ?)');
  db.exec('BEGIN');
  for (let minutesAgo = 24 * 60; minutesAgo > 0; minutesAgo -= 1) {
    const busy = 60_000 / gapAt(minutesAgo * 60_000);
    const values = {
      depth: Math.random() < 0.2 ? Math.round(busy * Math.random()) : 0,
      retrying: minutesAgo > 300 && minutesAgo < 312 ? 312 - minutesAgo : 0,
      deadLetters: 0,
      spool: 0,
      sheetReads: Math.min(0.4, (busy * 0.35) / 60),
      sheetWrites: Math.min(0.7, (busy * 0.8) / 60),
      shopeeCalls: busy * 1.3,
    };
    const minute = Math.floor(now / 60_000) - minutesAgo;
    for (const [name, value] of Object.entries(values)) insert.run(minute, name, value);
  }
  db.exec('COMMIT');
}
