import { expect, test, vi } from 'vitest';
import { createWorld, shopId, snOf, type World, soon } from './world.ts';

const otherShop = 700_000_002;

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

async function deadLetters(world: World): Promise<number> {
  return (await world.inspector.listDeadLetters()).total;
}

test('while Google is down messages are deferred without counting; once it recovers all are processed', async () => {
  const world = await createWorld();
  world.google.faults.add({ kind: '503-not-applied', times: Infinity });
  const worker = await world.startWorker();
  await world.enqueue(Array.from({ length: 80 }, () => world.place()));
  const { breakers } = worker.deps.outageMonitor;
  await vi.waitFor(() => expect(breakers.open()).toHaveLength(1), soon);
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.retrying).toBeGreaterThan(0), soon);
  const [waiting] = await world.inspector.listRetrying();
  expect(waiting?.message.metadata).toMatchObject({ retry_count: 0, reason: expect.stringContaining('sheet:') });
  world.google.faults.clear();
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  expect(world.rows('Orders')).toHaveLength(80);
  expect(await deadLetters(world)).toBe(0);
});

test('while Shopee is down it is probed, not called for every message', async () => {
  const world = await createWorld();
  world.shopee.faults.add({ kind: 'html-502', times: Infinity });
  const worker = await world.startWorker();
  await world.enqueue(Array.from({ length: 500 }, () => world.place()));
  const { breakers } = worker.deps.outageMonitor;
  await vi.waitFor(() => expect(breakers.open()).toHaveLength(1), soon);
  await vi.waitFor(async () => expect(await world.queue.depth()).toBe(0), soon);
  const before = world.shopee.calls.length;
  await vi.waitFor(() => expect(breakers.open()[0]?.probeInMs()).toBeGreaterThan(1000), soon);
  expect(world.shopee.calls.length - before).toBeLessThan(20);
  world.shopee.faults.clear();
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(500);
  expect(await deadLetters(world)).toBe(0);
});

test('a shop that revoked its authorization blocks no other', async () => {
  const world = await createWorld({ connected: [shopId, otherShop] });
  world.shopee.tokens.deauthorize(shopId);
  await world.startWorker();
  const [revoked, well] = [world.place(shopId), world.place(otherShop)];
  await world.enqueue([revoked, well]);
  await vi.waitFor(() => expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(well) }]), soon);
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.retrying).toBe(1), soon);
  expect(await deadLetters(world)).toBe(0);
});

test('events of an unknown shop wait, raise one alert, and are processed once the shop is connected', async () => {
  const world = await createWorld({ connected: [shopId] });
  const worker = await world.startWorker();
  await world.enqueue([world.place(otherShop), world.place(otherShop)]);
  await vi.waitFor(() => expect(worker.deps.outageMonitor.breakers.open()).toHaveLength(1), soon);
  await worker.deps.outageMonitor.check();
  await worker.deps.outageMonitor.check();
  expect(await world.outbox()).toMatchObject([
    {
      kind: 'alert',
      status: 'firing',
      key: `upstream:shopee:${String(otherShop)}`,
      title: expect.stringContaining('not connected'),
    },
  ]);
  expect(await world.tokens.listShopsWithoutTokens()).toEqual([String(otherShop)]);
  await world.connect(otherShop);
  expect(await world.tokens.listShopsWithoutTokens()).toEqual([]);
  await worker.deps.shopMonitor.check();
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(2);
  await vi.waitFor(
    async () => expect((await world.outbox()).map((one) => one.kind === 'alert' && one.status)).toContain('resolved'),
    soon,
  );
});

test('the daily limit defers a shop until Shopee’s midnight', async () => {
  const world = await createWorld();
  world.shopee.faults.add({ kind: 'daily-limit', times: Infinity });
  await world.startWorker();
  await world.enqueue([world.place()]);
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.retrying).toBe(1), soon);
  const [waiting] = await world.inspector.listRetrying();
  const midnight = Math.ceil((Date.now() + 8 * 3_600_000) / 86_400_000) * 86_400_000 - 8 * 3_600_000;
  expect(waiting?.dueAt).toBeGreaterThanOrEqual(midnight - 2000);
  expect(waiting?.message.metadata.retry_count).toBe(0);
});

test('an undocumented error is counted, and the message becomes a dead letter', async () => {
  const world = await createWorld();
  world.shopee.faults.add({ kind: 'error', code: 'error_never_seen', times: Infinity });
  await world.startWorker((config) => ({ ...config, consumers: { ...config.consumers, maxRetries: 0 } }));
  await world.enqueue([world.place()]);
  await handled(world);
  expect((await world.inspector.listDeadLetters()).deadLetters).toMatchObject([
    { reason: 'shopee-retry-later', attempts: 1 },
  ]);
});

test('what a crashed worker deferred is processed as soon as another finds the upstream healthy', async () => {
  const world = await createWorld();
  await world.enqueue([world.place()]);
  const [delivery] = await world.queue.take('gone:1', { max: 1, blockMs: 1000 });
  if (delivery === undefined) throw new Error('one was enqueued');
  const reason = `deferred sheet:${world.google.spreadsheetId}`;
  const outcome = { kind: 'retry', delayMs: 900_000, reason, error: 'E', countsAsFailure: false } as const;
  await world.queue.settle('gone:1', [{ delivery, outcome }]);
  await world.startWorker();
  await world.enqueue([world.place()]);
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(2);
});
