import { ErasureRequests } from '@shopee-webhook/store';
import { expect, test, vi } from 'vitest';
import { createWorld, shopId, snOf, type World, soon } from './world.ts';

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

function callsTo(world: World, part: string): number {
  return world.shopee.calls.filter(({ path }) => path.includes(part)).length;
}

test('a push becomes a row, its lines become rows, and its notification waits in the outbox', async () => {
  const world = await createWorld();
  const push = world.place();
  const sn = snOf(push);
  await world.startWorker();
  await world.enqueue([push]);
  await handled(world);
  const record = world.shopee.orders.find(sn);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Shop ID': String(shopId), Status: record?.status }]);
  expect(world.rows('Items').length).toBeGreaterThan(0);
  expect(await world.outbox()).toMatchObject([
    { kind: 'event', code: 3, shopId: String(shopId), source: 'push', order: { sn }, row: { row: 2 } },
  ]);
});

test('the pushes of one order in a batch cost one fetch and one row, and each gets its notification', async () => {
  const world = await createWorld();
  const placed = world.place();
  const sn = snOf(placed);
  await world.enqueue([placed, world.advance(sn), world.advance(sn), placed]);
  await world.startWorker((config) => ({ ...config, consumers: { ...config.consumers, count: 1 } }));
  await handled(world);
  expect(callsTo(world, 'get_order_detail')).toBe(1);
  expect(callsTo(world, 'get_escrow_detail')).toBe(1);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, Status: world.shopee.orders.find(sn)?.status }]);
  expect(await world.outbox()).toHaveLength(4);
});

test('120 waiting orders cost at most five calls for details, and as many for escrows', async () => {
  const world = await createWorld();
  await world.enqueue(Array.from({ length: 120 }, () => world.place()));
  await world.startWorker();
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(120);
  // Two full batches, and what is left may be shared between the three consumers.
  expect(callsTo(world, 'get_order_detail')).toBeLessThanOrEqual(5);
  expect(callsTo(world, 'get_escrow_detail_batch')).toBe(callsTo(world, 'get_order_detail'));
});

test('a later push carries the previous status', async () => {
  const world = await createWorld();
  await world.startWorker();
  const placed = world.place();
  await world.enqueue([placed]);
  await handled(world);
  const before = world.shopee.orders.find(snOf(placed))?.status;
  await world.enqueue([world.advance(snOf(placed))]);
  await handled(world);
  expect((await world.outbox()).at(-1)).toMatchObject({ previousStatus: before });
});

