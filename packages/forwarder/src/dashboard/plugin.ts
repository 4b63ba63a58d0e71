import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import secureSession from '@fastify/secure-session';
import type { HttpServer } from '@shopee-webhook/runtime';
import { refuseForeignOrigin, requireSession } from './guard.ts';
import type { LiveWatchers } from './live-watchers.ts';
import { sessionDays, type Login } from './login.ts';
import type { OverviewMaker } from './overview.ts';
import { deadLetterRoutes, type DeadLetterRoutesParts } from './routes/dead-letter-routes.ts';
import { eventActions, type EventActionsParts } from './routes/event-actions.ts';
import { eventRoutes, type EventRoutesParts } from './routes/event-routes.ts';
import { jobRoutes } from './routes/job-routes.ts';
import { liveRoute } from './routes/live-route.ts';
import { orderRoutes, type OrderRoutesParts } from './routes/order-routes.ts';
import { overviewRoutes } from './routes/overview-routes.ts';
import { refusedRoute, type RefusedRouteParts } from './routes/refused-route.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { settingRoutes, type SettingRoutesParts } from './routes/setting-routes.ts';
import { setupRoute, type SetupRouteParts } from './routes/setup-route.ts';
import { shopRoutes, type ShopRoutesParts } from './routes/shop-routes.ts';
import { workerRoutes, type WorkerRoutesParts } from './routes/worker-routes.ts';
import { staticFiles } from './static-files.ts';

/** What the routes stand on. */
export interface DashboardParts
  extends
    EventRoutesParts,
    EventActionsParts,
    DeadLetterRoutesParts,
    OrderRoutesParts,
    RefusedRouteParts,
    SettingRoutesParts,
    SetupRouteParts,
    ShopRoutesParts,
    WorkerRoutesParts {
  login: Login;
  overview: OverviewMaker;
  live: LiveWatchers;
  /** Where people reach this server; undefined: PUBLIC_URL is not set. */
  publicUrl: string | undefined;
  version: string;
  /** The built browser app; the project's own when left out. */
  appDir?: string | undefined;
}

/**
 * What the pages may load: themselves. Mantine sets its colours in style elements, so styles may be inline; scripts not.
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
export async function dashboard(app: HttpServer, parts: DashboardParts): Promise<void> {
  const { login, publicUrl, version } = parts;
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
  await app.register(staticFiles, { root: parts.appDir });
  await app.register(
    async (api: HttpServer) => {
      api.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        refuseForeignOrigin(request);
      });
      const alwaysSecure = publicUrl?.startsWith('https:') === true;
      await api.register(sessionRoutes, { login, alwaysSecure, version });
      await api.register(async (inside: HttpServer) => {
        inside.addHook('onRequest', async (request) => requireSession(request, login));
        await inside.register(overviewRoutes, parts);
        await inside.register(eventRoutes, parts);
        await inside.register(eventActions, parts);
        await inside.register(refusedRoute, parts);
        await inside.register(deadLetterRoutes, parts);
        await inside.register(orderRoutes, parts);
        await inside.register(shopRoutes, parts);
        await inside.register(jobRoutes, parts);
        await inside.register(settingRoutes, parts);
        await inside.register(workerRoutes, parts);
        await inside.register(setupRoute, parts);
        await inside.register(liveRoute, parts);
      });
    },
    { prefix: '/api' },
  );
}
