import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '../../history/history-client.ts';
import { ConnectError, type ShopConnect } from '../../shops/shop-connect.ts';
import { Link, ShopConnect as ConnectBody, ShopList, type HealthLevel, type PushSubscription } from '../api-types.ts';
import type { ShopNames } from '../shop-names.ts';
import type { WorkerFacts } from '../worker-facts.ts';
import { IdParam } from './event-routes.ts';

export interface ShopRoutesParts {
  history: HistoryClient;
  shops: ShopNames;
  connect: ShopConnect;
  workerFacts: WorkerFacts;
}

const tags = ['dashboard'];

/** The shops, their authorisation, and how Shopee pushes for them. */
export async function shopRoutes(app: HttpServer, parts: ShopRoutesParts): Promise<void> {
  const { shops, connect } = parts;

  const list = { tags, summary: 'Shops and their authorisation', response: { 200: ShopList } };
  app.get('/shops', { schema: list }, async () => shopList(parts));

  const begin = { tags, summary: 'Where to connect a shop', body: ConnectBody, response: { 200: Link } };
  app.post('/shops/connect', { schema: begin }, async () => {
    try {
      return { url: connect.link() };
    } catch (error) {
      if (error instanceof ConnectError) throw new HttpError(409, 'cannot_connect', error.message, { cause: error });
      throw error;
    }
  });

  const end = { tags, summary: 'Disconnect a shop', params: IdParam, response: { 200: ShopList } };
  app.post('/shops/:id/disconnect', { schema: end }, async ({ params, log }) => {
    await connect.disconnect(params.id);
    log.info({ shop: params.id }, 'shop disconnected by hand');
    shops.forget();
    return shopList(parts);
  });
}

async function shopList({ shops, history, workerFacts, connect }: ShopRoutesParts): Promise<ShopList> {
  const [known, unconnected, settings, push] = await Promise.all([
    shops.list(),
    shops.unconnected(),
    workerFacts.settings(),
    workerFacts.pushStatus(),
  ]);
  const lastEvents = await history.call('lastEvents', [...known.map(({ shopId }) => shopId), ...unconnected]);
  const lastEventOf = (id: string) => lastEvents.find(({ shop }) => shop === id)?.at ?? null;
  const spreadsheetOf = (shop: string) =>
    settings?.spreadsheets.find((one) => one.shop === shop) ?? settings?.spreadsheets.find((one) => one.shop === null);
  return {
    shops: known.map((tokens) => {
      const { shopId, shopName, region, state, reason, accessExpiresAt, refreshExpiresAt, updatedAt } = tokens;
      const sheet = spreadsheetOf(shopId)?.spreadsheetId;
      return {
        shop: shopId,
        name: shopName ?? null,
        region: region ?? null,
        state,
        reason: reason ?? null,
        accessExpiresAt,
        refreshExpiresAt,
        authorizationExpiresAt: tokens.authorizationExpiresAt ?? null,
        updatedAt,
        spreadsheetUrl:
          sheet === undefined ? null : `https://docs.google.com/spreadsheets/d/${encodeURIComponent(sheet)}/edit`,
        lastEventAt: lastEventOf(shopId),
      };
    }),
    unconnected: unconnected.map((shop) => ({ shop, lastEventAt: lastEventOf(shop) })),
    push: pushOf(push),
    connectHint: connect.hint ?? null,
  };
}

function pushOf(push: Awaited<ReturnType<WorkerFacts['pushStatus']>>): PushSubscription {
  if (push === undefined) {
    const error = 'The worker, which asks Shopee, does not answer';
    return {
      status: null,
      level: 'unknown',
      callbackUrl: null,
      on: [],
      off: [],
      blockedShops: [],
      suspendedAt: null,
      error,
    };
  }
  return { ...push, level: levelOf(push.status) };
}

function levelOf(status: string | null): HealthLevel {
  const levels: Readonly<Record<string, HealthLevel>> = { normal: 'ok', warning: 'warning', suspended: 'failing' };
  return levels[status?.toLowerCase() ?? ''] ?? 'unknown';
}