test('an order without escrow is written without its income, and with it once it exists', async () => {
  const world = await createWorld();
  await world.startWorker();
  const sn = snOf(world.place());
  const paid = world.advance(sn);
  await world.enqueue([paid]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Escrow amount': '' }]);
  world.shopee.settings.escrowFrom = 'paid';
  await world.enqueue([{ ...paid, timestamp: 1 }]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Escrow amount': expect.any(Number) }]);
});

test('without permission to read escrow orders are written, and one alert is raised', async () => {
  const world = await createWorld({ shopee: { settings: { forbiddenApis: ['payment'] } } });
  await world.startWorker();
  await world.enqueue([world.place(), world.place()]);
  await handled(world);
  await world.enqueue([world.place()]);
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(3);
  const alerts = (await world.outbox()).filter(({ kind }) => kind === 'alert');
  expect(alerts).toMatchObject([{ status: 'firing', key: `escrow:${String(shopId)}` }]);
});

test.each(['fail', 'skip'] as const)(
  'an order that Shopee does not have is dead-lettered alone (%s)',
  async (unknownOrder) => {
    const world = await createWorld({ shopee: { settings: { unknownOrder } } });
    const known = [world.place(), world.place()];
    const [first] = known;
    await world.enqueue([...known, { ...world.place(), data: { ...first?.data, ordersn: '260101NOTTHERE' } }]);
    await world.startWorker((config) => ({ ...config, consumers: { ...config.consumers, maxRetries: 0 } }));
    await handled(world);
    expect(world.rows('Orders')).toHaveLength(2);
    const { deadLetters } = await world.inspector.listDeadLetters();
    expect(deadLetters).toMatchObject([{ reason: 'order-not-found', attempts: 1 }]);
  },
);

test('the tracking number of a push with code 4 stays in its cell', async () => {
  const world = await createWorld();
  await world.startWorker();
  const placed = world.place();
  const sn = snOf(placed);
  const tracking = { code: 4, shop_id: shopId, timestamp: 1, data: { ordersn: sn, tracking_no: 'SPX0001' } };
  await world.enqueue([tracking]);
  await handled(world);
  await world.enqueue([world.advance(sn)]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Tracking number': 'SPX0001' }]);
});

test('an order that is sent in two packages has both tracking numbers in its cell', async () => {
  const world = await createWorld({ shopee: { seed: 7 } });
  const { orders } = world.shopee;
  const splitOrder = () => {
    for (;;) {
      const { record } = orders.place(shopId);
      if (orders.contentOf(record).split) return record;
    }
  };
  const { sn } = splitOrder();
  while (orders.find(sn)?.status !== 'READY_TO_SHIP') orders.advance(sn);
  const notified = orders.advance(sn).pushes.filter(({ code }) => code === 4);
  expect(notified).toHaveLength(2);
  await world.startWorker();
  for (const push of notified) {
    await world.enqueue([push]);
    await handled(world);
  }
  const numbers = notified.map(({ data }) => data['tracking_no']);
  expect(world.rows('Orders')).toMatchObject([{ 'Tracking number': numbers.join(', ') }]);
});

test('an event of another code goes to the outbox with its raw data and touches no sheet', async () => {
  const world = await createWorld();
  await world.startWorker();
  const text = `{"code":5,"shop_id":${String(shopId)},"timestamp":1788220800,"data":{"big":18446744073709551615}}`;
  await world.enqueue([text]);
  await handled(world);
  expect(await world.outbox()).toMatchObject([{ kind: 'event', code: 5, pushText: text }]);
  expect(callsTo(world, '/order/')).toBe(0);
  expect(world.google.counters.writes).toBe(0);
});

test('a message of a job writes its row and sends no notification', async () => {
  const world = await createWorld();
  await world.startWorker();
  await world.enqueue([world.place()], 'backfill');
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(1);
  expect(await world.outbox()).toEqual([]);
});

test('a payout message fills the payout columns', async () => {
  const world = await createWorld();
  await world.startWorker();
  const push = world.place();
  const data = { ...push.data, payout_amount: 12.5, escrow_release_time: 1_788_800_000 };
  await world.enqueue([{ ...push, data }], 'payout');
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Paid out': 12.5 }]);
});

test('a return is a row of its own when its code is in ORDER_EVENT_CODES, and its order is refreshed', async () => {
  const world = await createWorld({ config: (config) => ({ ...config, orderEventCodes: [3, 4, 29] }) });
  await world.startWorker();
  const sn = snOf(world.place());
  const { orders } = world.shopee;
  while (orders.find(sn)?.status !== 'TO_CONFIRM_RECEIVE') orders.advance(sn);
  const { pushes } = orders.requestReturn(sn);
  const returned = pushes.filter(({ code }) => code === 29);
  expect(returned).toHaveLength(1);
  await world.enqueue(returned);
  await handled(world);
  const returnSn = returned[0]?.data['return_sn'];
  expect(world.rows('Returns')).toMatchObject([{ 'Return SN': returnSn, 'Order SN': sn, Status: 'REQUESTED' }]);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, Status: 'TO_RETURN' }]);
});

test('a return of an erased buyer is written without their text', async () => {
  const world = await createWorld({ config: (config) => ({ ...config, orderEventCodes: [3, 4, 29] }) });
  const sn = snOf(world.place());
  await new ErasureRequests({ redis: world.redis, keys: world.keys }).add([sn]);
  await world.startWorker();
  const { orders } = world.shopee;
  while (orders.find(sn)?.status !== 'TO_CONFIRM_RECEIVE') orders.advance(sn);
  await world.enqueue(orders.requestReturn(sn).pushes.filter(({ code }) => code === 29));
  await handled(world);
  expect(world.rows('Returns')).toMatchObject([{ 'Order SN': sn, 'Buyer’s words': '' }]);
});

test('a malformed push, or one without a shop, is a dead letter at once', async () => {
  const world = await createWorld();
  await world.startWorker();
  await world.enqueue(['{"data":{}}', '{"code":3,"data":{"ordersn":"X"}}']);
  await handled(world);
  const { deadLetters } = await world.inspector.listDeadLetters();
  expect(deadLetters.map(({ reason }) => reason).sort()).toEqual(['no-shop', 'not-a-push']);
});

test('each step of an event is recorded in the activity', async () => {
  const world = await createWorld();
  await world.startWorker();
  const [id] = await world.enqueue([world.place()]);
  await handled(world);
  const entries = await world.redis.xrange(world.keys.activity, '-', '+');
  const steps = entries.map(([, fields]) => fields).filter((fields) => fields[1] === id);
  expect(steps.map((fields) => fields[fields.indexOf('step') + 1])).toEqual(['taken', 'fetched', 'written', 'handled']);
});
