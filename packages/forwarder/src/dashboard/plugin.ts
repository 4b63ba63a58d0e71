import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import secureSession from '@fastify/secure-session';
import type { HealthChecks, HttpServer } from '@shopee-webhook/runtime';
import { rejectCrossOrigin, requireSession } from './session/auth.ts';
import type { SseBroadcaster } from './live/sse-broadcaster.ts';
import { sessionDays, type Login } from './session/login.ts';
import type { OverviewBuilder } from './overview/overview.ts';
import { deadLetterRoutes, type DeadLetterRoutesDeps } from './events/dead-letter-routes.ts';
import { eventActions, type EventActionsDeps } from './events/event-actions.ts';
import { eventRoutes, type EventRoutesDeps } from './events/event-routes.ts';
import { healthRoute } from './overview/health-route.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { moneyRoutes, type MoneyRoutesDeps } from './money/money-routes.ts';
import { liveRoute } from './live/live-route.ts';
import { orderRoutes, type OrderRoutesDeps } from './orders/order-routes.ts';
import { overviewRoutes } from './overview/overview-routes.ts';
import { rejectedRoute, type RejectedRouteDeps } from './events/rejected-route.ts';
import { sessionRoutes } from './session/session-routes.ts';
import { settingRoutes, type SettingRoutesDeps } from './settings/setting-routes.ts';
import { setupRoute, type SetupRouteDeps } from './overview/setup-route.ts';
import { shopRoutes, type ShopRoutesDeps } from './shops/shop-routes.ts';
import { workerRoutes, type WorkerRoutesDeps } from './workers/worker-routes.ts';
import { staticFiles } from './static-files.ts';

/** What the routes stand on. */
export interface DashboardDeps
  extends
    EventRoutesDeps,
    EventActionsDeps,
    DeadLetterRoutesDeps,
    MoneyRoutesDeps,
    OrderRoutesDeps,
    RejectedRouteDeps,
    SettingRoutesDeps,
    SetupRouteDeps,
    ShopRoutesDeps,
    WorkerRoutesDeps {
  health: HealthChecks;
  login: Login;
  overview: OverviewBuilder;
  broadcaster: SseBroadcaster;
  /** Where people reach this server; undefined: PUBLIC_URL is not set. */
  publicUrl: string | undefined;
  version: string;
  /** The built browser app; the project's own when left out. */
  appDir?: string | undefined;
}

/**
 * What the pages may load: themselves. Mantine sets its colors in style elements, so styles may be inline; scripts may not.
 * No page may be shown inside another one.
 */
const directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

/** /dashboard, the browser app, and /api, what it asks; everything under /api but the login needs a session. */
export async function dashboard(app: HttpServer, deps: DashboardDeps): Promise<void> {
  const { login, publicUrl, version } = deps;
  await login.load();
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    // Whether a host name is HTTPS for good is for whoever set it up to say (the Caddyfile does).
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    xFrameOptions: { action: 'deny' },
  });
  await app.register(compress, { threshold: 1024, encodings: ['br', 'gzip', 'identity'] });
  await app.register(secureSession, {
    key: login.sessionKey,
    cookieName: 'shopee_webhook_session',
    expiry: sessionDays * 24 * 3600,
    cookie: { path: '/', httpOnly: true, sameSite: 'strict', maxAge: sessionDays * 24 * 3600 },
  });
  await app.register(staticFiles, { root: deps.appDir });
  await app.register(
    async (api: HttpServer) => {
      api.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        rejectCrossOrigin(request);
      });
      const alwaysSecure = publicUrl?.startsWith('https:') === true;
      await api.register(sessionRoutes, { login, alwaysSecure, version });
      await api.register(async (inside: HttpServer) => {
        inside.addHook('onRequest', async (request) => requireSession(request, login));
        await inside.register(healthRoute, deps);
        await inside.register(overviewRoutes, deps);
        await inside.register(eventRoutes, deps);
        await inside.register(eventActions, deps);
        await inside.register(rejectedRoute, deps);
        await inside.register(deadLetterRoutes, deps);
        await inside.register(orderRoutes, deps);
        await inside.register(moneyRoutes, deps);
        await inside.register(shopRoutes, deps);
        await inside.register(jobRoutes, deps);
        await inside.register(settingRoutes, deps);
        await inside.register(workerRoutes, deps);
        await inside.register(setupRoute, deps);
        await inside.register(liveRoute, deps);
      });
    },
    { prefix: '/api' },
  );
}
