import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ErasureRequests } from '@shopee-webhook/store';
import type { Worker } from '../src/index.ts';
import { RedisJobStore } from '@shopee-webhook/store';
import { createWorld, shopId, snOf, type World, type WorldOptions, soon } from './world.ts';

const day = 86_400;
const withoutRedis: WorldOptions = { config: (config) => ({ ...config, redis: undefined }) };
const now = () => Math.floor(Date.now() / 1000);

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

/** Runs a job to its end and gives its record. */
async function run(worker: Worker, name: string, options: Record<string, unknown> = {}) {
  expect(await worker.jobs.runner.run(name, options)).toBe('started');
  await worker.jobs.runner.settled();
  const state = (await worker.jobs.runner.list()).find((job) => job.name === name);
  if (state === undefined) throw new Error(`no job ${name}`);
  return state;
}

/** A shop with past orders that no push announced. */
async function worldWithPast(count: number, options: WorldOptions & { days?: number } = {}): Promise<World> {
  const world = await createWorld(options);
  const { days = 5 } = options;
  world.shopee.orders.addPast({ count, from: now() - days * day, to: now() - 3600, shopIds: [shopId] });
  return world;
}

test('reconcile writes orders without a push', async () => {
  const world = await worldWithPast(7, { days: 1 });
  const worker = await world.startWorker();
  const first = await run(worker, 'reconcile', { from: now() - 30 * day });
  expect(first).toMatchObject({ ok: true, result: { missing: expect.any(Number), stale: 0, failed: {} } });
  expect(first.result?.['missing']).toBe(first.result?.['repaired']);
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(Number(first.result?.['missing']));

  const second = await run(worker, 'reconcile', { from: now() - 30 * day });
  expect(second).toMatchObject({ ok: true, result: { missing: 0, stale: 0, repaired: 0 } });
});

test('reconcile repairs a stale row', async () => {
  const world = await worldWithPast(3, { days: 1 });
  const worker = await world.startWorker();
  await run(worker, 'reconcile', { from: now() - 30 * day });
  await handled(world);
  const version = world.google.sheet('Orders').header().indexOf('Version');
  const letter = columnLetter(version);
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${letter}2`, value: 1 });
  expect(await run(worker, 'reconcile', { from: now() - 30 * day })).toMatchObject({
    result: { missing: 0, stale: 0, restored: 1, repaired: 1 },
  });
  await handled(world);
  expect(world.rows('Orders').every((row) => Number(row['Version']) > 1)).toBe(true);
});

test('a restored version of the file is found without a write, by a worker that wrote none of its rows', async () => {
  const world = await worldWithPast(0);
  world.shopee.orders.addPast({ count: 4, from: now() - 40 * day, to: now() - 3600, shopIds: [shopId] });
  await world.enqueue([world.place()]);
  const first = await world.startWorker();
  await run(first, 'reconcile', { from: now() - 60 * day });
  await handled(world);
  const rows = world.rows('Orders');
  const old = rows.find((row) => row['Status'] !== 'COMPLETED' && row['Status'] !== 'CANCELLED')?.['Order SN'];
  world.google.edit({ kind: 'name-version', name: 'before' });
  await world.enqueue([world.advance(String(old))]);
  await handled(world);
  await first.stop();
  const newest = world.rows('Orders').find((row) => row['Order SN'] === old);
  world.google.edit({ kind: 'restore-version', name: 'before' });
  const second = await world.startWorker();
  expect(await run(second, 'reconcile')).toMatchObject({ result: { restored: 1, repaired: 1 } });
  await handled(world);
  expect(world.rows('Orders').find((row) => row['Order SN'] === old)).toMatchObject({ Version: newest?.['Version'] });
  expect(world.rows('Orders')).toHaveLength(rows.length);
  expect(await run(second, 'reconcile')).toMatchObject({ result: { restored: 0 } });
});

test('the deep comparison finds what nobody remembers, oldest first, and goes on where it was interrupted', async () => {
  const world = await worldWithPast(6, { days: 80 });
  const worker = await world.startWorker();
  await run(worker, 'reconcile', { from: now() - 85 * day });
  await handled(world);
  const rows = world.rows('Orders');
  const letter = columnLetter(world.google.sheet('Orders').header().indexOf('Version'));
  await world.redis.del(world.keys.writtenRows(world.google.spreadsheetId));
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${letter}2`, value: 1 });
  expect(await run(worker, 'reconcile')).toMatchObject({ result: { repaired: 0 } });
  expect(await run(worker, 'reconcile-all')).toMatchObject({
    result: { checked: rows.length, missing: 0, stale: 1, repaired: 1, coveredUntil: { [shopId]: expect.any(Number) } },
  });
  await handled(world);
  expect(new Set(world.rows('Orders').map((row) => row['Version']))).toEqual(
    new Set(rows.map((row) => row['Version'])),
  );
  // A run that was stopped leaves how far it came.
  const records = new RedisJobStore({ redis: world.redis, key: world.keys.jobs });
  await records.set('reconcile-all', { ok: false, result: { coveredUntil: { [shopId]: now() - 1 } } });
  expect(await run(worker, 'reconcile-all')).toMatchObject({ result: { checked: 0 } });
});

