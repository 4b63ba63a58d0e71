import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '../../history/history-client.ts';
import { orderUrl } from '../../telegram/format/links.ts';
import { OrderLookup, OrderRefresh, Queued } from '../api-types.ts';
import { eventItemOf } from '../present.ts';
import type { Requeue } from '../requeue.ts';
import type { ShopNames } from '../shop-names.ts';
import type { WorkerLink } from '../worker-link.ts';

export interface OrderRoutesParts {
  history: HistoryClient;
  shops: ShopNames;
  link: WorkerLink;
  requeue: Requeue;
}

const tags = ['dashboard'];
const params = z.object({ sn: z.string().trim().min(1).max(100) });
const querystring = z.object({ shop: z.string().regex(/^\d+$/).optional() });
const eventsShown = 50;
const unknownShop = 'Which shop? Choose one.';

/** GET /api/orders/:sn: what Shopee says, what the sheet has, what happened. Its refresh, and the way to its row. */
export async function orderRoutes(app: HttpServer, parts: OrderRoutesParts): Promise<void> {
  const { history, shops, link, requeue } = parts;

  const look = { tags, summary: 'An order from each side', params, querystring, response: { 200: OrderLookup } };
  app.get('/orders/:sn', { schema: look }, async ({ params: { sn }, query }) => {
    const shop = query.shop ?? (await shopOf(parts, sn));
    const [rows, known, sides] = await Promise.all([
      history.call('events', { search: sn, shop }, { limit: eventsShown }),
      shops.list(),
      shop === undefined ? undefined : link.ask('order', { shop, sn }),
    ]);
    const region = known.find(({ shopId }) => shopId === shop)?.region;
    return {
      sn,
      shop: shop ?? null,
      shopName: shops.nameOf(shop),
      shopee: sides?.shopee ?? { order: null, error: unknownShop },
      sheet: sides?.sheet ?? { row: null, error: unknownShop },
      events: rows.filter((row) => row.sn === sn).map((row) => eventItemOf(row, (id) => shops.nameOf(id))),
      sellerCentre: orderUrl(region, sn) ?? null,
    };
  });

  const refresh = {
    tags,
    summary: 'Fetch and write an order again',
    params,
    body: OrderRefresh,
    response: { 200: Queued },
  };
  app.post('/orders/:sn/refresh', { schema: refresh }, async ({ params: { sn }, body }) => {
    const shop = body.shop ?? (await shopOf(parts, sn));
    if (shop === undefined) throw new HttpError(400, 'unknown_shop', unknownShop);
    return requeue.order(shop, sn);
  });

  const row = { tags, summary: 'To the order’s row in Google Sheets', params, querystring };
  app.get('/orders/:sn/row', { schema: row }, async ({ params: { sn }, query }, reply) => {
    const shop = query.shop ?? (await shopOf(parts, sn));
    if (shop === undefined) throw new HttpError(400, 'unknown_shop', unknownShop);
    const { row: found, error } = await link.ask('order-row', { shop, sn });
    if (error !== null) throw new HttpError(502, 'sheet_away', error);
    if (found === null) throw new HttpError(404, 'not_in_sheet', `${sn} is not in the sheet`);
    return reply.redirect(found.link, 302);
  });
}

/** The shop that an event of the order names; the only one there is, when none does. */
async function shopOf({ history, shops }: OrderRoutesParts, sn: string): Promise<string | undefined> {
  const named = await history.call('shopOf', sn);
  if (named !== undefined) return named;
  const [only, ...others] = await shops.list();
  return others.length === 0 ? only?.shopId : undefined;
}
