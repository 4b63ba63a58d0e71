import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { AccessTokens } from '../shops/access-tokens.ts';

export interface OrderPagesDeps {
  shopee: Pick<ShopeeClient, 'getOrderList'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
}

export interface ListedOrder {
  sn: string;
  status: string | undefined;
}

/** One page of a shop's orders, with the cursor of the next one. */
export interface OrderPage {
  orders: ListedOrder[];
  /** The page's time window, unix seconds. */
  from: number;
  to: number;
  /** Of the next page in this window; '' after the last. */
  cursor: string;
}

/** Shopee lists at most 100 orders a call, 15 days at once (page v2.order.get_order_list). */
const pageSize = 100;

/** All orders of a shop within the span (unix seconds), page by page, oldest window first. */
export async function* orderPages(
  { shopee, accessTokens }: OrderPagesDeps,
  shopId: string,
  span: { from: number; to: number; field: 'create_time' | 'update_time'; cursor?: string; windowSeconds?: number },
): AsyncGenerator<OrderPage> {
  let cursor = span.cursor ?? '';
  for (const { from, to } of timeWindows(span.from, span.to, span.windowSeconds)) {
    const seen = new Set([cursor]);
    for (;;) {
      const query = { from, to, field: span.field, pageSize, ...(cursor === '' ? {} : { cursor }) };
      const page = await accessTokens.withToken(shopId, (auth) => shopee.getOrderList(auth, query));
      const orders = page.order_list.map((order) => ({ sn: order.order_sn, status: order.order_status }));
      const next = page.more === true ? (page.next_cursor ?? '') : '';
      if (next !== '' && seen.has(next)) throw new Error('Shopee repeats the cursor of a page of orders');
      seen.add(next);
      cursor = next;
      yield { orders, from, to, cursor };
      if (cursor === '') break;
    }
  }
}