test('orders that stand twice are merged by a worker that has written none yet', async () => {
  const world = await worldWithPast(3, { days: 1 });
  const first = await world.startWorker();
  await run(first, 'reconcile', { from: now() - 2 * day });
  await handled(world);
  await first.stop();
  const grid = world.google.spreadsheet().sheetByTitle('Orders')?.grid;
  grid?.write(10, 0, world.google.sheet('Orders').rows()[1] ?? []);
  const second = await world.startWorker();
  const count = world.rows('Orders').length;
  expect(await run(second, 'merge-duplicates')).toMatchObject({ ok: true, result: { merged: 1, left: 0 } });
  expect(world.rows('Orders')).toHaveLength(count - 1);
});

test('one unreadable shop does not block the others', async () => {
  const other = 700_000_002;
  const world = await worldWithPast(2, { days: 1, connected: [shopId, other] });
  await world.tokens.revoke(String(other), 'the seller took it back');
  const worker = await world.startWorker();
  const state = await run(worker, 'reconcile', { from: now() - 30 * day });
  expect(state).toMatchObject({ ok: true, result: { failed: { [other]: 'the shop is revoked' } } });
  expect(Number(state.result?.['repaired'])).toBeGreaterThan(0);
});

test('the daily reconciliation reports whether every listed order is in the sheet', async () => {
  const world = await worldWithPast(5, { days: 2 });
  const worker = await world.startWorker();
  const first = await run(worker, 'reconcile-week');
  expect(first).toMatchObject({ ok: true, result: { reconciliation: { listed: 5, inSheet: 0, missing: 5 } } });
  const accounts = await worker.jobs.reports.list();
  expect(accounts.flatMap(({ missing }) => missing)).toHaveLength(5);
  await handled(world);
  expect(await run(worker, 'reconcile-week')).toMatchObject({
    result: { reconciliation: { listed: 5, inSheet: 5, missing: 0 } },
  });
  expect((await worker.jobs.reports.list()).flatMap(({ missing }) => missing)).toEqual([]);
  // Once a day, however often it is run.
  const lines = (await world.outbox()).filter((one) => one.kind === 'alert' && one.key.startsWith('reconciliation:'));
  expect(lines).toMatchObject([{ severity: 'warning', title: '5 orders missing from the sheet' }]);
});

test('the hourly reconcile records the week the first time, then today, by days of the shop’s zone', async () => {
  const world = await worldWithPast(5, { days: 2 });
  const worker = await world.startWorker();
  await run(worker, 'reconcile');
  const dateInZone = (daysAgo: number) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Singapore' }).format(Date.now() - daysAgo * 86_400_000);
  const first = await worker.jobs.reports.list();
  expect(first.map(({ date }) => date)).toEqual(Array.from({ length: 8 }, (_, index) => dateInZone(index)));
  expect(first.reduce((sum, { listed }) => sum + listed, 0)).toBe(5);
  await run(worker, 'reconcile');
  const second = await worker.jobs.reports.list();
  expect(second.map(({ checkedAt }, index) => checkedAt > (first[index]?.checkedAt ?? 0))).toEqual([
    true,
    ...Array.from({ length: 7 }, () => false),
  ]);
});

