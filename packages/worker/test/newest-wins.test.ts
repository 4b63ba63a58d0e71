import { expect, test, vi } from 'vitest';
import { createWorld, shopId, soon, type World } from './world.ts';

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

/** An order of one package that was sent, with the push of its number. */
function sentOrder(world: World) {
  const { orders } = world.shopee;
  for (;;) {
    const { record } = orders.place(shopId);
    if (orders.contentOf(record).split) continue;
    for (;;) {
      const push = orders.advance(record.sn).pushes.find(({ code }) => code === 4);
      if (push !== undefined) return { sn: record.sn, push, number: String(push.data['tracking_no']) };
    }
  }
}

test('a tracking number of an older push does not replace a newer one', async () => {
  const world = await createWorld();
  const { push, number } = sentOrder(world);
  const time = Number(push['timestamp']);
  const older = (by: number) => ({ ...push, timestamp: time - by, data: { ...push.data, tracking_no: `OLD${by}` } });
  await world.enqueue([push, older(2)]);
  await world.startWorker();
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Tracking number': number }]);
  await world.enqueue([older(3)]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Tracking number': number }]);
});

test('the lines of an order that Shopee no longer lists count nothing, so that Items sums to the order', async () => {
  const world = await createWorld();
  await world.startWorker();
  const { orders } = world.shopee;
  let { record } = orders.place(shopId);
  while (orders.contentOf(record).lines.length < 2) ({ record } = orders.place(shopId));
  await world.enqueue([world.advance(record.sn)]);
  await handled(world);
  const listed = orders.contentOf(record).lines.length;
  const contentOf = orders.contentOf.bind(orders);
  vi.spyOn(orders, 'contentOf').mockImplementation((one) => {
    const content = contentOf(one);
    return { ...content, lines: content.lines.slice(1) };
  });
  await world.enqueue([world.advance(record.sn)]);
  await handled(world);
  const rows = world.rows('Items');
  expect(rows).toHaveLength(listed);
  expect(rows.filter(({ Status }) => Status === 'REMOVED')).toMatchObject([{ Quantity: 0 }]);
  const units = rows.reduce((sum, row) => sum + Number(row['Quantity']), 0);
  expect(world.rows('Orders')).toMatchObject([{ Units: units }]);
});
