import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connectRedis, buildKeys, Queue, type RedisConnection } from '../../packages/store/src/index.ts';
import { createSandbox, type Change, type Sandbox } from '../../packages/sandbox/src/index.ts';
import { run, runJson } from '../../packages/cli/test/helpers.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

// Google's quota is the worker's: six requests at once, then one a second.
vi.setConfig({ testTimeout: 120_000 });

const shop = 700_000_001;
const keys = buildKeys('shopee');
const timing = { timeout: 60_000, interval: 200 };
let sandbox: Sandbox;
let redis: RedisConnection;
let change: Change;
let buyer: { username: string; name: string; phone: string };

beforeAll(async () => {
  sandbox = await createSandbox({ shopee: { seed: 11 } });
  redis = connectRedis({ host: '127.0.0.1', port: Number(sandbox.env['REDIS_PORT']) });
  change = sandbox.shopee.orders.place(shop);
  const facts = sandbox.shopee.orders.contentOf(change.record).buyer;
  buyer = { username: facts.username, name: facts.name, phone: facts.phone };
  await sandbox.shopee.sendPushes(change);
  await vi.waitUntil(() => cells().includes(buyer.username), timing);
}, 120_000);
afterAll(async () => {
  redis.disconnect();
  await sandbox.stop();
});

/** Every value of the sheet, as text. */
function cells(): string {
  return JSON.stringify(sandbox.google.state());
}

function eventLog(): string {
  const dir = sandbox.env['LOG_DIR'] ?? '';
  const names = readdirSync(dir).filter((name) => name.startsWith('webhook_events_'));
  return names.map((name) => readFileSync(join(dir, name), 'utf8')).join('');
}

function countStoredPushes(): number {
  const db = new DatabaseSync(join(sandbox.env['DATA_DIR'] ?? '', 'history.db'), { readOnly: true });
  const row = db
    .prepare('SELECT count(*) AS count FROM payloads WHERE event_id IN (SELECT id FROM events WHERE sn = ?)')
    .get(change.record.sn);
  db.close();
  return Number(row?.['count']);
}

test('without --yes it is a dry run and changes nothing', async () => {
  const { code, values } = await runJson(['forget', '--buyer', buyer.username], sandbox.env);
  expect(code).toBe(0);
  expect(values).toMatchObject([{ done: false, sns: [change.record.sn], rows: 1 }]);
  expect(cells()).toContain(buyer.username);
  expect((await run(['forget'], sandbox.env)).code).toBe(2);
});

test('erases a buyer from sheet, dead letters, notifications, event log and history, for good', async () => {
  const { sn } = change.record;
  await vi.waitFor(() => expect(countStoredPushes()).toBeGreaterThan(0), timing);
  expect(eventLog()).toContain(sn);
  const payload = JSON.stringify({ code: 3, shop_id: shop, data: { ordersn: sn } });
  await new Queue({ redis, keys: keys.webhooks }).deadLetter({
    id: 'dead',
    payloadText: payload,
    maxRetries: 3,
    acceptedAt: Date.now(),
    firstFailedAt: Date.now(),
    deadLetteredAt: Date.now(),
    attempts: 4,
    reason: 'too-many-failures',
    error: 'x',
    history: [],
  });

  const { code, values } = await runJson(['forget', '--buyer', buyer.username, '--yes'], sandbox.env);
  expect(code).toBe(0);
  expect(values).toMatchObject([{ done: true, sns: [sn], rows: 1, deadLetters: 1 }]);
  expect(await redis.llen(keys.webhooks.deadLetter)).toBe(0);
  for (const value of Object.values(buyer)) expect(cells()).not.toContain(value);
  // The row itself is the shop's.
  expect(cells()).toContain(sn);
  await vi.waitFor(() => expect([eventLog().includes(sn), countStoredPushes()]).toEqual([false, 0]), timing);

  const next = sandbox.shopee.orders.advance(sn);
  await sandbox.shopee.sendPushes(next);
  await vi.waitFor(() => expect(cells()).toContain(`"${next.record.status}"`), timing);
  await vi.waitFor(async () => expect(await redis.llen(keys.webhooks.main)).toBe(0), timing);
  for (const value of Object.values(buyer)) expect(cells()).not.toContain(value);
});
