import { expect, test, vi } from 'vitest';
import type { Worker } from '../../src/index.ts';
import { createWorld, shopId, soon, type World } from '../world.ts';

// A backfill, payouts, and a wallet: many flushes.
vi.setConfig({ testTimeout: 300_000 });

const day = 86_400;
const now = () => Math.floor(Date.now() / 1000);

async function run(worker: Worker, name: string, options: Record<string, unknown> = {}) {
  expect(await worker.jobs.runner.run(name, options)).toBe('started');
  await worker.jobs.runner.settled();
  const job = (await worker.jobs.runner.list()).find((one) => one.name === name);
  expect(job).toMatchObject({ ok: true, result: { failed: {} } });
  return job?.result ?? {};
}

/** A shop whose orders of two months are in the sheet, with their payouts and its wallet; one was completed and not paid out. */
async function worldWithBook() {
  const world = await createWorld();
  world.shopee.settings.batchAdjustments = true;
  world.shopee.orders.addPast({ count: 24, from: now() - 90 * day, to: now() - 30 * day, shopIds: [shopId] });
  const unpaid = [...world.shopee.orders.records()].find(({ status }) => status === 'COMPLETED');
  if (unpaid === undefined) throw new Error('no order is completed');
  unpaid.releaseTime = 0;
  const worker = await world.startWorker();
  await run(worker, 'backfill', { from: now() - 91 * day });
  await payouts(world, worker);
  await run(worker, 'wallet');
  return { world, worker, unpaid };
}

async function payouts(world: World, worker: Worker) {
  await run(worker, 'payouts', { from: now() - 91 * day, pending: true });
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

test('Payouts has what is overdue or differs and what settles it, Payout days what was paid, and the wallet adds up', async () => {
  const { world, worker, unpaid } = await worldWithBook();
  expect(await run(worker, 'payout-check')).toMatchObject({ overdue: 1, differs: 0 });
  expect(world.rows('Payouts')).toMatchObject([{ 'Order SN': unpaid.sn, State: 'OVERDUE', 'Paid out': '' }]);
  const days = world.rows('Payout days');
  const paid = world.rows('Orders').filter((row) => row['Paid out at'] !== '');
  expect(days.reduce((count, row) => count + Number(row['Orders']), 0)).toBe(paid.length);
  // What was corrected after the release is in no day's payouts.
  const total = (rows: typeof paid, header: string) => rows.reduce((sum, row) => sum + Number(row[header]), 0);
  expect(total(days, 'Difference')).toBeCloseTo(-total(paid, 'Adjustments'), 6);
  expect(worker.deps.alerts.active().map(({ key }) => key)).toEqual([`payouts-overdue:${String(shopId)}`]);
  const [report] = await worker.jobs.moneyReports.list();
  expect(report).toMatchObject({
    shopId: String(shopId),
    overdue: { orders: 1, sums: [{ currency: 'SGD' }], named: [{ sn: unpaid.sn }] },
    differs: { orders: 0 },
  });
  expect(report?.walletMonths.length).toBeGreaterThan(1);
  expect(report?.walletMonths.every(({ gap }) => gap === 0)).toBe(true);

  unpaid.releaseTime = now() - 3600;
  await payouts(world, worker);
  expect(await run(worker, 'payout-check')).toMatchObject({ overdue: 0, differs: 0 });
  expect(world.rows('Payouts')).toMatchObject([{ 'Order SN': unpaid.sn, State: 'PAID', Difference: 0, Reason: '' }]);
  expect(worker.deps.alerts.active()).toEqual([]);

  // A transaction that is gone: its order differs, and its month shows the gap.
  const lines = world.rows('Wallet').filter((row) => row['Kind'] === 'order income');
  const victim = lines[Math.floor(lines.length / 2)];
  const at = world.google
    .sheet('Wallet')
    .records()
    .findIndex((row) => row['Order SN'] === victim?.['Order SN']);
  world.google.edit({ kind: 'delete-rows', tab: 'Wallet', at: at + 2, count: 1 });
  expect(await run(worker, 'payout-check')).toMatchObject({ differs: 1 });
  expect(world.rows('Payouts').filter((row) => row['State'] === 'DIFFERS')).toMatchObject([
    { 'Order SN': victim?.['Order SN'], Received: 0 },
  ]);
  const [gapped] = await worker.jobs.moneyReports.list();
  const gap = (gapped?.walletMonths ?? []).reduce((sum, month) => sum + month.gap, 0);
  expect(gap).toBeCloseTo(Number(victim?.['Amount']), 6);
});
