import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '@shopee-webhook/history';
import { stateCookieFor } from '../../shops/authorization-routes.ts';
import { AuthorizationError, type ShopAuthorization } from '../../shops/shop-authorization.ts';
import {
  Link,
  ShopConnect as ConnectBody,
  ShopList,
  type HealthLevel,
  type PushSubscription,
} from '@shopee-webhook/contracts/dashboard-api';
import { isHttps } from '../session/auth.ts';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerInfo } from '../workers/worker-info.ts';
import { IdParam } from '../events/event-routes.ts';

export interface ShopRoutesDeps {
  history: HistoryClient;
  shops: ShopNames;
  authorization: ShopAuthorization;
  workerInfo: WorkerInfo;
}

const tags = ['dashboard'];

/** The shops, their authorization, and their push subscription. */
export async function shopRoutes(app: HttpServer, deps: ShopRoutesDeps): Promise<void> {
  const { shops, authorization } = deps;

  const list = { tags, summary: 'Shops and their authorization', response: { 200: ShopList } };
  app.get('/shops', { schema: list }, async () => shopList(deps));

  const begin = { tags, summary: 'Link to connect a shop', body: ConnectBody, response: { 200: Link } };
  app.post('/shops/connect', { schema: begin }, async (request, reply) => {
    try {
      const { url, state } = authorization.link();
      reply.header('set-cookie', stateCookieFor(state, { secure: isHttps(request) }));
      return { url };
    } catch (error) {
      if (error instanceof AuthorizationError)
        throw new HttpError(409, 'cannot_connect', error.message, { cause: error });
      throw error;
    }
  });

  const end = { tags, summary: 'Disconnect a shop', params: IdParam, response: { 200: ShopList } };
  app.post('/shops/:id/disconnect', { schema: end }, async ({ params, log }) => {
    await authorization.disconnect(params.id);
    log.info({ shop: params.id }, 'shop disconnected by operator');
    shops.invalidate();
    return shopList(deps);
  });
}

async function shopList({ shops, history, workerInfo, authorization }: ShopRoutesDeps): Promise<ShopList> {
  const [known, unconnected, settings, push] = await Promise.all([
    shops.list(),
    shops.withoutTokens(),
    workerInfo.settings(),
    workerInfo.pushStatus(),
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
    shopsWithoutTokens: unconnected.map((shop) => ({ shop, lastEventAt: lastEventOf(shop) })),
    push: toPushSubscription(push),
    connectHint: authorization.hint ?? null,
  };
}

function toPushSubscription(push: Awaited<ReturnType<WorkerInfo['pushStatus']>>): PushSubscription {
  if (push === undefined) {
    const error = 'The worker, which queries Shopee, is unreachable';
    return {
      status: null,
      level: 'unknown',
      callbackUrl: null,
      enabledCodes: [],
      disabledCodes: [],
      blockedShops: [],
      suspendedAt: null,
      error,
    };
  }
  return { ...push, level: toLevel(push.status) };
}

function toLevel(status: string | null): HealthLevel {
  const levels: Readonly<Record<string, HealthLevel>> = { normal: 'ok', warning: 'warning', suspended: 'failing' };
  return levels[status?.toLowerCase() ?? ''] ?? 'unknown';
}
