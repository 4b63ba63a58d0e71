import { expect, test, vi } from 'vitest';
import { columnName, versionColumnId } from '@shopee-webhook/sheets';
import type { PushBody } from '../../sandbox/src/index.ts';
import { ordersColumns } from '../src/index.ts';
import { createWorld, shopId, type World, soon } from './world.ts';

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

/** An order in one package that is ready to be sent, and the push that tells its parcel's number. */
function sentOrder(world: World): { sn: string; tracking: PushBody } {
  const { orders } = world.shopee;
  let { record } = orders.place(shopId);
  while (orders.contentOf(record).split) ({ record } = orders.place(shopId));
  const { sn } = record;
  for (;;) {
    const tracking = orders.advance(sn).pushes.find(({ code }) => code === 4);
    if (tracking !== undefined) return { sn, tracking };
  }
}

/** Has the push handled so slowly that a later change of its order is in the sheet before it. */
async function overtake(world: World, { sn, push, source }: { sn: string; push: PushBody; source?: string }) {
  world.shopee.faults.add({ kind: 'slow', on: 'get_escrow_detail_batch', ms: 3000 });
  const [id] = await world.enqueue([push], source);
  const fetched = () => expect(world.shopee.calls.some(({ path }) => path.includes('get_order_detail'))).toBe(true);
  await vi.waitFor(fetched, soon);
  const later = world.advance(sn);
  await world.enqueue([later]);
  const status = String(later.data['status']);
  await vi.waitFor(() => expect(world.rows('Orders')).toMatchObject([{ Status: status }]), soon);
  await handled(world);
  return { id, status };
}

test('the tracking number of a push is written although a newer version is already in the sheet', async () => {
  const world = await createWorld();
  await world.startWorker();
  const { sn, tracking } = sentOrder(world);
  const { id, status } = await overtake(world, { sn, push: tracking });
  expect(world.rows('Orders')).toMatchObject([
    { 'Order SN': sn, Status: status, 'Tracking number': tracking.data['tracking_no'] },
  ]);
  const entries = await world.redis.xrange(world.keys.activity, '-', '+');
  const steps = entries.map(([, fields]) => fields).filter((fields) => fields[1] === id);
  expect(steps.map((fields) => fields[fields.indexOf('step') + 1])).toEqual([
    'taken', 'fetched', 'fetched', 'written', 'handled',
  ]); // prettier-ignore
});

test('a payout is written although a newer version is already in the sheet', async () => {
  const world = await createWorld();
  await world.startWorker();
  const { sn, tracking } = sentOrder(world);
  const data = { ordersn: sn, payout_amount: 12.5, escrow_release_time: 1_788_800_000 };
  const { status } = await overtake(world, { sn, push: { ...tracking, code: 3, data }, source: 'payout' });
  expect(world.rows('Orders')).toMatchObject([{ Status: status, 'Paid out': 12.5 }]);
});

test('a row that stays newer than what Shopee says makes a dead letter of what only the push holds, and of nothing else', async () => {
  const world = await createWorld();
  await world.startWorker((config) => ({ ...config, consumers: { ...config.consumers, maxRetries: 0 } }));
  const { sn, tracking } = sentOrder(world);
  const status = { ...tracking, code: 3, data: { ordersn: sn } };
  await world.enqueue([status]);
  await handled(world);
  const column = columnName(ordersColumns.findIndex(({ id }) => id === versionColumnId));
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${column}2`, value: 4_000_000_000 });
  world.shopee.calls.length = 0;
  await world.enqueue([tracking]);
  await handled(world);
  await world.enqueue([{ ...status, timestamp: 1 }]);
  await handled(world);
  const { deadLetters } = await world.inspector.listDeadLetters();
  expect(deadLetters).toMatchObject([{ reason: 'version-conflict', code: 4, attempts: 1 }]);
  expect(world.shopee.calls.filter(({ path }) => path.includes('get_order_detail'))).toHaveLength(3);
});

test('an older escrow does not replace a newer one of the same update time', async () => {
  // An adjustment moves no update time; shown by the batch call too, it tells which escrow was read.
  const world = await createWorld({ shopee: { settings: { batchAdjustments: true } } });
  await world.startWorker();
  const { orders } = world.shopee;
  const { sn, tracking } = sentOrder(world);
  while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
  const push = { ...tracking, code: 3, data: { ordersn: sn } };
  // The order's answer comes late, and the escrow's, asked for beside it, at once.
  world.shopee.faults.add({ kind: 'slow', on: 'get_order_detail', ms: 3000 });
  await world.enqueue([push]);
  const requested = () => expect(world.shopee.calls.some(({ path }) => path.includes('get_escrow_detail'))).toBe(true);
  await vi.waitFor(requested, soon);
  orders.correct(sn, -500);
  await world.enqueue([{ ...push, timestamp: 1 }]);
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(1), soon);
  const [newer] = world.rows('Orders');
  expect(newer).toMatchObject({ Adjustments: -5 });
  await handled(world);
  expect(world.rows('Orders')).toEqual([newer]);
});
