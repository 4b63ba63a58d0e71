import { hostname } from 'node:os';
import { PeriodicTask, type Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { AlertEngine } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { RejectedPushes } from '../ingest/rejected-pushes.ts';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { ResponseStats } from '../ingest/response-stats.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';
import type { Drainer } from '../spool/drainer.ts';
import { AlertInputCollector } from './inputs.ts';
import { evaluateRules } from './rules.ts';

export interface AlertsDeps {
  config: ForwarderConfig;
  redis: RedisDeps | undefined;
  spool: SpoolDeps;
  drainer: Drainer;
  queueStats: QueueStatsReader;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  logger: Logger;
}

/** The alert engine, which Telegram, /health, the dashboard and the metrics read from, and the tasks that feed it. */
export function createAlerts(deps: AlertsDeps): { alerts: AlertEngine; tasks: PeriodicTask[] } {
  const { config, redis, spool, logger } = deps;
  const { partnerId, partnerKey, apiUrl: baseUrl } = config.shopee;
  const shopee = new ShopeeClient({ partnerId, partnerKey, baseUrl });
  const inputs = new AlertInputCollector({ ...deps, file: spool.file, shopee, dataDir: config.dataDir });
  const alerts = new AlertEngine({
    ...(redis && {
      shared: {
        redis: redis.redis,
        key: redis.keys.alerts,
        outbox: redis.notifications,
        isAvailable: () => redis.monitor.isAvailable,
      },
    }),
    local: spool.alertState,
    owner: `forwarder ${hostname()} ${String(config.http.port)}`,
    logger,
  });
  const evaluate = async () => {
    spool.checkHealth();
    await alerts.evaluate(evaluateRules(await inputs.collect(), (key) => alerts.isActive(key)));
  };
  return {
    alerts,
    tasks: [
      new PeriodicTask({ name: 'alert rules', intervalMs: 2_000, run: evaluate, logger }),
      new PeriodicTask({ name: 'alert sync', intervalMs: 5_000, run: () => alerts.sync(), logger }),
    ],
  };
}
