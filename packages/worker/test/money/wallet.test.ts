import { expect, test, vi } from 'vitest';
import type { Worker } from '../../src/index.ts';
import { createWorld, shopId, soon, type World } from '../world.ts';

const day = 86_400;
const now = () => Math.floor(Date.now() / 1000);

async function worldWithWallet(orders: number): Promise<World> {
  const world = await createWorld();
  world.shopee.orders.addPast({ count: orders, from: now() - 120 * day, to: now() - 40 * day, shopIds: [shopId] });
  return world;
}

async function run(worker: Worker, name: string, options: Record<string, unknown> = {}) {
  expect(await worker.jobs.runner.run(name, options)).toBe('started');
  await worker.jobs.runner.settled();
  return (await worker.jobs.runner.list()).find((job) => job.name === name)?.result ?? {};
}

/** The rows of Wallet, oldest first. */
function walletOf(world: World) {
  return world.rows('Wallet').toSorted((left, right) => Number(left['Version']) - Number(right['Version']));
}

test('every transaction is a row, each balance follows from the one before, and a second run adds none', async () => {
  const world = await worldWithWallet(60);
  const worker = await world.startWorker();
  const first = await run(worker, 'wallet');
  expect(first).toMatchObject({ failed: {}, rejected: 0, gaps: 0 });
  const rows = walletOf(world);
  expect(rows.length).toBeGreaterThan(20);
  expect(first['transactions']).toBe(rows.length);
  expect(new Set(rows.map((row) => row['Transaction ID'])).size).toBe(rows.length);
  expect(rows.every((row) => typeof row['Transaction ID'] === 'string' && row['Transaction ID'].length === 18)).toBe(
    true,
  );
  // Before the first one no balance is known.
  expect(rows.map((row) => row['Unexplained'])).toEqual(rows.map((_, index) => (index === 0 ? '' : 0)));
  expect(rows.filter((row) => row['Kind'] === 'order income').every((row) => row['Order SN'] !== '')).toBe(true);
  expect(rows.every((row) => row['Currency'] === 'SGD' && row['Kind'] !== 'unknown')).toBe(true);

  expect(await run(worker, 'wallet')).toMatchObject({ failed: {}, gaps: 0 });
  expect(walletOf(world)).toEqual(rows);
});

test('a run that was interrupted goes on where it stopped', async () => {
  const world = await worldWithWallet(40);
  const worker = await world.startWorker();
  const all = vi.spyOn(worker.deps.sheets, 'upsert');
  let windows = 0;
  all.mockImplementation(async (rows) => {
    windows += 1;
    if (windows > 1) throw new Error('the spreadsheet is gone');
    return rows.map(() => ({ kind: 'written', row: 2, sheetId: 1 }));
  });
  const failed = await run(worker, 'wallet');
  expect(failed).toMatchObject({ failed: { [shopId]: expect.stringContaining('the spreadsheet is gone') } });
  const written = all.mock.calls[0]?.[0].length ?? 0;
  all.mockRestore();
  const resumed = await run(worker, 'wallet');
  const total = await run(worker, 'wallet', { from: now() - 365 * day });
  expect(Number(resumed['transactions']) + written).toBe(total['transactions']);
  expect(resumed).toMatchObject({ gaps: 0 });
});

test('a deleted tab is written again', async () => {
  const world = await worldWithWallet(10);
  const worker = await world.startWorker();
  await run(worker, 'wallet');
  const rows = walletOf(world);
  world.google.edit({ kind: 'delete-tab', tab: 'Wallet' });
  await run(worker, 'wallet', { from: now() - 365 * day });
  await vi.waitFor(() => expect(walletOf(world)).toEqual(rows), soon);
});