test('a shop that failed is checked from where it stopped, however long ago', async () => {
  const other = 700_000_002;
  const world = await createWorld({ connected: [shopId, other] });
  const worker = await world.startWorker();
  await run(worker, 'reconcile', { from: now() - 40 * day });
  await world.tokens.revoke(String(other), 'the seller took it back');
  const left = now() - 33 * day;
  const records = new RedisJobStore({ redis: world.redis, key: world.keys.jobs });
  const { goodResult } = await records.get('reconcile');
  await records.set('reconcile', { goodResult: { ...goodResult, coveredUntil: { [shopId]: now(), [other]: left } } });
  // Orders of the time in which nobody could read the shop, at both sides of Shopee's 15 days.
  for (const days of [32, 18, 17.99, 3]) {
    const at = now() - Math.floor(days * day);
    world.shopee.orders.addPast({ count: 1, from: at, to: at, shopIds: [other] });
  }
  expect(await run(worker, 'reconcile')).toMatchObject({ result: { failed: { [other]: expect.any(String) } } });
  expect(await run(worker, 'reconcile')).toMatchObject({ result: { coveredUntil: { [other]: left }, missing: 0 } });
  await world.connect(other);
  expect(await run(worker, 'reconcile')).toMatchObject({ ok: true, result: { missing: 4, failed: {} } });
  expect(await run(worker, 'reconcile')).toMatchObject({ result: { checked: 0 } });
});

test('a shop that failed at a data loss is checked over the whole span later', async () => {
  const other = 700_000_002;
  const world = await createWorld({ connected: [shopId, other] });
  const worker = await world.startWorker();
  await run(worker, 'reconcile');
  const at = now() - 10 * day;
  world.shopee.orders.addPast({ count: 1, from: at, to: at, shopIds: [other] });
  await world.tokens.revoke(String(other), 'the seller took it back');
  await run(worker, 'reconcile', { from: now() - 15 * day, graceSeconds: 0 });
  await world.connect(other);
  expect(await run(worker, 'reconcile')).toMatchObject({ result: { missing: 1, failed: {} } });
});

test('lost pushes are queued and confirmed page by page; known ones are not queued again', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const placed = Array.from({ length: 130 }, () => world.place());
  for (const push of placed) world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(push) });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: true, result: { fetched: 130, queued: 130, pages: 2 } });
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(130);
  expect((await world.outbox()).every((one) => one.kind === 'event' && one.source === 'lost-push')).toBe(true);

  const [again] = placed;
  world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(again) });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ result: { fetched: 1, queued: 0, known: 1 } });
});

test('a page whose confirmation fails is fetched again and queued once', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const push = world.place();
  world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(push) });
  world.shopee.faults.add({ kind: 'http-500', on: 'confirm_consumed', times: 1 });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: false, error: expect.stringContaining('confirm') });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: true, result: { fetched: 1, queued: 0, known: 1 } });
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': snOf(push) }]);
});

test('a truncated page of lost pushes is not confirmed', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const placed = Array.from({ length: 120 }, () => world.place());
  for (const push of placed) world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(push) });
  // The second page: the first one is queued and confirmed by then.
  world.shopee.faults.add({ kind: 'slow', on: 'get_lost_push_message', ms: 1 });
  world.shopee.faults.add({ kind: 'torn', on: 'get_lost_push_message' });
  expect(await run(worker, 'lost-pushes')).toMatchObject({
    ok: false,
    result: { fetched: 100, queued: 100, pages: 1 },
  });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: true, result: { fetched: 20, queued: 20, pages: 1 } });
  await handled(world);
  expect(world.rows('Orders')).toHaveLength(120);
});

test('without Redis a lost push that fails blocks no other and raises an alert', async () => {
  const other = 700_000_002;
  const world = await createWorld(withoutRedis);
  const worker = await world.startWorker();
  const good = [world.place(), world.place()];
  const [first] = good;
  const gone = { ...first, data: { ...first?.data, ordersn: '260101NOTTHERE' } };
  const foreign = world.place(other);
  for (const push of [gone, foreign, ...good]) {
    world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(push) });
  }
  expect(await run(worker, 'lost-pushes')).toMatchObject({
    ok: true,
    result: {
      fetched: 4,
      queued: 2,
      pages: 1,
      failed: {
        [shopId]: expect.stringContaining('260101NOTTHERE'),
        [other]: expect.stringContaining(snOf(foreign)),
      },
    },
  });
  expect(world.rows('Orders').map((row) => row['Order SN'])).toEqual(good.map(snOf));
  const notified = worker.deps.alerts.active().map(({ title }) => title);
  expect(notified).toEqual([expect.stringContaining('260101NOTTHERE'), expect.stringContaining(snOf(foreign))]);
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: true, result: { fetched: 0 } });
});

