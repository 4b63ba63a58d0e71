import { expect, test, vi } from 'vitest';
import { makePush, type PushBody } from '../../sandbox/src/index.ts';
import { createWorld, shopId, snOf, soon, type World } from './world.ts';

const codes = [3, 4, 15, 24, 29, 30, 47];

/** A world where all of these codes bring their order into the sheet. */
async function worldWithCodes(): Promise<World> {
  const world = await createWorld({ config: (config) => ({ ...config, orderEventCodes: codes }) });
  await world.startWorker();
  return world;
}

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

/** Shopee's documented sample of the code, about this order. */
function pushAbout(world: World, sn: string, code: number): PushBody {
  const record = world.shopee.orders.find(sn);
  if (record === undefined) throw new Error(`no order ${sn}`);
  const { partnerId } = world.shopee.app;
  const content = world.shopee.orders.contentOf(record);
  return makePush(code, { shopId, partnerId, now: record.updateTime, order: { record, content } });
}

test.each([
  [15, 'ordersn'],
  [30, 'ordersn'],
  [47, 'order_sn'],
])('a push with code %i, whose order number is its %s, refreshes that order', async (code, field) => {
  const world = await worldWithCodes();
  const push = world.place();
  const sn = snOf(push);
  await world.enqueue([push, world.place()]);
  await handled(world);
  // The order goes on, and nothing but this push tells of it.
  while (world.shopee.orders.find(sn)?.status !== 'PROCESSED') world.shopee.orders.advance(sn);
  const about = pushAbout(world, sn, code);
  expect(about.data[field]).toBe(sn);
  await world.enqueue([about]);
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(2);
  expect(world.rows('Orders').find((row) => row['Order SN'] === sn)).toMatchObject({ Status: 'PROCESSED' });
  const notified = (await world.outbox()).filter((one) => one.kind === 'event' && one.code === code);
  expect(notified).toMatchObject([{ order: { sn, status: 'PROCESSED' } }]);
});

test('both spellings of the order number in code 15 are found', async () => {
  const world = await worldWithCodes();
  const push = world.place();
  const sn = snOf(push);
  const data = { order_sn: sn, package_number: 'OFG1', status: 'READY' };
  await world.enqueue([{ code: 15, shop_id: shopId, timestamp: push.timestamp, data }] as PushBody[]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn }]);
});

test('a push with code 24 speaks of a booking that has no order yet: it sends a notification and writes no row', async () => {
  const world = await worldWithCodes();
  const { partnerId } = world.shopee.app;
  await world.enqueue([makePush(24, { shopId, partnerId, now: Math.floor(Date.now() / 1000) })]);
  await handled(world);
  expect(world.rows('Orders')).toEqual([]);
  expect(await world.outbox()).toMatchObject([{ kind: 'event', code: 24 }]);
});

test('a return that goes on is the same row of Returns, and a second return of the order another', async () => {
  const world = await worldWithCodes();
  const { orders } = world.shopee;
  const sn = snOf(world.place());
  while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
  const returnPushes = (pushes: readonly PushBody[]) => pushes.filter(({ code }) => code === 29);
  await world.enqueue(returnPushes(orders.requestReturn(sn).pushes));
  await handled(world);
  const first = orders.find(sn)?.returns[0]?.sn ?? '';
  expect(world.rows('Returns')).toMatchObject([{ 'Return SN': first, Status: 'REQUESTED' }]);
  await world.enqueue(returnPushes(orders.advanceReturn(first).pushes));
  await world.enqueue(returnPushes(orders.requestReturn(sn).pushes));
  await handled(world);
  expect(world.rows('Returns')).toMatchObject([
    { 'Return SN': first, 'Order SN': sn, Status: 'ACCEPTED' },
    { 'Order SN': sn, Status: 'REQUESTED' },
  ]);
});
