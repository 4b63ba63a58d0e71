import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '../../history/history-client.ts';
import type { EventFilter as HistoryFilter } from '../../history/rows.ts';
import { orderUrl } from '../../telegram/format/links.ts';
import { EventDetail, EventPage, EventQuery, Histogram, HistogramQuery } from '../api-types.ts';
import { checkSignature } from '../event-detail.ts';
import { eventItemOf, eventStepOf } from '../present.ts';
import type { ShopNames } from '../shop-names.ts';

export interface EventRoutesParts {
  history: HistoryClient;
  shops: ShopNames;
  /** That pushes are signed with. */
  pushKeys: readonly string[];
}

const tags = ['dashboard'];
export const IdParam = z.object({ id: z.string().min(1).max(200) });

/** GET /api/events, its histogram, and one event. */
export async function eventRoutes(app: HttpServer, parts: EventRoutesParts): Promise<void> {
  const { history, shops } = parts;
  const nameOf = (shop: string | null) => shops.nameOf(shop);

  const list = { tags, summary: 'Events, newest first', querystring: EventQuery, response: { 200: EventPage } };
  app.get('/events', { schema: list }, async ({ query }) => {
    const { before, limit, ...filter } = query;
    const [rows] = await Promise.all([history.call('events', filterOf(filter), { before, limit }), shops.list()]);
    const next = rows.length < limit ? null : (rows.at(-1)?.seq ?? null);
    return { events: rows.map((row) => eventItemOf(row, nameOf)), next };
  });

  const histogram = { tags, summary: 'Events over time', querystring: HistogramQuery, response: { 200: Histogram } };
  app.get('/events/histogram', { schema: histogram }, async ({ query }) => {
    const { from, to, buckets, ...filter } = query;
    const bucketMs = Math.max(1, Math.ceil((to - from) / buckets));
    const found = await history.call('histogram', filterOf(filter), { from, to, buckets });
    const byTime = new Map(found.map((bucket) => [bucket.at, bucket]));
    const all = Array.from({ length: Math.ceil(Math.max(0, to - from) / bucketMs) }, (_, index) => {
      const at = from + index * bucketMs;
      return byTime.get(at) ?? { at, count: 0, dead: 0 };
    });
    return { bucketMs, total: found.reduce((sum, { count }) => sum + count, 0), buckets: all };
  });

  const detail = { tags, summary: 'One event', params: IdParam, response: { 200: EventDetail } };
  app.get('/events/:id', { schema: detail }, async ({ params }) => {
    const [found, known] = await Promise.all([history.call('event', params.id), shops.list()]);
    if (found === undefined) throw new HttpError(404, 'not_found', 'no event of that id is known (any more)');
    const { event, steps, push } = found;
    const region = known.find(({ shopId }) => shopId === event.shop)?.region;
    const inHand = event.state === 'waiting' || event.state === 'working' || event.state === 'retrying';
    // A dead letter has its push with it.
    const hasPush = push !== undefined || event.state === 'dead';
    return {
      event: eventItemOf(event, nameOf),
      steps: steps.map(eventStepOf),
      payload: push?.text ?? null,
      source: event.source ?? 'push',
      signature: checkSignature(push, parts.pushKeys),
      links: {
        row: event.sn === null || event.shop === null || event.row === null ? null : rowLink(event.sn, event.shop),
        sellerCentre: event.sn === null ? null : (orderUrl(region, event.sn) ?? null),
      },
      can: { process: hasPush && !inHand, dryRun: hasPush && event.sn !== null },
    };
  });
}

/** Where the row is now, found when somebody follows the link: people sort their sheets. */
function rowLink(sn: string, shop: string): string {
  return `/api/orders/${encodeURIComponent(sn)}/row?shop=${encodeURIComponent(shop)}`;
}

/** An empty search is none. */
function filterOf(filter: HistoryFilter): HistoryFilter {
  return { ...filter, search: filter.search === '' ? undefined : filter.search };
}