test('without Redis the lost pushes of an unavailable shop stay at Shopee, and other shops go on', async () => {
  const other = 700_000_002;
  const world = await createWorld({ ...withoutRedis, connected: [shopId, other] });
  const worker = await world.startWorker();
  const [far, near] = [world.place(other), world.place()];
  for (const push of [far, near]) world.shopee.pushes.lost.add({ code: 3, shopId, text: JSON.stringify(push) });
  world.shopee.faults.add({ kind: 'http-500', on: 'get_order_detail' });
  expect(await run(worker, 'lost-pushes')).toMatchObject({ ok: false, result: null });
  expect(world.rows('Orders').map((row) => row['Order SN'])).toEqual([snOf(near)]);
  expect(worker.deps.alerts.active().map(({ key }) => key)).toEqual([]);
});

test('without Redis a failed order blocks no other payout and is named', async () => {
  const world = await createWorld(withoutRedis);
  const worker = await world.startWorker();
  const sns = [snOf(world.place()), snOf(world.place())];
  for (const sn of sns) while (world.shopee.orders.find(sn)?.status !== 'COMPLETED') world.advance(sn);
  for (const sn of sns) world.shopee.orders.release(sn);
  world.shopee.faults.add({ kind: 'error', on: 'get_order_detail', code: 'error_not_found' });
  const state = await run(worker, 'payouts');
  expect(state).toMatchObject({ ok: true, result: { released: 1, coveredUntil: { [shopId]: expect.any(Number) } } });
  const written = world.rows('Orders').map((row) => row['Order SN']);
  expect(written).toHaveLength(1);
  const [missed = ''] = sns.filter((sn) => !written.includes(sn));
  expect(state.result?.['failed']).toEqual({ [shopId]: expect.stringContaining(missed) });
  expect(worker.deps.alerts.active()).toMatchObject([{ title: expect.stringContaining(missed) }]);
  expect(await run(worker, 'payouts', { from: now() - day })).toMatchObject({ result: { released: 2, failed: {} } });
  expect(worker.deps.alerts.active()).toEqual([]);
});

test('without Redis a failed order blocks no other reconciliation and is named', async () => {
  const world = await worldWithPast(5, { ...withoutRedis, days: 1 });
  const worker = await world.startWorker();
  // The first call is the comparison of all five; the second one the first order's own.
  world.shopee.faults.add({ kind: 'slow', on: 'get_order_detail', ms: 1 });
  world.shopee.faults.add({ kind: 'error', on: 'get_order_detail', code: 'error_not_found' });
  const from = now() - 2 * day;
  const state = await run(worker, 'reconcile', { from });
  expect(state).toMatchObject({ ok: true, result: { missing: 5, repaired: 4 } });
  expect(state.result?.['coveredUntil']).toEqual({ [shopId]: state.result?.['to'] });
  expect(Object.keys(state.result?.['failed'] ?? {})).toEqual([String(shopId)]);
  expect(worker.deps.alerts.active()).toHaveLength(1);
  expect(await run(worker, 'reconcile', { from })).toMatchObject({ ok: true, result: { repaired: 1, failed: {} } });
  expect(worker.deps.alerts.active()).toEqual([]);
});

test('payouts write the released amount and its time', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const sn = snOf(world.place());
  while (world.shopee.orders.find(sn)?.status !== 'COMPLETED') world.advance(sn);
  world.shopee.orders.release(sn);
  expect(await run(worker, 'payouts', { from: now() - 14 * day })).toMatchObject({ result: { released: 1 } });
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Order SN': sn, 'Paid out': expect.any(Number) }]);
});

