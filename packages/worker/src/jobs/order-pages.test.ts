import { describe, expect, test } from 'vitest';
import { orderPages, type OrderPage, type OrderPagesDeps } from './order-pages.ts';

type Listed = Awaited<ReturnType<OrderPagesDeps['shopee']['getOrderList']>>;

/** All pages of a span of one day, where Shopee responds by the cursor. */
async function pagesOf(responseTo: (cursor: string) => Listed): Promise<OrderPage[]> {
  const auth = { shopId: '1', accessToken: 'token' };
  const deps: OrderPagesDeps = {
    shopee: { getOrderList: async (_, { cursor = '' }) => responseTo(cursor) },
    accessTokens: { withToken: async (_, call) => call(auth) },
  };
  const pages: OrderPage[] = [];
  for await (const page of orderPages(deps, '1', { from: 0, to: 86_400, field: 'update_time' })) pages.push(page);
  return pages;
}

const page = (sn: string, next_cursor: string): Listed => ({ order_list: [{ order_sn: sn }], more: true, next_cursor });

describe('the pages of a list of orders', () => {
  test('follow the cursor to the last one', async () => {
    const pages = await pagesOf((cursor) =>
      cursor === '' ? page('A', '100') : { order_list: [{ order_sn: 'B' }], more: false, next_cursor: '200' },
    );
    expect(pages.map(({ orders }) => orders[0]?.sn)).toEqual(['A', 'B']);
  });

  test.each([
    ['the cursor just given', () => page('A', '100')],
    ['an earlier one', (cursor: string) => page('A', cursor === '100' ? '200' : '100')],
  ])('end with an error when Shopee repeats %s', async (_, responseTo) => {
    await expect(pagesOf(responseTo)).rejects.toThrow('Shopee repeats the cursor of a page of orders');
  });

  test('are one without orders where there are none', async () => {
    expect(await pagesOf(() => ({ order_list: [] }))).toMatchObject([{ orders: [], cursor: '' }]);
  });
});
