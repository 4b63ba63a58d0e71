import { createHttpServer, type HealthChecks, type HttpServer, type Logger } from '@shopee-webhook/runtime';
import type { Registry } from 'prom-client';
import { dashboard, type DashboardParts } from './dashboard/plugin.ts';
import { queueStatsRoute } from './queue-stats-route.ts';
import type { QueueReporter } from './queue-report.ts';
import { connectRoutes } from './shops/connect-routes.ts';
import type { ShopConnect } from './shops/shop-connect.ts';
import { webhookRoute, type WebhookParts } from './webhook-route.ts';

export interface AppParts {
  logger: Logger;
  registry: Registry;
  health: HealthChecks;
  about: () => Record<string, unknown>;
  webhook: WebhookParts;
  reporter: QueueReporter;
  dashboard: DashboardParts;
  connect: ShopConnect;
}

/** All that the forwarder answers, in order. /docs, /metrics and /health come with the server. */
export async function buildApp(parts: AppParts): Promise<HttpServer> {
  const { logger, registry, health, about } = parts;
  const app = await createHttpServer({ name: 'Shopee webhook forwarder', logger, registry, health, about });
  await app.register(webhookRoute, parts.webhook);
  await app.register(queueStatsRoute, { reporter: parts.reporter });
  await app.register((scope: HttpServer) =>
    connectRoutes(scope, { connect: parts.connect, shops: parts.dashboard.shops }),
  );
  // Not awaited: it is read from DATA_DIR when the app is made ready, after the start has looked at that.
  void app.register(dashboard, parts.dashboard);
  return app;
}
