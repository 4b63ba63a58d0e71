import { expect, test } from 'vitest';
import { FirstOrders } from './first-orders.ts';

const report = (shopId: string, listed: number) => ({
  shopId,
  listed,
  date: '2026-11-30',
  checkedAt: 0,
  inSheet: listed,
  missing: [],
});

test('a shop’s first orders are due once, when they are old enough to be listed', async () => {
  let now = 1_000;
  const orders = new FirstOrders(() => now);
  const reports = async () => [report('1', 0), report('2', 9)];
  expect(await orders.areUnreported(60_000, reports)).toBe(false);
  orders.record('1');
  now += 59_000;
  orders.record('1');
  expect(await orders.areUnreported(60_000, reports)).toBe(false);
  now += 1_000;
  expect(await orders.areUnreported(60_000, reports)).toBe(true);
  orders.record('1');
  now += 60_000;
  expect(await orders.areUnreported(60_000, reports)).toBe(false);
});

test('a shop whose orders a report lists already is not due, and a failed read is repeated', async () => {
  let now = 0;
  const orders = new FirstOrders(() => now);
  orders.record('2');
  now += 60_000;
  await expect(orders.areUnreported(60_000, () => Promise.reject(new Error('no Redis')))).rejects.toThrow('no Redis');
  expect(await orders.areUnreported(60_000, async () => [report('2', 9)])).toBe(false);
});