test('a shop whose payouts cannot be read blocks no other and is not refetched repeatedly', async () => {
  const other = 700_000_002;
  const world = await createWorld({ connected: [shopId, other] });
  const worker = await world.startWorker();
  const rejected = () => {
    // The shops are asked in the order of their ids.
    world.shopee.faults.add({ kind: 'slow', on: 'get_escrow_list', ms: 1 });
    world.shopee.faults.add({ kind: 'error', on: 'get_escrow_list', code: 'error_api_permission' });
  };
  rejected();
  const first = await run(worker, 'payouts');
  expect(first).toMatchObject({ ok: true, result: { failed: { [other]: expect.any(String) } } });
  expect(Number(first.nextAt)).toBeGreaterThan(Date.now() + 3_000_000);
  expect(Object.keys(first.result?.['coveredUntil'] ?? {})).toEqual([String(shopId)]);
  expect(Object.keys(first.result?.['pendingCheckedAt'] ?? {})).toEqual([String(shopId)]);
  const second = await run(worker, 'payouts');
  expect(second).toMatchObject({ ok: true, result: { failed: {} } });
  expect(Object.keys(second.result?.['coveredUntil'] ?? {})).toEqual([String(shopId), String(other)]);
});

test('a shop revoked during the reconciliation blocks no other', async () => {
  const other = 700_000_002;
  const world = await createWorld({ connected: [shopId, other] });
  const worker = await world.startWorker();
  // One window of seven days for each shop; then the first shop's first day.
  for (let calls = 0; calls < 2; calls += 1) world.shopee.faults.add({ kind: 'slow', on: 'get_order_list', ms: 1 });
  world.shopee.faults.add({ kind: 'error', on: 'get_order_list', code: 'error_api_permission' });
  expect(await run(worker, 'reconcile-week', { days: 2 })).toMatchObject({
    ok: true,
    result: { failed: { [shopId]: expect.any(String) } },
  });
  const accounts = await worker.jobs.reports.list();
  expect(accounts.map((account) => account.shopId)).toEqual([other, other, other].map(String));
  const lines = (await world.outbox()).filter((one) => one.kind === 'alert' && one.key.startsWith('reconciliation:'));
  expect(lines).toMatchObject([{ text: expect.stringContaining('Not reconciled') }]);
});

test('push-health shows the state of the push subscription', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  expect(await run(worker, 'push-health')).toMatchObject({ ok: true, result: { status: 'normal' } });
  const { health } = world.shopee.pushes;
  for (let count = 0; count < 700; count += 1) health.record(count % 2 === 0);
  expect(await run(worker, 'push-health')).toMatchObject({ result: { status: 'warning' } });
  health.suspend();
  expect(await run(worker, 'push-health')).toMatchObject({
    result: { status: 'suspended', suspendedAt: expect.any(Number) },
  });
});

test('the income of completed orders is refetched until it is released', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const sn = snOf(world.place());
  const { orders } = world.shopee;
  while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
  // Completed, and the money is still to come.
  await world.enqueue([makeStatusPush(sn)]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ Status: 'COMPLETED', 'Paid out at': '' }]);
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${columnOf(world, 'Commission')}2`, value: 99_999 });
  expect(await run(worker, 'payouts')).toMatchObject({ ok: true, result: { released: 0, pending: 1 } });
  await handled(world);
  expect(world.rows('Orders')[0]?.['Commission']).not.toBe(99_999);
  // Once a day.
  expect(await run(worker, 'payouts')).toMatchObject({ result: { pending: 0 } });

  orders.release(sn);
  await vi.waitFor(async () => expect(await run(worker, 'payouts')).toMatchObject({ result: { released: 1 } }), soon);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ 'Paid out at': expect.any(Number) }]);
  expect(await run(worker, 'payouts', { pending: true })).toMatchObject({ result: { pending: 0 } });
});

test('an old release is found again when its row lost it', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  const sns = [world.place(), world.place()].map(snOf);
  const { orders } = world.shopee;
  for (const [index, sn] of sns.entries()) {
    while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
    const record = orders.find(sn);
    if (record !== undefined) record.releaseTime = now() - (index + 3) * 3_600;
  }
  expect(await run(worker, 'payouts')).toMatchObject({ result: { released: 2 } });
  await handled(world);
  const [row] = world.rows('Orders');
  expect(row?.['Paid out at']).toBeGreaterThan(0);
  for (const column of ['Paid out', 'Paid out at']) {
    world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${columnOf(world, column)}2`, value: '' });
  }
  expect(await run(worker, 'payouts', { pending: true })).toMatchObject({ result: { released: 1, pending: 0 } });
  await handled(world);
  expect(world.rows('Orders')[0]).toEqual(row);
});

