import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '@shopee-webhook/history';
import { orderUrl } from '@shopee-webhook/notifier';
import { OrderLookup, OrderRefresh, QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import { toEventItem } from '../event-serializer.ts';
import type { Reprocess } from '../reprocess.ts';
import type { ShopNames } from '../shop-names.ts';
import type { WorkerClient } from '../worker-client.ts';

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
const unknownShop = 'Which shop? Choose one.';

/** GET /api/orders/:sn: what Shopee says, what the sheet has, what happened. Its refresh, and the way to its row. */
export async function orderRoutes(app: HttpServer, deps: OrderRoutesDeps): Promise<void> {
  const { history, shops, workerClient, reprocess } = deps;

  const lookup = { tags, summary: 'An order from each side', params, querystring, response: { 200: OrderLookup } };
  app.get('/orders/:sn', { schema: lookup }, async ({ params: { sn }, query }) => {
    const shop = query.shop ?? (await findShop(deps, sn));
    const [rows, known, comparison] = await Promise.all([
      history.call('events', { search: sn, shop }, { limit: maxEvents }),
      shops.list(),
      shop === undefined ? undefined : workerClient.call('order', { shop, sn }),
    ]);
    const region = known.find(({ shopId }) => shopId === shop)?.region;
    return {
      sn,
      shop: shop ?? null,
      shopName: shops.nameOf(shop),
      shopee: comparison?.shopee ?? { order: null, error: unknownShop },
      sheet: comparison?.sheet ?? { row: null, error: unknownShop },
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

  const row = { tags, summary: 'To the order’s row in Google Sheets', params, querystring };
  app.get('/orders/:sn/row', { schema: row }, async ({ params: { sn }, query }, reply) => {
    const shop = query.shop ?? (await findShop(deps, sn));
    if (shop === undefined) throw new HttpError(400, 'unknown_shop', unknownShop);
    const { row: found, error } = await workerClient.call('order-row', { shop, sn });
    if (error !== null) throw new HttpError(502, 'sheet_away', error);
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
