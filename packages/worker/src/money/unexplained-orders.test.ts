import { escrowSchema, incomeOf } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { UnexplainedOrders } from './unexplained-orders.ts';

const hourMs = 3_600_000;
const incomeWith = (income: Record<string, unknown>) =>
  incomeOf(escrowSchema.parse({ order_sn: '1', order_income: income }), 'COMPLETED');
const closed = incomeWith({ original_cost_of_goods_sold: 10, escrow_amount: 10 });
const unexplained = (fields = {}) => incomeWith({ original_cost_of_goods_sold: 10, escrow_amount: 9, ...fields });

function setUp() {
  const clock = { ms: 0 };
  const active = new Map<string, string>();
  const orders = new UnexplainedOrders({
    alerts: {
      raise: async (key, { text }) => void active.set(key, text),
      resolve: async (key) => void active.delete(key),
      isActive: (key) => active.has(key),
    },
    monotonicMs: () => clock.ms,
  });
  return { orders, active, clock };
}

test('an alert names the fields, and no amount, once a shop has many within a day', async () => {
  const { orders, active } = setUp();
  for (const sn of ['A', 'B', 'C', 'D']) orders.record('7', sn, unexplained());
  orders.record('8', 'A', unexplained());
  await orders.check();
  expect([...active.keys()]).toEqual([]);
  orders.record('7', 'E', unexplained({ new_fee_2027: 12_345 }));
  await orders.check();
  expect([...active.keys()]).toEqual(['unexplained:7']);
  expect(active.get('unexplained:7')).toMatch(/^5 orders .*“Unexplained”.*new_fee_2027/);
  expect(active.get('unexplained:7')).not.toContain('12345');
});

test('one order counts once however often it is written, and no more once it adds up', () => {
  const { orders } = setUp();
  for (let n = 0; n < 9; n += 1) orders.record('7', 'A', unexplained());
  orders.record('7', 'B', closed);
  orders.record('7', 'C', incomeWith({}));
  expect([...orders.counts()]).toEqual([['7', 1]]);
  orders.record('7', 'A', closed);
  expect([...orders.counts()]).toEqual([['7', 0]]);
});

test('it resolves a day later, and not while it hovers at the threshold', async () => {
  const { orders, active, clock } = setUp();
  for (const sn of ['A', 'B']) orders.record('7', sn, unexplained());
  clock.ms = 12 * hourMs;
  for (const sn of ['C', 'D', 'E']) orders.record('7', sn, unexplained());
  await orders.check();
  clock.ms = 25 * hourMs;
  await orders.check();
  expect([...orders.counts()]).toEqual([['7', 3]]);
  expect(active.size).toBe(1);
  clock.ms = 37 * hourMs;
  await orders.check();
  expect(active.size).toBe(0);
});
