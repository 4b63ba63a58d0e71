import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signPush } from '@shopee-webhook/shopee';
import { toJson } from '@shopee-webhook/sandbox';
import { QueueInspector, buildKeys } from '@shopee-webhook/store';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkQueue } from '../src/checks/queue-check.ts';
import { checkSheet } from '../src/checks/sheet-check.ts';
import { Stack } from '../src/stack/stack.ts';

const orderCount = 30;
const frozenMs = 60_000;

/** Two workers; the first one is frozen with messages in flight, while it waits for Google. */
async function setUp() {
  const dir = mkdtempSync(join(tmpdir(), 'frozen-worker-'));
  const stack = await Stack.create({
    dir,
    workers: 2,
    telegram: false,
    google: { latencyMs: 400 },
    env: { SCHEDULED_JOBS: 'false' },
  });
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort, lazyConnect: true });
  onTestFinished(async () => {
    redis.disconnect();
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  await stack.startRedis();
  await stack.forwarder.start();
  await stack.workers[0]?.start();
  await redis.connect();
  return { stack, redis, dir, inspector: new QueueInspector({ redis, keys: buildKeys('shopee').webhooks }) };
}

async function pushOrders(stack: Stack): Promise<Set<string>> {
  const [shop = 0] = stack.shopee.orders.shops.keys();
  const changes = Array.from({ length: orderCount }, () => stack.shopee.orders.place(shop));
  const texts = changes.flatMap(({ pushes }) => pushes.filter(({ code }) => code === 3).map(toJson));
  for (const body of texts) {
    const authorization = signPush(stack.shopee.app.pushKey, stack.callbackUrl, body);
    const response = await fetch(stack.callbackUrl, { method: 'POST', body, headers: { authorization } });
    expect(response.status).toBe(200);
  }
  return new Set(changes.map(({ record }) => record.sn));
}

test('a worker frozen for a minute wakes up after another has handled its messages, and nothing is done twice', async () => {
  const { stack, dir, inspector } = await setUp();
  const [frozen, other] = stack.workers;
  const orders = await pushOrders(stack);
  await vi.waitFor(async () => expect((await inspector.queueStats()).queue.processing).toBeGreaterThan(0), {
    timeout: 20_000,
    interval: 5,
  });
  frozen?.freeze();
  const heldByFrozen = (await inspector.queueStats()).queue.processing;
  expect(heldByFrozen).toBeGreaterThan(0);
  const thawed = sleep(frozenMs).then(() => frozen?.thaw());
  await other?.start();
  const settled = () =>
    vi.waitFor(
      async () =>
        expect(await checkQueue(stack)).toMatchObject({ queued: 0, retrying: 0, orphans: 0, deadLetters: [] }),
      { timeout: frozenMs - 5_000, interval: 250 },
    );
  await settled();
  expect((await inspector.queueStats()).totals.processed).toBe(orderCount);
  await thawed;
  // It has lost its leases, and logs it, unless its connection to Redis broke during the freeze.
  const log = () => readFileSync(join(dir, 'worker1.log'), 'utf8');
  const timing = { timeout: 60_000, interval: 250 };
  await vi.waitFor(
    () => expect(log()).toMatch(/lease lost before settle|settle failed; messages will be redelivered/),
    timing,
  );
  // It finishes what it still has in flight.
  await frozen?.stop();
  await settled();
  expect((await inspector.queueStats()).totals.processed).toBe(orderCount);
  expect(checkSheet(stack, orders)).toEqual({ missing: [], duplicates: [], stale: [], wrong: [], rows: orderCount });
}, 180_000);
