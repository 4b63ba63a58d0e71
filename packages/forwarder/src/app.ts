import { healthRequest, verifyInternalRequest } from '@shopee-webhook/contracts';
import {
  createHttpServer,
  type HealthChecks,
  type HttpServer,
  type Logger,
  systemClock,
  type TrustedProxies,
} from '@shopee-webhook/runtime';
import type { FastifyRequest } from 'fastify';
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
  /** Whoever proves that they have it sees the details at /health: the command line in another container. */
  partnerKey: string;
  webhook: WebhookDeps;
  queueStats: QueueStatsReader;
  dashboard: DashboardDeps;
  authorization: ShopAuthorization;
}

/** Every route of the forwarder, in order. /docs, /metrics and /health come with the server. */
export async function buildApp(deps: AppDeps): Promise<HttpServer> {
  const { logger, registry, health, describe, proxies, partnerKey } = deps;
  const app = await createHttpServer({
    name: 'Shopee webhook forwarder',
    logger,
    registry,
    health,
    about: describe,
    // Others log in: GET /api/health.
    showDetails: (request) => isLocal(request) || isSigned(request, partnerKey),
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

function isSigned({ headers }: FastifyRequest, partnerKey: string): boolean {
  const timestamp = headers['x-forwarder-timestamp'];
  const signature = headers['x-forwarder-signature'];
  const request = { timestamp, signature, body: healthRequest };
  return verifyInternalRequest(request, { partnerKey, now: systemClock.wallMs() });
}
