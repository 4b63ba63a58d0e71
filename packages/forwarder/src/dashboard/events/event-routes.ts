import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { EventFilter as HistoryFilter, HistoryClient } from '@shopee-webhook/history';
import { orderUrl } from '@shopee-webhook/notifier';
import { EventDetail, EventPage, EventQuery, Histogram, HistogramQuery } from '@shopee-webhook/contracts/dashboard-api';
import { checkSignature } from './signature-check.ts';
import { toEventItem, toEventStep } from './event-serializer.ts';
import type { ShopNames } from '../../shops/shop-names.ts';

export interface EventRoutesDeps {
  history: HistoryClient;
  shops: ShopNames;
  /** That pushes are signed with. */
  pushKeys: readonly string[];
}

const tags = ['dashboard'];
export const IdParam = z.object({ id: z.string().min(1).max(200) });

/** GET /api/events, its histogram, and one event. */
export async function eventRoutes(app: HttpServer, deps: EventRoutesDeps): Promise<void> {
  const { history, shops } = deps;
  const nameOf = (shop: string | null) => shops.nameOf(shop);

  const list = { tags, summary: 'Events, newest first', querystring: EventQuery, response: { 200: EventPage } };
  app.get('/events', { schema: list }, async ({ query }) => {
    const { before, limit, ...filter } = query;
    const [rows] = await Promise.all([
      history.call('events', toHistoryFilter(filter), { before, limit }),
      shops.list(),
    ]);
    const next = rows.length < limit ? null : (rows.at(-1)?.seq ?? null);
    return { events: rows.map((row) => toEventItem(row, nameOf)), next };
  });

  const histogram = { tags, summary: 'Events over time', querystring: HistogramQuery, response: { 200: Histogram } };
  app.get('/events/histogram', { schema: histogram }, async ({ query }) => {
    const { from, to, buckets, ...filter } = query;
    const bucketMs = Math.max(1, Math.ceil((to - from) / buckets));
    const found = await history.call('histogram', toHistoryFilter(filter), { from, to, buckets });
    const byTime = new Map(found.map((bucket) => [bucket.at, bucket]));
    const all = Array.from({ length: Math.ceil(Math.max(0, to - from) / bucketMs) }, (_, index) => {
      const at = from + index * bucketMs;
      return byTime.get(at) ?? { at, count: 0, deadLettered: 0 };
    });
    return { bucketMs, total: found.reduce((sum, { count }) => sum + count, 0), buckets: all };
  });

  const detail = { tags, summary: 'One event', params: IdParam, response: { 200: EventDetail } };
  app.get('/events/:id', { schema: detail }, async ({ params }) => {
    const [found, known] = await Promise.all([history.call('event', params.id), shops.list()]);
    if (found === undefined) throw new HttpError(404, 'not_found', 'event not found');
    const { event, steps, push } = found;
    const region = known.find(({ shopId }) => shopId === event.shop)?.region;
    const inFlight = event.state === 'waiting' || event.state === 'working' || event.state === 'retrying';
    // A dead letter has its push with it.
    const hasPush = push !== undefined || event.state === 'dead';
    return {
      event: toEventItem(event, nameOf),
      steps: steps.map(toEventStep),
      payload: push?.text ?? null,
      source: event.source ?? 'push',
      signature: checkSignature(push, deps.pushKeys),
      links: {
        row: event.sn === null || event.shop === null || event.row === null ? null : rowLink(event.sn, event.shop),
        sellerCenter: event.sn === null ? null : (orderUrl(region, event.sn) ?? null),
      },
      can: { process: hasPush && !inFlight, dryRun: hasPush && event.sn !== null },
    };
  });
}

/** Where the row is now, found when somebody follows the link: people sort their sheets. */
function rowLink(sn: string, shop: string): string {
  return `/api/orders/${encodeURIComponent(sn)}/row?shop=${encodeURIComponent(shop)}`;
}

/** An empty search is none. */
function toHistoryFilter(filter: HistoryFilter): HistoryFilter {
  return { ...filter, search: filter.search === '' ? undefined : filter.search };
}
