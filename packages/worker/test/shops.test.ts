import { expect, test, vi } from 'vitest';
import { createWorld, shopId, snOf, soon, type World } from './world.ts';

const malaysia = 700_000_002;

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

test('several shops share one spreadsheet, each row with its shop', async () => {
  const world = await createWorld({ connected: [shopId, malaysia] });
  await world.startWorker();
  const [one, other] = [world.place(shopId), world.place(malaysia)];
  await world.enqueue([one, other]);
  await handled(world);
  const rows = world.rows('Orders').map(({ 'Order SN': sn, Shop: shop, 'Shop ID': id, Currency: currency }) => ({
    sn,
    shop,
    id,
    currency,
  }));
  const expected = [
    { sn: snOf(one), shop: 'Kopi & Cotton SG', id: String(shopId), currency: 'SGD' },
    { sn: snOf(other), shop: 'Kopi & Cotton MY', id: String(malaysia), currency: 'MYR' },
  ];
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(expect.arrayContaining(expected));
});

test('a shop that SPREADSHEET_ID names has its rows in its own spreadsheet, the others in the default one', async () => {
  const own = '1SpreadsheetOfTheShopInMalaysia_0000000000';
  const world = await createWorld({
    connected: [shopId, malaysia],
    config: (config) => {
      const standard = config.sheets.spreadsheets.default;
      const all = [...config.sheets.spreadsheets.all, own];
      const spreadsheets = { default: standard, byShop: new Map([[String(malaysia), own]]), all };
      return { ...config, sheets: { ...config.sheets, spreadsheets } };
    },
  });
  world.google.addSpreadsheet({ id: own });
  const worker = await world.startWorker();
  const [one, other] = [world.place(shopId), world.place(malaysia)];
  await world.enqueue([one, other]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(one) }]);
  expect(world.google.sheet('Orders', own).records()).toMatchObject([{ 'Order SN': snOf(other) }]);
  // Where it stands goes with the notification.
  const events = (await world.outbox()).filter((one) => one.kind === 'event');
  expect(new Set(events.map(({ row }) => row?.spreadsheetId))).toEqual(new Set([world.google.spreadsheetId, own]));
  // Jobs look into each shop's own spreadsheet.
  await worker.jobs.runner.run('reconcile');
  await worker.jobs.runner.settled();
  const reconciled = (await worker.jobs.runner.list()).find(({ name }) => name === 'reconcile');
  expect(reconciled).toMatchObject({ ok: true, result: { missing: 0, stale: 0, failed: {} } });
});

test('the rate limit of one shop holds up no other shop’s events', async () => {
  const world = await createWorld({ connected: [shopId, malaysia] });
  await world.startWorker();
  world.shopee.faults.add({ kind: 'rate-limit', on: `shop_id=${shopId}`, times: Infinity });
  const [limited, free] = [world.place(shopId), world.place(malaysia)];
  await world.enqueue([limited, free]);
  await vi.waitFor(() => expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(free) }]), soon);
  world.shopee.faults.clear();
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(2), soon);
  expect((await world.inspector.queueStats()).queue.deadLetter).toBe(0);
});

test('masked values are never written over readable ones', async () => {
  const world = await createWorld({ shopee: { settings: { masking: 'by-status' } } });
  await world.startWorker();
  const sn = snOf(world.place());
  while (world.shopee.orders.find(sn)?.status !== 'SHIPPED') world.shopee.orders.advance(sn);
  await world.enqueue([world.advance(sn)]);
  await handled(world);
  const before = world.rows('Orders')[0] ?? {};
  const columns = ['Recipient', 'Phone', 'Address', 'Buyer'];
  const readable = Object.fromEntries(columns.map((column) => [column, before[column]]));
  expect(columns.filter((column) => /^$|\*/.test(String(before[column])))).toEqual([]);

  await world.enqueue([world.advance(sn)]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ ...readable, Status: 'COMPLETED' }]);
});
