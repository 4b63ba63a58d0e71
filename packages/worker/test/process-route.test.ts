import { buildMessage, Notification } from '@shopee-webhook/store';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sandboxApp, startRedis } from '../../sandbox/src/index.ts';
import { signInternalRequest } from '@shopee-webhook/contracts';
import type { Worker, WorkerConfig } from '../src/index.ts';
import { createWorld, shopId, snOf } from './world.ts';

/** Posts a message as the forwarder does. */
async function post(worker: Worker, body: string, headers: Record<string, string> = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = signInternalRequest(sandboxApp.partnerKey, timestamp, body);
  const response = await fetch(`${worker.url}/webhook/process`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-forwarder-timestamp': timestamp,
      'x-forwarder-signature': signature,
      ...headers,
    },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const withoutRedis = { config: (config: WorkerConfig): WorkerConfig => ({ ...config, redis: undefined }) };

test('a signed message is processed, and the response carries its notification', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const push = world.place();
  const { status, body } = await post(worker, buildMessage('m1', JSON.stringify(push), { enqueued_at: Date.now() }));
  expect(status).toBe(200);
  expect(body).toMatchObject({ outcome: 'handled' });
  expect(Notification.parse(body['notification'])).toMatchObject({ kind: 'event', messageId: 'm1', code: 3 });
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(push) }]);
});

test('an unsigned request gets 401 and changes nothing', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const message = buildMessage('m1', JSON.stringify(world.place()), { enqueued_at: Date.now() });
  const old = String(Math.floor(Date.now() / 1000) - 301);
  const headers = [
    { 'x-forwarder-signature': 'f'.repeat(64) },
    { 'x-forwarder-signature': '' },
    { 'x-forwarder-timestamp': old, 'x-forwarder-signature': signInternalRequest(sandboxApp.partnerKey, old, message) },
  ];
  for (const change of headers) expect((await post(worker, message, change)).status).toBe(401);
  expect(world.shopee.calls.filter(({ path }) => path.includes('/order/'))).toEqual([]);
});

test('a malformed message or push is a dead letter', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  expect(await post(worker, 'garbage')).toMatchObject({
    status: 422,
    body: { outcome: 'dead-letter', reason: 'malformed' },
  });
  expect(await post(worker, '{"id":"x","payload":{"data":{}},"metadata":{}}')).toMatchObject({
    status: 422,
    body: { outcome: 'dead-letter', reason: 'not-a-push' },
  });
});

test('a message to retry gets 503 with the time, not counted when an upstream is down', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  world.shopee.faults.add({ kind: 'html-502', times: Infinity });
  const message = buildMessage('m1', JSON.stringify(world.place()), { enqueued_at: Date.now() });
  expect(await post(worker, message)).toMatchObject({
    status: 503,
    body: { outcome: 'retry', countsAsFailure: false, retryAfterMs: expect.any(Number) },
  });
});

test('without Redis the worker processes messages by HTTP, with tokens from the file', async () => {
  const world = await createWorld(withoutRedis);
  const worker = await world.startWorker();
  const pushes = Array.from({ length: 8 }, () => world.place());
  const responses = await Promise.all(
    pushes.map((push, at) =>
      post(worker, buildMessage(`m${String(at)}`, JSON.stringify(push), { enqueued_at: Date.now() })),
    ),
  );
  expect(responses.map(({ status }) => status)).toEqual(pushes.map(() => 200));
  expect(world.rows('Orders')).toHaveLength(8);
  const stats = await fetch(`${worker.url}/workers/stats`);
  expect(await stats.json()).toMatchObject({ workers: [], totals: { processed: 0 } });
  const tokens = await world.tokens.get(String(shopId));
  expect(tokens?.state).toBe('active');
});

test('once Redis has been unavailable for a while messages by HTTP are processed without it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-redis-'));
  const redis = await startRedis({ dir });
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const world = await createWorld({ redisPort: redis.port });
  const worker = await world.startWorker((config) => ({
    ...config,
    redis: config.redis === undefined ? undefined : { ...config.redis, localLocksAfterMs: 3000 },
  }));
  await redis.kill();
  const push = world.place();
  const message = buildMessage('m1', JSON.stringify(push), { enqueued_at: Date.now() });
  await vi.waitFor(async () => expect((await post(worker, message)).status).toBe(200), {
    timeout: 60_000,
    interval: 500,
  });
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(push) }]);
});

test('events of other codes need neither Shopee nor Google', async () => {
  const world = await createWorld({ connected: [] });
  const worker = await world.startWorker();
  const text = buildMessage('m1', '{"code":5,"shop_id":1,"data":{"actions":[]}}', { enqueued_at: Date.now() });
  expect(await post(worker, text)).toMatchObject({ status: 200, body: { notification: { code: 5 } } });
});
