import { type Escrow, orderDetailSchema, ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { RejectedOrderError, UpstreamUnavailableError } from '../consumer/errors.ts';
import { fetchOrders } from './order-fetcher.ts';

const shopId = '7';
const inner = new ShopeeError({ code: 'error_inner', detail: '', path: '/x', kind: 'retry-later', isDocumented: true, httpStatus: 200 }); // prettier-ignore
const odd = new ShopeeError({ code: 'error_of_2027', detail: '', path: '/x', kind: 'retry-later', isDocumented: false, httpStatus: 200 }); // prettier-ignore

/** A Shopee that fails whenever one of these orders is asked for; `served` was fetched before. */
function setUp(failing: { details?: string[]; escrows?: string[]; oddEscrows?: number; served?: string }) {
  const { details = [], escrows = [], served } = failing;
  const calls = { details: 0, escrows: 0 };
  let odds = failing.oddEscrows ?? 0;
  const options = {
    shopee: {
      getOrderDetail: async (_auth: unknown, sns: readonly string[]) => {
        calls.details += 1;
        if (sns.some((sn) => details.includes(sn))) throw inner;
        return sns.map((sn) => ({
          ...orderDetailSchema.parse({ order_sn: sn, order_status: 'UNPAID', update_time: 1 }),
          shop_id: shopId,
        }));
      },
      getEscrowDetails: async (_auth: unknown, sns: readonly string[]) => {
        calls.escrows += 1;
        odds -= 1;
        if (odds >= 0 || sns.some((sn) => escrows.includes(sn))) throw odd;
        return new Map(sns.map((sn) => [sn, { order_sn: sn } as Escrow]));
      },
    },
    accessTokens: {
      withToken: async <T>(shop: string, call: (auth: { shopId: string; accessToken: string }) => Promise<T>) =>
        call({ shopId: shop, accessToken: '' }),
    },
    onEscrow: () => undefined,
    lastFetched: new Map(served === undefined ? [] : [[shopId, served]]),
  };
  return { calls, fetch: (sns: readonly string[]) => fetchOrders(options, shopId, sns) };
}

const fifty = Array.from({ length: 50 }, (_, number) => `N${String(number)}`);

test.each([undefined, 'OLD'])(
  'one order that is always "later" is that order’s fault (served before: %s)',
  async (served) => {
    const { fetch } = setUp({ details: ['N3'], ...(served === undefined ? {} : { served }) });
    const fetched = [...(await fetch(fifty))];
    expect(fetched.filter(([, result]) => 'error' in result)).toEqual([
      ['N3', { error: new RejectedOrderError(inner) }],
    ]);
    expect(fetched).toHaveLength(50);
  },
);

test('when all of many are, it is Shopee’s, although it serves an order from before', async () => {
  const { fetch } = setUp({ details: fifty, served: 'OLD' });
  await expect(fetch(fifty)).rejects.toThrow(UpstreamUnavailableError);
});

test('an escrow that stays odd costs its order’s income, and no other’s', async () => {
  const { fetch, calls } = setUp({ escrows: ['N3'] });
  const fetched = await fetch(fifty);
  const without = [...fetched].filter(([, result]) => 'order' in result && result.escrow === undefined);
  expect(without.map(([sn]) => sn)).toEqual(['N3']);
  expect(calls.details).toBe(1);
  expect(calls.escrows).toBeLessThanOrEqual(16);
});

test('an odd answer that passes costs nobody’s income', async () => {
  for (const sns of [fifty, ['N1']]) {
    const { fetch } = setUp({ oddEscrows: 1 });
    expect([...(await fetch(sns)).values()].every((result) => 'order' in result && result.escrow !== undefined)).toBe(
      true,
    );
  }
});

test('when all escrows are odd, orders are written without income after few calls', async () => {
  const { fetch, calls } = setUp({ oddEscrows: Infinity });
  expect(await fetch(fifty)).toHaveLength(50);
  expect(calls).toEqual({ details: 1, escrows: 16 });
});
