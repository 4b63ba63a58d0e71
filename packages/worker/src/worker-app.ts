import { createHttpServer, type HealthChecks, type HttpServer, type Logger } from '@shopee-webhook/runtime';
import { ActivityLog, type ActivityStep, type Settlement } from '@shopee-webhook/store';
import type { WorkerConfig } from './config.ts';
import type { Consumers } from './deliveries/consumers.ts';
import type { RetryPolicy } from './deliveries/outcome-of.ts';
import { processRoute } from './deliveries/process-route.ts';
import { statsRoute } from './deliveries/stats-route.ts';
import { createDesk } from './internal/desk.ts';
import { internalRoutes } from './internal/routes.ts';
import type { Jobs } from './jobs/create-jobs.ts';
import type { WorkerMetrics } from './worker-metrics.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface WorkerAppOptions {
  config: WorkerConfig;
  parts: WorkerParts;
  jobs: Jobs;
  consumers: Consumers | undefined;
  health: HealthChecks;
  metrics: WorkerMetrics;
  /** Hears of each delivery that was settled. */
  onSettled: (settlement: Settlement) => void;
  policy: RetryPolicy;
  logger: Logger;
  isStopping: () => boolean;
  isPaused: () => boolean;
}

/** The worker's HTTP side: /webhook/process, /workers/stats, /health, /metrics, /docs. It does not listen yet. */
export async function createApp(options: WorkerAppOptions): Promise<HttpServer> {
  const { config, parts, jobs, consumers, health, metrics, onSettled, policy, logger, isStopping, isPaused } = options;
  const app = await createHttpServer({
    name: 'Shopee webhook worker',
    logger,
    registry: metrics.registry,
    health,
    // A push of 1 MiB, the forwarder's limit, with its message around it.
    bodyLimit: 2 * 1024 * 1024,
  });
  const record = recorder(parts, logger);
  const { key: partnerKey } = config.partner;
  await app.register((scope: HttpServer) =>
    processRoute(scope, {
      partnerKey,
      pipeline: parts.pipeline,
      policy,
      record,
      onSettled,
      logger,
      isStopping,
      isPaused,
    }),
  );
  await app.register((scope: HttpServer) =>
    internalRoutes(scope, { partnerKey, desk: createDesk(config, parts, jobs) }),
  );
  await statsRoute(app, {
    calls: metrics.calls,
    consumers: async () => (await consumers?.states()) ?? [],
    paused: () => parts.outages.gates.closed().map(({ side, closedSince = 0 }) => ({ side, since: closedSince })),
  });
  return app;
}

/** Steps of messages that came by HTTP; only for people to see, so nothing waits or fails for them. */
function recorder({ redis }: WorkerParts, logger: Logger): (steps: ActivityStep[]) => Promise<boolean> {
  if (redis === undefined) return async () => false;
  const { link } = redis;
  const activity = new ActivityLog({ redis: link.redis, keys: link.keys });
  return async (steps) => {
    if (link.awayMs() > 0) return false;
    try {
      await activity.append(steps);
      return true;
    } catch (err) {
      logger.debug({ err }, 'steps not recorded');
      return false;
    }
  };
}