test('a backfill imports a range of days in full batches', async () => {
  const world = await worldWithPast(230, { days: 3 });
  const worker = await world.startWorker();
  const dry = await run(worker, 'backfill', { from: now() - 4 * day, dryRun: true });
  expect(dry).toMatchObject({ ok: true, result: { dryRun: true, listed: 230, missing: 230, written: 0 } });
  expect(world.rows('Orders')).toHaveLength(0);

  const state = await run(worker, 'backfill', { from: now() - 4 * day });
  expect(state).toMatchObject({ ok: true, result: { listed: 230, written: 230, failed: 0, share: 1 } });
  expect(world.rows('Orders')).toHaveLength(230);
  expect(await world.outbox()).toEqual([]);
});

test('truncated pages and a rate limit do not end a backfill, and live events have priority', async () => {
  const world = await worldWithPast(400, { days: 4, shopee: { settings: { latencyMs: 60 } } });
  const worker = await world.startWorker();
  world.shopee.faults.add({ kind: 'torn', on: 'get_order_list', times: 2 });
  world.shopee.faults.add({ kind: 'rate-limit', on: 'get_order_detail', times: 1 });
  expect(await worker.jobs.runner.run('backfill', { from: now() - 5 * day })).toBe('started');
  const live = world.place();
  await world.enqueue([live]);
  await handled(world);
  const backfill = async () => (await worker.jobs.runner.list()).find(({ name }) => name === 'backfill');
  expect(await backfill()).toMatchObject({ running: true });
  expect(world.rows('Orders').map((row) => row['Order SN'])).toContain(snOf(live));
  await worker.jobs.runner.settled();
  // The live order is as young as the end of the range.
  expect(await backfill()).toMatchObject({ ok: true, result: { failed: 0, share: 1 } });
  expect(world.rows('Orders')).toHaveLength(401);
});

test('a shop revoked during a backfill is skipped with the reason, and the others are imported', async () => {
  const other = 700_000_002;
  const latency = { settings: { latencyMs: 40 } };
  const world = await worldWithPast(80, { days: 40, shopee: latency, connected: [shopId, other] });
  world.shopee.orders.addPast({ count: 5, from: now() - 2 * day, to: now() - 3600, shopIds: [other] });
  const worker = await world.startWorker();
  await worker.jobs.runner.run('backfill', { from: now() - 41 * day });
  await vi.waitFor(() => expect(world.rows('Orders').length).toBeGreaterThan(0), soon);
  world.shopee.tokens.deauthorize(shopId);
  await worker.jobs.runner.settled();
  const state = (await worker.jobs.runner.list()).find(({ name }) => name === 'backfill');
  expect(state).toMatchObject({ ok: true, result: { failedShops: { [shopId]: expect.any(String) }, share: 1 } });
  expect(world.rows('Orders').filter((row) => row['Shop ID'] === String(other))).toHaveLength(5);
  expect(world.rows('Orders').length).toBeLessThan(85);
});

test('a backfill restores nothing of an erased buyer', async () => {
  const world = await worldWithPast(3, { days: 1 });
  const [order] = [...world.shopee.orders.records()];
  if (order === undefined) throw new Error('no order');
  await new ErasureRequests({ redis: world.redis, keys: world.keys }).add([order.sn]);
  const worker = await world.startWorker();
  await run(worker, 'backfill', { from: now() - 2 * day });
  const rows = world.rows('Orders');
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row['Recipient'] === '').toBe(row['Order SN'] === order.sn);
});

