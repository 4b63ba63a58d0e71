import {
  createHttpServer,
  type HealthChecks,
  type HttpServer,
  type Logger,
  systemClock,
} from '@shopee-webhook/runtime';
import type { Settlement } from '@shopee-webhook/store';
import type { WorkerConfig } from './config.ts';
import type { Consumers } from './consumer/consumers.ts';
import type { RetryPolicy } from './consumer/retry-policy.ts';
import { processRoute } from './consumer/process-route.ts';
import { createActivityRecorder } from './monitoring/activity-recorder.ts';
import { statsRoute } from './monitoring/stats-route.ts';
import { createRpcHandlers } from './create-rpc-handlers.ts';
import { rpcRoutes } from './rpc/routes.ts';
import type { Jobs } from './create-jobs.ts';
import type { WorkerMetrics } from './monitoring/metrics.ts';
import type { WorkerComponents } from './create-deps.ts';

export interface WorkerAppDeps {
  config: WorkerConfig;
  deps: WorkerComponents;
  jobs: Jobs;
  consumers: Consumers | undefined;
  health: HealthChecks;
  metrics: WorkerMetrics;
  /** Called with each settlement. */
  onSettled: (settlement: Settlement) => void;
  policy: RetryPolicy;
  logger: Logger;
  isStopping: () => boolean;
}

/** Builds the worker's HTTP server: /webhook/process, /workers/stats, /health, /metrics, /docs. It does not listen yet. */
export async function createApp(options: WorkerAppDeps): Promise<HttpServer> {
  const { config, deps, jobs, consumers, health, metrics, onSettled, policy, logger, isStopping } = options;
  const isPaused = () => deps.runtimeSettings.isPaused;
  const app = await createHttpServer({
    name: 'Shopee webhook worker',
    logger,
    registry: metrics.registry,
    health,
    // A push of 1 MiB (the forwarder's limit) inside its message.
    bodyLimit: 2 * 1024 * 1024,
  });
  const recordActivity = createActivityRecorder(deps.redis?.monitor, logger);
  const { key: partnerKey } = config.partner;
  await app.register((scope: HttpServer) =>
    processRoute(scope, {
      partnerKey,
      router: deps.router,
      policy,
      recordActivity,
      onSettled,
      logger,
      isStopping,
      isPaused,
    }),
  );
  await app.register((scope: HttpServer) =>
    rpcRoutes(scope, { partnerKey, handlers: createRpcHandlers(config, deps, jobs) }),
  );
  await statsRoute(app, {
    calls: metrics.calls,
    consumers: async () => (await consumers?.states()) ?? [],
    paused: () =>
      deps.outageMonitor.breakers
        .open()
        .map(({ upstream, openMs = 0 }) => ({ upstream, since: systemClock.wallMs() - openMs })),
  });
  return app;
}
