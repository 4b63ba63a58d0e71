import type { OrderSides } from '@shopee-webhook/runtime';
import { ordersColumns } from '../columns.ts';
import { errorText, OrderNotFoundError } from '../errors.ts';
import type { Fetched } from '../orders/order-fetcher.ts';
import type { GoogleClient } from '../sheets/google-client.ts';
import { orderView } from './order-view.ts';
import { findRows } from './row-finder.ts';
import { rowLink, shown, visible } from './row-view.ts';

export interface OrderSidesOptions {
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, Fetched>>;
  google: Pick<GoogleClient, 'open'>;
  spreadsheetOf: (shopId: string) => string | undefined;
}

export interface Asked {
  shop: string;
  sn: string;
}

/** What Shopee and the sheet say of an order, each in its own words when it says nothing. */
export async function orderSides(options: OrderSidesOptions, asked: Asked): Promise<OrderSides> {
  const [shopee, sheet] = await Promise.all([atShopee(options, asked), inSheet(options, asked)]);
  return { shopee, sheet };
}

async function atShopee({ fetch }: OrderSidesOptions, { shop, sn }: Asked): Promise<OrderSides['shopee']> {
  try {
    const found = (await fetch(shop, [sn])).get(sn) ?? { error: new OrderNotFoundError(sn) };
    if ('error' in found) return { order: null, error: errorText(found.error) };
    return { order: orderView(found), error: null };
  } catch (error) {
    return { order: null, error: errorText(error) };
  }
}

/** The order's own row. */
export async function inSheet(
  { google, spreadsheetOf }: Pick<OrderSidesOptions, 'google' | 'spreadsheetOf'>,
  { shop, sn }: Asked,
): Promise<OrderSides['sheet']> {
  const spreadsheetId = spreadsheetOf(shop);
  if (spreadsheetId === undefined) return { row: null, error: 'SPREADSHEET_ID names no spreadsheet for this shop' };
  try {
    const { rows } = await findRows(google, spreadsheetId, [{ tab: 'Orders', key: `${shop}:${sn}` }]);
    const [found] = rows;
    if (found === undefined) return { row: null, error: null };
    const cells = visible(ordersColumns).map(({ id, header, kind }) => ({
      column: id,
      title: header,
      value: shown(found.cells[id], kind),
    }));
    return { row: { row: found.row, link: rowLink(spreadsheetId, found), cells }, error: null };
  } catch (error) {
    return { row: null, error: errorText(error) };
  }
}