test('a stopped backfill resumes where it was', async () => {
  // Eight pages are in flight at once, a day fills at least one: many days need many flushes, a second apart.
  const world = await worldWithPast(80, { days: 40, shopee: { settings: { latencyMs: 40 } } });
  const from = now() - 41 * day;
  // In the second that each day shares with the next one.
  for (let days = 1; days <= 40; days += 1) {
    const at = from + days * day;
    world.shopee.orders.addPast({ count: 1, from: at, to: at, shopIds: [shopId] });
  }
  const worker = await world.startWorker();
  await worker.jobs.runner.run('backfill', { from });
  await vi.waitFor(() => expect(world.rows('Orders').length).toBeGreaterThan(0), soon);
  await worker.jobs.runner.stop();
  const stopped = (await worker.jobs.runner.list()).find(({ name }) => name === 'backfill');
  expect(stopped).toMatchObject({ ok: false, error: expect.stringContaining('stopped at') });
  const already = world.rows('Orders').length;
  expect(already).toBeLessThan(120);

  const second = await world.startWorker((config) => ({ ...config, workerId: 'second' }));
  const state = await run(second, 'backfill', { from });
  expect(state).toMatchObject({ ok: true, result: { share: 1 } });
  expect(world.rows('Orders')).toHaveLength(120);
  // What was done before is counted once.
  expect(state).toMatchObject({ result: { listed: 120, written: 120, failed: 0 } });
});

test('two workers never run the same job at once', async () => {
  const world = await worldWithPast(60, { days: 1, shopee: { settings: { latencyMs: 100 } } });
  const [one, two] = [await world.startWorker(), await world.startWorker((config) => ({ ...config, workerId: 'two' }))];
  const begun = await Promise.all([
    one.jobs.runner.run('reconcile', { from: now() - 30 * day }),
    two.jobs.runner.run('reconcile', { from: now() - 30 * day }),
    one.jobs.runner.run('reconcile', { from: now() - 30 * day }),
  ]);
  expect(begun.toSorted()).toEqual(['busy', 'busy', 'started']);
  expect(await one.jobs.runner.run('no-such-job')).toBe('unknown');
  await Promise.all([one.jobs.runner.settled(), two.jobs.runner.settled()]);
});

test('a deleted tab is created again and filled from Shopee', async () => {
  const world = await createWorld();
  await world.startWorker();
  const pushes = Array.from({ length: 4 }, () => world.place());
  await world.enqueue(pushes);
  await handled(world);
  world.google.edit({ kind: 'delete-tab', tab: 'Orders' });
  await world.enqueue([world.advance(snOf(pushes[0] ?? { data: {}, code: 3 }))]);
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(4), soon);
});

test('a return of an unavailable shop blocks no other and is not requested endlessly', async () => {
  const other = 700_000_002;
  const world = await createWorld({
    connected: [shopId, other],
    config: (config) => ({ ...config, orderEventCodes: [3, 4, 29] }),
  });
  await world.startWorker();
  // Returns are reported in the order of their rows: the other shop's stands between two.
  for (const shop of [shopId, other, shopId]) {
    await world.enqueue(requestReturn(world, shop));
    await handled(world);
  }
  await world.tokens.revoke(String(other), 'the seller took it back');
  world.google.edit({ kind: 'delete-tab', tab: 'Returns' });
  await world.enqueue(requestReturn(world, shopId));
  await vi.waitFor(() => expect(world.rows('Returns')).toHaveLength(3), soon);
  await handled(world);
  await vi.waitFor(async () => {
    const before = world.shopee.calls.length;
    // As long as several flushes.
    await sleep(4_000);
    expect(world.shopee.calls.length).toBe(before);
  }, soon);
});

/** The pushes of a new return of a new order. */
function requestReturn(world: World, shop: number) {
  const { orders } = world.shopee;
  const sn = snOf(world.place(shop));
  while (orders.find(sn)?.status !== 'TO_CONFIRM_RECEIVE') orders.advance(sn);
  return orders.requestReturn(sn).pushes.filter(({ code }) => code === 29);
}

function makeStatusPush(sn: string) {
  const data = { ordersn: sn, status: 'COMPLETED', update_time: now(), items: [] };
  return { code: 3, shop_id: shopId, timestamp: now(), data };
}

function columnOf(world: World, header: string): string {
  return columnLetter(world.google.sheet('Orders').header().indexOf(header));
}

function columnLetter(index: number): string {
  const rest = index % 26;
  const letter = String.fromCharCode(65 + rest);
  return index < 26 ? letter : columnLetter(Math.floor(index / 26) - 1) + letter;
}
