import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '@shopee-webhook/history';
import { orderUrl } from '@shopee-webhook/notifier';
import {
  OrderList,
  OrderListQuery,
  OrderLookup,
  OrderRefresh,
  QueuedEvent,
} from '@shopee-webhook/contracts/dashboard-api';
import type { OrderComparison } from '@shopee-webhook/contracts/worker-rpc';
import { formatMoney, incomeLabel } from '@shopee-webhook/shopee';
import { toEventItem } from '../events/event-serializer.ts';
import type { Reprocess } from '../events/reprocess.ts';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerClient } from '../workers/worker-client.ts';

export interface OrderRoutesDeps {
  history: HistoryClient;
  shops: ShopNames;
  workerClient: WorkerClient;
  reprocess: Reprocess;
}

const tags = ['dashboard'];
const params = z.object({ sn: z.string().trim().min(1).max(100) });
const querystring = z.object({ shop: z.string().regex(/^\d+$/).optional() });
const maxEvents = 50;
const maxShopsQueried = 20;
/** A worker that hangs must not hide the order's events for longer. */
const compareTimeoutMs = 15_000;
const unknownShop = 'No connected shop knows this order: select its shop.';

/** GET /api/orders and /api/orders/:sn: the newest orders; one at Shopee, in the sheet, and in the history. Refresh, and the link to its row. */
export async function orderRoutes(app: HttpServer, deps: OrderRoutesDeps): Promise<void> {
  const { history, shops, workerClient, reprocess } = deps;

  const list = { tags, summary: 'Orders, newest first', querystring: OrderListQuery, response: { 200: OrderList } };
  app.get('/orders', { schema: list }, async ({ query }) => listOrders(deps, query));

  const lookup = { tags, summary: 'Compare an order', params, querystring, response: { 200: OrderLookup } };
  app.get('/orders/:sn', { schema: lookup }, async ({ params: { sn }, query }) => {
    const [{ shop, comparison }, known] = await Promise.all([compareOrder(deps, sn, query.shop), shops.list()]);
    const rows = await history.call('events', { search: sn, shop }, { limit: maxEvents });
    const region = known.find(({ shopId }) => shopId === shop)?.region;
    return {
      sn,
      shop: shop ?? null,
      shopName: shops.nameOf(shop),
      ...comparison,
      events: rows.filter((row) => row.sn === sn).map((row) => toEventItem(row, (id) => shops.nameOf(id))),
      sellerCenter: orderUrl(region, sn) ?? null,
    };
  });

  const refresh = {
    tags,
    summary: 'Fetch and write an order again',
    params,
    body: OrderRefresh,
    response: { 200: QueuedEvent },
  };
  app.post('/orders/:sn/refresh', { schema: refresh }, async ({ params: { sn }, body }) => {
    const shop = body.shop ?? (await findShop(deps, sn));
    if (shop === undefined) throw new HttpError(400, 'unknown_shop', unknownShop);
    return reprocess.refreshOrder(shop, sn);
  });

  const row = { tags, summary: 'Redirect to the order’s row in Google Sheets', params, querystring };
  app.get('/orders/:sn/row', { schema: row }, async ({ params: { sn }, query }, reply) => {
    const shop = query.shop ?? (await findShop(deps, sn));
    if (shop === undefined) throw new HttpError(400, 'unknown_shop', unknownShop);
    const { row: found, error } = await workerClient.call('order-row', { shop, sn });
    if (error !== null) throw new HttpError(502, 'sheet_unavailable', error);
    if (found === null) throw new HttpError(404, 'not_in_sheet', `${sn} is not in the sheet`);
    return reply.redirect(found.link, 302);
  });
}

/** The shop that an event of the order names; the only one there is, when none does. */
async function findShop({ history, shops }: OrderRoutesDeps, sn: string): Promise<string | undefined> {
  const named = await history.call('findShop', sn);
  if (named !== undefined) return named;
  const [only, ...others] = await shops.list();
  return others.length === 0 ? only?.shopId : undefined;
}

/**
 * The order at Shopee and in the sheet. Of an unknown shop, all connected shops are asked at once, and the one that knows the
 * order is taken. A worker that is down is an error of both sides: what the history knows is shown all the same.
 */
async function compareOrder(
  deps: OrderRoutesDeps,
  sn: string,
  selected: string | undefined,
): Promise<{ shop: string | undefined; comparison: OrderComparison }> {
  const shop = selected ?? (await findShop(deps, sn));
  if (shop !== undefined) return { shop, comparison: await compareAt(deps, shop, sn) };
  const active = (await deps.shops.list()).filter(({ state }) => state === 'active').slice(0, maxShopsQueried);
  const found = await Promise.all(
    active.map(async ({ shopId }) => ({ shop: shopId, comparison: await compareAt(deps, shopId, sn) })),
  );
  const known = found.find(({ comparison: { shopee, sheet } }) => shopee.order !== null || sheet.row !== null);
  return known ?? { shop: undefined, comparison: failedComparison(unknownShop) };
}

async function compareAt({ workerClient }: OrderRoutesDeps, shop: string, sn: string): Promise<OrderComparison> {
  return workerClient.call('order', { shop, sn }, compareTimeoutMs).catch((error: unknown) => {
    if (error instanceof HttpError) return failedComparison(error.message);
    throw error;
  });
}

function failedComparison(error: string): OrderComparison {
  return { shopee: { order: null, error }, sheet: { row: null, error } };
}

async function listOrders(
  { history, shops }: OrderRoutesDeps,
  query: z.output<typeof OrderListQuery>,
): Promise<OrderList> {
  const { before, limit, inSheet, ...rest } = query;
  const filter = { ...rest, inSheet: inSheet === undefined ? undefined : inSheet === 'yes' };
  const [rows, sums] = await Promise.all([
    history.call('orders', filter, { before: parseCursor(before), limit }),
    history.call('orderTotals', filter),
    shops.list(),
  ]);
  const last = rows.at(-1);
  const money = (amount: number | null, currency: string | null) =>
    amount === null || currency === null ? null : formatMoney(amount, currency);
  return {
    orders: rows.map(({ shop, sn, at, status, currency, total, net, ship_by: shipBy, in_sheet, row }) => ({
      shop,
      shopName: shops.nameOf(shop),
      sn,
      at,
      status,
      totalText: money(total, currency),
      netText: money(net, currency),
      shipBy,
      inSheet: in_sheet === 1,
      row,
    })),
    totals: {
      orders: sums.reduce((sum, { orders }) => sum + orders, 0),
      missing: sums.reduce((sum, { missing }) => sum + missing, 0),
      sums: sums.flatMap(({ currency, gross, net, paidOrders, netOrders }) =>
        currency === null
          ? []
          : [
              {
                currency,
                grossText: formatMoney(gross, currency),
                netText: netOrders === 0 ? null : formatMoney(net, currency),
                paidOrders,
                netOrders,
              },
            ],
      ),
    },
    netLabel: incomeLabel('escrow_amount_after_adjustment'),
    next: last === undefined || rows.length < limit ? null : `${String(last.at)} ${last.sn}`,
  };
}

function parseCursor(text: string | undefined): { at: number; sn: string } | undefined {
  const [, at, sn] = /^(\d+) (.+)$/.exec(text ?? '') ?? [];
  return at === undefined || sn === undefined ? undefined : { at: Number(at), sn };
}
