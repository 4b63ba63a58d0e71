import {
  createHttpServer,
  type HealthChecks,
  type HttpServer,
  type Logger,
  type TrustedProxies,
} from '@shopee-webhook/runtime';
import type { Registry } from 'prom-client';
import { dashboard, type DashboardDeps } from './dashboard/plugin.ts';
import { isLocal } from './monitoring/local-client.ts';
import { queueStatsRoute } from './monitoring/queue-stats-route.ts';
import type { QueueStatsReader } from './monitoring/queue-stats.ts';
import { authorizationRoutes } from './shops/authorization-routes.ts';
import type { ShopAuthorization } from './shops/shop-authorization.ts';
import { webhookRoute, type WebhookDeps } from './ingest/webhook-route.ts';

export interface AppDeps {
  logger: Logger;
  registry: Registry;
  health: HealthChecks;
  describe: () => Record<string, unknown>;
  proxies: TrustedProxies;
  webhook: WebhookDeps;
  queueStats: QueueStatsReader;
  dashboard: DashboardDeps;
  authorization: ShopAuthorization;
}

/** Every route of the forwarder, in order. /docs, /metrics and /health come with the server. */
export async function buildApp(deps: AppDeps): Promise<HttpServer> {
  const { logger, registry, health, describe, proxies } = deps;
  const app = await createHttpServer({
    name: 'Shopee webhook forwarder',
    logger,
    registry,
    health,
    about: describe,
    // Others log in: GET /api/health.
    showDetails: isLocal,
    trustProxy: (address) => proxies.isTrusted(address),
  });
  await app.register(webhookRoute, deps.webhook);
  await app.register(queueStatsRoute, { queueStats: deps.queueStats });
  await app.register((scope: HttpServer) =>
    authorizationRoutes(scope, { authorization: deps.authorization, shops: deps.dashboard.shops }),
  );
  // Not awaited: it reads DATA_DIR when the app becomes ready, after the start has checked that.
  void app.register(dashboard, deps.dashboard);
  return app;
}
