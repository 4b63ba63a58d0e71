import { escrowSchema, incomeOf, orderDetailSchema, ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { RejectedOrderError, UpstreamUnavailableError } from '../upstreams/errors.ts';
import { ShopeeOrders } from './shopee-orders.ts';

const shopId = '7';
const inner = new ShopeeError({ code: 'error_inner', detail: '', path: '/x', kind: 'retry-later', isDocumented: true, httpStatus: 200 }); // prettier-ignore
const odd = new ShopeeError({ code: 'error_of_2027', detail: '', path: '/x', kind: 'retry-later', isDocumented: false, httpStatus: 200 }); // prettier-ignore

const settled = { original_cost_of_goods_sold: 10, escrow_amount: 10 };

/** A Shopee that fails whenever one of these orders is requested; `served` was fetched before. */
async function setUp(failing: {
  details?: string[];
  escrows?: string[];
  oddEscrows?: number;
  served?: string;
  status?: string;
  income?: object;
  singles?: Map<string, ShopeeError>;
}) {
  const { details = [], escrows = [], served } = failing;
  const calls = { details: 0, escrows: 0, single: 0 };
  const singles = failing.singles ?? new Map<string, ShopeeError>();
  let odds = failing.oddEscrows ?? 0;
  const raised: string[] = [];
  const source = new ShopeeOrders({
    shopee: {
      getOrderDetail: async (_auth: unknown, sns: readonly string[]) => {
        calls.details += 1;
        if (sns.some((sn) => details.includes(sn))) throw inner;
        return sns.map((sn) => ({
          ...orderDetailSchema.parse({ order_sn: sn, order_status: failing.status ?? 'UNPAID', update_time: 1 }),
          shop_id: shopId,
        }));
      },
      getReturnDetail: unused,
      getEscrowDetail: async (_auth: unknown, sn: string) => {
        calls.single += 1;
        const error = singles.get(sn);
        if (error !== undefined) throw error;
        return escrowSchema.parse({ order_sn: sn, order_income: { ...settled, total_adjustment_amount: -2 } });
      },
      getTrackingNumber: unused,
      getEscrowDetails: async (_auth: unknown, sns: readonly string[]) => {
        calls.escrows += 1;
        odds -= 1;
        if (odds >= 0 || sns.some((sn) => escrows.includes(sn))) throw odd;
        return new Map(sns.map((sn) => [sn, escrowSchema.parse({ order_sn: sn, order_income: failing.income ?? {} })]));
      },
    },
    accessTokens: {
      withToken: async <T>(shop: string, call: (auth: { shopId: string; accessToken: string }) => Promise<T>) =>
        call({ shopId: shop, accessToken: '' }),
      getTokens: unused,
    },
    alerts: {
      raise: async (key, { title }) => void raised.push(`${key} ${title}`),
      resolve: async () => undefined,
    },
    erasedBuyers: { has: () => false, redact: (orders) => orders },
  });
  if (served !== undefined) await source.fetchOrders(shopId, [served]);
  calls.details = calls.escrows = 0;
  return { calls, raised, fetch: (sns: readonly string[]) => source.fetchOrders(shopId, sns) };
}

async function unused(): Promise<never> {
  return expect.unreachable('not called');
}

const fifty = Array.from({ length: 50 }, (_, number) => `N${String(number)}`);

test.each([undefined, 'OLD'])(
  'one order that is always "later" is rejected alone (fetched before: %s)',
  async (served) => {
    const { fetch } = await setUp({ details: ['N3'], ...(served === undefined ? {} : { served }) });
    const fetched = [...(await fetch(fifty))];
    expect(fetched.filter(([, result]) => 'error' in result)).toEqual([
      ['N3', { error: new RejectedOrderError(inner) }],
    ]);
    expect(fetched).toHaveLength(50);
  },
);

test('when every order fails, it is an outage, although an earlier order is still served', async () => {
  const { fetch } = await setUp({ details: fifty, served: 'OLD' });
  await expect(fetch(fifty)).rejects.toThrow(UpstreamUnavailableError);
});

test('an escrow that keeps failing costs its order’s income, no other’s, and raises an alert', async () => {
  const { fetch, calls, raised } = await setUp({ escrows: ['N3'] });
  const fetched = await fetch(fifty);
  const without = [...fetched].filter(([, result]) => 'order' in result && result.escrow === undefined);
  expect(without).toMatchObject([['N3', { escrowError: odd.message }]]);
  expect(raised).toEqual(['escrow:7 Shop 7: escrow cannot be read']);
  expect(calls.details).toBe(1);
  expect(calls.escrows).toBeLessThanOrEqual(16);
});

test('a transient escrow error costs no income', async () => {
  for (const sns of [fifty, ['N1']]) {
    const { fetch } = await setUp({ oddEscrows: 1 });
    expect([...(await fetch(sns)).values()].every((result) => 'order' in result && result.escrow !== undefined)).toBe(
      true,
    );
  }
});

test('when every escrow fails, orders are written without income after few calls', async () => {
  const { fetch, calls } = await setUp({ oddEscrows: Infinity });
  const fetched = [...(await fetch(fifty)).values()];
  expect(fetched).toHaveLength(50);
  expect(fetched.every((result) => 'order' in result && result.escrowError === odd.message)).toBe(true);
  expect(calls).toEqual({ details: 1, escrows: 16, single: 0 });
});

const finalAmounts = (fetched: Awaited<ReturnType<Awaited<ReturnType<typeof setUp>>['fetch']>>) =>
  [...fetched.values()].map((result) =>
    'order' in result && result.escrow !== undefined
      ? incomeOf(result.escrow, result.order.order_status).amounts.escrow_amount_after_adjustment
      : 'none',
  );

test('the escrow of a completed order whose adjustments the batch call leaves out is requested by itself', async () => {
  const { fetch, calls } = await setUp({ status: 'COMPLETED', income: settled });
  expect(new Set(finalAmounts(await fetch(fifty)))).toEqual(new Set([8]));
  expect(calls).toEqual({ details: 1, escrows: 1, single: 50 });
});

test.each([
  ['before its completion', { status: 'SHIPPED', income: settled }, 10],
  [
    'when the batch call says what was adjusted',
    { status: 'COMPLETED', income: { ...settled, total_adjustment_amount: 0 } },
    10,
  ],
  ['while it has no escrow', { status: 'COMPLETED', income: {} }, undefined],
])('no order is requested by itself %s', async (_, world, final) => {
  const { fetch, calls } = await setUp(world);
  expect(finalAmounts(await fetch(['N1']))).toEqual([final]);
  expect(calls.single).toBe(0);
});

test('an order whose adjustments cannot be read has no final amount, and says why; the others have theirs', async () => {
  const { fetch, raised } = await setUp({ status: 'COMPLETED', income: settled, singles: new Map([['N1', odd]]) });
  const fetched = await fetch(['N0', 'N1', 'N2']);
  expect(finalAmounts(fetched)).toEqual([8, undefined, 8]);
  expect(fetched.get('N1')).toMatchObject({ escrowError: `adjustments: ${odd.message}` });
  expect(raised).toEqual(['escrow:7 Shop 7: escrow cannot be read']);
});
