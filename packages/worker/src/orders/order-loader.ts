import { returnSnOf, type ReturnDetail, type ShopeeClient } from '@shopee-webhook/shopee';
import type { SheetRow } from '../columns.ts';
import { itemRows } from './item-rows.ts';
import type { Fetched } from './order-fetcher.ts';
import { orderRow, type FetchedOrder, type ShopTarget } from './order-row.ts';
import { payoutOf, trackingNumbersOf } from './push-facts.ts';
import { returnRow } from './return-row.ts';
import { shopOutageOf } from '../outages/side-outages.ts';
import { addStep, type OrderGroup, type Task } from '../deliveries/task.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';

export interface OrderLoaderOptions {
  /** Fetches orders with their escrow; see fetchOrders. */
  fetch: (shopId: string, orderSns: readonly string[]) => Promise<Map<string, Fetched>>;
  shopee: Pick<ShopeeClient, 'getReturnDetail'>;
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
  const returns = await fetchReturns(options, target.shopId, groups);
  const ms = Date.now() - startedAt;
  const shop = { ...target, shopName };
  return groups.map((group) => {
    for (const task of group.tasks) addStep(task, { step: 'fetched', at: Date.now(), ms });
    return loadedOf(shop, group, fetched.get(group.orderSn), returns);
  });
}

/** What is wrong with one order's data is that order's error. */
function loadedOf(
  shop: ShopTarget,
  group: OrderGroup,
  fetched: Fetched | undefined,
  returns: ReadonlyMap<string, FetchedReturn>,
): LoadedOrder {
  try {
    if (fetched === undefined) throw new Error('not fetched');
    if ('error' in fetched) throw fetched.error;
    const pushes = group.tasks.map(({ push }) => push);
    const order: FetchedOrder = {
      ...fetched,
      trackingNumbers: trackingNumbersOf(pushes),
      payout: payoutOf(pushes),
    };
    const returnRows = returnSnsOf(group.tasks).map((sn) => {
      const returned = returns.get(sn) ?? { error: new Error('return not fetched') };
      if ('error' in returned) throw returned.error;
      return returnRow(shop, returned.detail);
    });
    const rows = [orderRow(shop, order), ...itemRows(shop, order), ...returnRows];
    return { ...group, fetched: order, rows };
  } catch (error) {
    return { ...group, error };
  }
}

function returnSnsOf(tasks: readonly Task[]): string[] {
  const sns = tasks.filter(({ push }) => push.code === returnCode).map(({ push }) => returnSnOf(push));
  return [...new Set(sns.filter((sn) => sn !== undefined))];
}

type FetchedReturn = { detail: ReturnDetail } | { error: unknown };

/** Shopee has no batch call for returns. */
async function fetchReturns(
  { keeper, shopee }: OrderLoaderOptions,
  shopId: string,
  groups: readonly OrderGroup[],
): Promise<Map<string, FetchedReturn>> {
  const returns = new Map<string, FetchedReturn>();
  for (const sn of groups.flatMap(({ tasks }) => returnSnsOf(tasks))) {
    try {
      returns.set(sn, { detail: await keeper.use(shopId, (auth) => shopee.getReturnDetail(auth, sn)) });
    } catch (error) {
      if (shopOutageOf(error) !== undefined) throw error;
      returns.set(sn, { error });
    }
  }
  return returns;
}
