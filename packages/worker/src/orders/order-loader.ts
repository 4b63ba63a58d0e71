import { returnSnOf, type ShopeeClient } from '@shopee-webhook/shopee';
import type { SheetRow } from '../report/columns.ts';
import { recordActivity, type OrderGroup, type ParsedEvent } from '../consumer/parsed-event.ts';
import { classifyShopError, rethrowOrderSpecific } from '../upstreams/classify-outage.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import { itemRows } from './item-rows.ts';
import type { FetchResult } from './order-fetcher.ts';
import { orderRow, type FetchedOrder, type ShopTarget } from './order-row.ts';
import { payoutFrom } from './push-fields.ts';
import { returnRow } from './return-row.ts';
import { fetchTrackingNumbers } from './tracking.ts';

export interface OrderLoaderDeps {
  /** Fetches orders with their escrow; see fetchOrders. */
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, FetchResult>>;
  /** Orders whose buyer asked to be forgotten: what he wrote of a return is left out too. */
  isErased?: (orderSn: string) => boolean;
  shopee: Pick<ShopeeClient, 'getReturnDetail' | 'getTrackingNumber'>;
  accessTokens: Pick<AccessTokens, 'withToken' | 'getTokens'>;
}

/** An order ready to be written, or what is wrong with it. */
export type LoadedOrder = { orderSn: string; events: ParsedEvent[] } & (
  { fetched: FetchedOrder; rows: SheetRow[] } | { error: unknown }
);

const returnCode = 29;

/** Fetches the orders of a shop and makes their rows. Throws when the shop's side cannot serve us now. */
export async function loadOrders(
  options: OrderLoaderDeps,
  target: { shopId: string; spreadsheetId: string },
  groups: readonly OrderGroup[],
): Promise<LoadedOrder[]> {
  const startedAt = Date.now();
  const { shopName } = await options.accessTokens.getTokens(target.shopId);
  const orderSns = groups.map(({ orderSn }) => orderSn);
  const fetched = await options.fetch(target.shopId, orderSns);
  const shop = { ...target, shopName };
  return Promise.all(
    groups.map(async (group) => {
      const loaded = await loadOrder(options, shop, group, fetched.get(group.orderSn));
      const step = { step: 'fetched', at: Date.now(), ms: Date.now() - startedAt } as const;
      if ('rows' in loaded) for (const task of group.events) recordActivity(task, step);
      return loaded;
    }),
  );
}

/** What is wrong with one order's data is that order's error; what is wrong with the side is everybody's. */
async function loadOrder(
  options: OrderLoaderDeps,
  shop: ShopTarget,
  group: OrderGroup,
  fetched: FetchResult | undefined,
): Promise<LoadedOrder> {
  try {
    if (fetched === undefined) throw new Error('not fetched');
    if ('error' in fetched) throw fetched.error;
    const pushes = group.events.map(({ push }) => push);
    const trackingNumbers = await fetchTrackingNumbers(options, fetched.order, pushes);
    const order: FetchedOrder = { ...fetched, trackingNumbers, payout: payoutFrom(pushes) };
    const returnRows = await loadReturns(options, shop, group);
    return { ...group, fetched: order, rows: [orderRow(shop, order), ...itemRows(shop, order), ...returnRows] };
  } catch (error) {
    if (classifyShopError(error) !== undefined) throw error;
    return { ...group, error };
  }
}

/** The rows of the returns that pushes with code 29 name. Shopee has no batch call for them. */
async function loadReturns(
  { accessTokens, shopee, isErased = () => false }: OrderLoaderDeps,
  shop: ShopTarget,
  { orderSn, events }: OrderGroup,
): Promise<SheetRow[]> {
  const named = events.filter(({ push }) => push.code === returnCode).map(({ push }) => returnSnOf(push));
  const returnSns = new Set(named.filter((sn) => sn !== undefined));
  return Promise.all(
    [...returnSns].map(async (sn) => {
      const detail = await accessTokens
        .withToken(shop.shopId, (auth) => shopee.getReturnDetail(auth, sn))
        .catch(rethrowOrderSpecific);
      return returnRow(shop, isErased(orderSn) ? { ...detail, text_reason: undefined } : detail);
    }),
  );
}
