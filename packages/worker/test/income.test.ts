import { expect, test, vi } from 'vitest';
import { marketShops } from '../../sandbox/src/index.ts';
import { createWorld, shopId, snOf, soon, type World } from './world.ts';

/** Leads orders of these shops to their end, `perShop` each, and gives a status push of each. */
function complete(world: World, shops: readonly number[], perShop = 1) {
  return shops.flatMap((shop) =>
    Array.from({ length: perShop }, () => {
      let push = world.place(shop);
      const sn = snOf(push);
      while (world.shopee.orders.find(sn)?.status !== 'COMPLETED') push = world.advance(sn);
      return push;
    }),
  );
}

async function write(world: World, pushes: readonly Parameters<World['enqueue']>[0][number][]): Promise<void> {
  await world.enqueue(pushes);
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

test('orders of every kind of shop in every market add up, in the currency of their escrow', async () => {
  const shops = marketShops.map((shop) => shop.shopId);
  const world = await createWorld({ shopee: { shops: marketShops, authorized: shops }, connected: shops });
  await world.startWorker();
  const pushes = complete(world, shops, 4);
  await write(world, pushes);

  const rows = world.rows('Orders');
  expect(rows).toHaveLength(pushes.length);
  expect(rows.filter((row) => row['Unexplained'] !== 0)).toEqual([]);
  const affiliates = rows.filter((row) => String(row['Shop']).startsWith('Affiliate'));
  const currencies = new Map(rows.map((row) => [row['Region'], row['Currency']]));
  expect(new Set(affiliates.map((row) => row['Other currency']))).toEqual(new Set(['CNY']));
  for (const row of affiliates) {
    expect(row['Currency']).toBe(currencies.get(row['Region']));
    expect(row['Currency']).not.toBe('CNY');
    expect(row['Exchange rate']).toBeGreaterThan(0);
  }
  // What Items adds up to is what was sold.
  const totals = new Map<unknown, number>();
  for (const row of world.rows('Items')) {
    totals.set(
      row['Order SN'],
      (totals.get(row['Order SN']) ?? 0) + Number(row['Line total']) + Number(row['Shopee discount'] || 0),
    );
  }
  for (const row of rows) {
    // Each line is rounded when it is converted.
    const difference = Math.abs((totals.get(row['Order SN']) ?? 0) - Number(row['Goods sold']));
    expect(difference).toBeLessThanOrEqual(row['Other currency'] === '' ? 0.001 : 3);
  }
});

test('adjustments that the batch call leaves out are in the final amount, each in a row of its own', async () => {
  const world = await createWorld();
  await world.startWorker();
  const [push] = complete(world, [shopId]);
  if (push === undefined) throw new Error('no order');
  const sn = snOf(push);
  world.shopee.orders.correct(sn, -646, 'Shipping Fee Adjustment');
  world.shopee.orders.correct(sn, 250, 'Logistics Related Compensation');
  await write(world, [push]);

  const [row] = world.rows('Orders');
  const adjustments = world.rows('Adjustments');
  expect(adjustments).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ 'Order SN': sn, Amount: -6.46, Reason: 'Shipping Fee Adjustment', Currency: 'SGD' }),
      expect.objectContaining({ 'Order SN': sn, Amount: 2.5, Reason: 'Logistics Related Compensation' }),
    ]),
  );
  const total = adjustments.reduce((sum, { Amount }) => sum + Number(Amount), 0);
  expect(row?.['Adjustments']).toBeCloseTo(total, 6);
  expect(row?.['Final amount']).toBeCloseTo(Number(row?.['Escrow amount']) + total, 6);
  // The same adjustments, read again, are the same rows.
  await write(world, [{ ...push, timestamp: Number(push.timestamp) + 1 }]);
  expect(world.rows('Adjustments')).toHaveLength(adjustments.length);
});

test('a correction without a push is found by way of the wallet', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const run = async (name: string) => {
    expect(await worker.jobs.runner.run(name)).toBe('started');
    await worker.jobs.runner.settled();
    await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  };
  const [push] = complete(world, [shopId]);
  if (push === undefined) throw new Error('no order');
  await write(world, [push]);
  const final = () => Number(world.rows('Orders')[0]?.['Final amount']);
  const before = final();
  world.shopee.orders.correct(snOf(push), -646);
  await run('adjustments');
  expect(final()).toBe(before);
  await run('wallet');
  await run('adjustments');
  expect(final()).toBeCloseTo(before - 6.46, 6);
});
