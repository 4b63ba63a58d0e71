import { systemClock } from '@shopee-webhook/runtime';
import { returnSnOf, trackingNumberOf, type Push } from '@shopee-webhook/shopee';
import type { ReportRow } from '../report/columns.ts';
import { recordActivity, type OrderGroup } from './parsed-event.ts';
import { classifyShopError } from '../upstreams/classify-outage.ts';
import { adjustmentRows } from './adjustment-rows.ts';
import { itemRows, lineRows } from './item-rows.ts';
import { orderRow, type ShopTarget } from './order-row.ts';
import type { FetchedOrder, FetchResult, OrderSource } from './order-source.ts';
import { returnRow } from './return-row.ts';

/** An order with its rows, ready to be written. */
export type WritableOrder = OrderGroup & { fetched: FetchedOrder; rows: ReportRow[] };

/** The same, or why it cannot be written. */
export type LoadedOrder = WritableOrder | (OrderGroup & { error: unknown });

const returnCode = 29;

/** Fetches a shop's orders and builds their rows. Throws when the shop's API cannot serve us now. */
export async function loadOrders(
  source: OrderSource,
  target: { shopId: string; spreadsheetId: string },
  groups: readonly OrderGroup[],
): Promise<LoadedOrder[]> {
  const startedAt = systemClock.monotonicMs();
  const shop = { ...target, shopName: await source.shopName(target.shopId) };
  const fetched = await source.fetchOrders(
    target.shopId,
    groups.map(({ orderSn }) => orderSn),
  );
  return Promise.all(
    groups.map(async (group) => {
      const loaded = await loadOrder(source, shop, group, fetched.get(group.orderSn));
      const entry = {
        step: 'fetched',
        at: systemClock.wallMs(),
        ms: Math.round(systemClock.monotonicMs() - startedAt),
      } as const;
      if ('rows' in loaded) for (const event of group.events) recordActivity(event, entry);
      return loaded;
    }),
  );
}

/** An error in one order's data is that order's; an outage of the shop concerns all. */
async function loadOrder(
  source: OrderSource,
  shop: ShopTarget,
  group: OrderGroup,
  result: FetchResult | undefined,
): Promise<LoadedOrder> {
  try {
    if (result === undefined) throw new Error('not fetched');
    if ('error' in result) throw result.error;
    const pushes = group.events.map(({ push }) => push);
    const trackingNumbers = await loadTrackingNumbers(source, result, pushes);
    const fetched: FetchedOrder = { ...result, trackingNumbers, payout: payoutFrom(pushes) };
    const returnRows = await loadReturns(source, shop, group, fetched.escrow);
    const main = { ...orderRow(shop, fetched), details: lineRows(shop, fetched) };
    return {
      ...group,
      fetched,
      rows: [main, ...itemRows(shop, fetched), ...returnRows, ...adjustmentRows(shop, fetched)],
    };
  } catch (error) {
    if (classifyShopError(error) !== undefined) throw error;
    return { ...group, error };
  }
}

/**
 * Tracking numbers come with pushes of code 4, perhaps late and out of order. The newest push counts; Shopee is asked when
 * the order has changed since that push, or has several packages, each with a push of its own.
 */
async function loadTrackingNumbers(source: OrderSource, { order }: FetchedOrder, pushes: readonly Push[]) {
  const reported = pushes
    .filter((push) => trackingNumberOf(push) !== undefined)
    .toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
  const newest = reported.at(-1);
  if (newest === undefined) return [];
  const packages = order.package_list.filter(({ package_number: number }) => number !== undefined);
  const isOutdated = (newest.timestamp ?? 0) < (order.update_time ?? 0);
  if (packages.length < 2 && !isOutdated) return distinctNumbers([newest]);
  const numbers = await source.fetchTrackingNumbers(order);
  // Shopee may allot a package's number later than it tells it.
  if (numbers.length > 0 && numbers.length >= packages.length) return numbers;
  const newestOfEach = [...new Map(reported.map((push) => [push.data['package_number'], push])).values()];
  return [...new Set([...numbers, ...distinctNumbers(packages.length < 2 ? [newest] : newestOfEach)])];
}

function distinctNumbers(pushes: readonly Push[]): string[] {
  return [...new Set(pushes.map(trackingNumberOf).filter((number) => number !== undefined))];
}

/** The payout that the payouts job puts into its message beside the order number, from get_escrow_list. */
function payoutFrom(pushes: readonly Push[]): FetchedOrder['payout'] {
  for (const { data } of pushes.toReversed()) {
    const { payout_amount: amount, escrow_release_time: releasedAt } = data;
    if (typeof amount === 'number' && typeof releasedAt === 'number') return { amount, releasedAt };
  }
  return undefined;
}

/** The rows of the returns named by pushes with code 29. Shopee has no batch call for them. */
async function loadReturns(
  source: OrderSource,
  shop: ShopTarget,
  { orderSn, events }: OrderGroup,
  escrow: FetchedOrder['escrow'],
): Promise<ReportRow[]> {
  const named = events.filter(({ push }) => push.code === returnCode).map(({ push }) => returnSnOf(push));
  const returnSns = new Set(named.filter((sn) => sn !== undefined));
  return Promise.all(
    [...returnSns].map(async (sn) => returnRow(shop, await source.fetchReturn(shop.shopId, orderSn, sn), escrow)),
  );
}
