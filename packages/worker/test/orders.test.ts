import { expect, test, vi } from 'vitest';
import { createWorld, shopId, snOf } from './world.ts';

const soon = { timeout: 15_000, interval: 50 };

test('a push becomes a row, its lines become rows, and its notification waits in the outbox', async () => {
  const world = await createWorld();
  const push = world.place();
  const sn = snOf(push);
  await world.startWorker();
  await world.enqueue([push]);
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  const record = world.shopee.book.find(sn);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Shop ID': String(shopId), Status: record?.status }]);
  expect(world.rows('Items').length).toBeGreaterThan(0);
  const [notification] = await world.outbox();
  expect(notification).toMatchObject({ kind: 'event', code: 3, shopId: String(shopId), order: { sn } });
});
