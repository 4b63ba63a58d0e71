import { returnSnOf, type ShopeeClient } from '@shopee-webhook/shopee';
import type { SheetRow } from '../columns.ts';
import { addStep, type OrderGroup, type Task } from '../deliveries/task.ts';
import { shopOutageOf, throwOfOneOrder } from '../outages/side-outages.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import { itemRows } from './item-rows.ts';
import type { Fetched } from './order-fetcher.ts';
import { orderRow, type FetchedOrder, type ShopTarget } from './order-row.ts';
import { payoutOf } from './push-facts.ts';
import { returnRow } from './return-row.ts';
import { trackingOf } from './tracking.ts';

export interface OrderLoaderOptions {
  /** Fetches orders with their escrow; see fetchOrders. */
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, Fetched>>;
  /** Orders whose buyer asked to be forgotten: what he wrote of a return is left out too. */
  isForgotten?: (orderSn: string) => boolean;
  shopee: Pick<ShopeeClient, 'getReturnDetail' | 'getTrackingNumber'>;
  keeper: Pick<TokenKeeper, 'use' | 'tokensOf'>;
}

/** An order ready to be written, or what is wrong with it. */
export type LoadedOrder = { orderSn: string; tasks: Task[] } & (
  { fetched: FetchedOrder; rows: SheetRow[] } | { error: unknown }
);

const returnCode = 29;

/** Fetches the orders of a shop and makes their rows. Throws when the shop's side cannot serve us now. */
export async function loadOrders(
  options: OrderLoaderOptions,
  target: { shopId: string; spreadsheetId: string },
  groups: readonly OrderGroup[],
): Promise<LoadedOrder[]> {
  const startedAt = Date.now();
  const { shopName } = await options.keeper.tokensOf(target.shopId);
  const orderSns = groups.map(({ orderSn }) => orderSn);
  const fetched = await options.fetch(target.shopId, orderSns);
  const shop = { ...target, shopName };
  return Promise.all(
    groups.map(async (group) => {
      const loaded = await loadOrder(options, shop, group, fetched.get(group.orderSn));
      const step = { step: 'fetched', at: Date.now(), ms: Date.now() - startedAt } as const;
      if ('rows' in loaded) for (const task of group.tasks) addStep(task, step);
      return loaded;
    }),
  );
}

/** What is wrong with one order's data is that order's error; what is wrong with the side is everybody's. */
async function loadOrder(
  options: OrderLoaderOptions,
  shop: ShopTarget,
  group: OrderGroup,
  fetched: Fetched | undefined,
): Promise<LoadedOrder> {
  try {
    if (fetched === undefined) throw new Error('not fetched');
    if ('error' in fetched) throw fetched.error;
    const pushes = group.tasks.map(({ push }) => push);
    const trackingNumbers = await trackingOf(options, fetched.order, pushes);
    const order: FetchedOrder = { ...fetched, trackingNumbers, payout: payoutOf(pushes) };
    const returnRows = await loadReturns(options, shop, group);
    return { ...group, fetched: order, rows: [orderRow(shop, order), ...itemRows(shop, order), ...returnRows] };
  } catch (error) {
    if (shopOutageOf(error) !== undefined) throw error;
    return { ...group, error };
  }
}

/** The rows of the returns that pushes with code 29 name. Shopee has no batch call for them. */
async function loadReturns(
  { keeper, shopee, isForgotten = () => false }: OrderLoaderOptions,
  shop: ShopTarget,
  { orderSn, tasks }: OrderGroup,
): Promise<SheetRow[]> {
  const named = tasks.filter(({ push }) => push.code === returnCode).map(({ push }) => returnSnOf(push));
  const returnSns = new Set(named.filter((sn) => sn !== undefined));
  return Promise.all(
    [...returnSns].map(async (sn) => {
      const detail = await keeper.use(shop.shopId, (auth) => shopee.getReturnDetail(auth, sn)).catch(throwOfOneOrder);
      return returnRow(shop, isForgotten(orderSn) ? { ...detail, text_reason: undefined } : detail);
    }),
  );
}
