import { PeriodicTask, type HealthChecks, type Logger, systemClock } from '@shopee-webhook/runtime';
import { apiHosts } from '@shopee-webhook/shopee';
import { buildKeys, TokenStore, type AlertEngine } from '@shopee-webhook/store';
import type { Admission } from '../ingest/admission.ts';
import type { ResponseStats } from '../ingest/response-stats.ts';
import type { ForwarderConfig } from '../config.ts';
import { Reconciliations } from './jobs/reconciliations.ts';
import { Acknowledgements } from './events/acknowledgements.ts';
import { MoneyReports } from './money/money-reports.ts';
import { DeadLetters } from './events/dead-letters.ts';
import { sampleGauges } from './overview/gauge-sampler.ts';
import { SseBroadcaster } from './live/sse-broadcaster.ts';
import { Login } from './session/login.ts';
import { OverviewBuilder } from './overview/overview.ts';
import type { DashboardDeps } from './plugin.ts';
import { Reprocess } from './events/reprocess.ts';
import { ShopNames } from '../shops/shop-names.ts';
import { BulkOperations } from './events/bulk-operations.ts';
import { WorkerInfo } from './workers/worker-info.ts';
import { WorkerClient } from './workers/worker-client.ts';
import { WorkerMonitor } from './workers/worker-monitor.ts';
import type { HistoryDeps } from '../ingest/create-history.ts';
import type { RuntimeSettings } from '../settings/runtime-settings.ts';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { RejectedPushes } from '../ingest/rejected-pushes.ts';
import type { ShopAuthorization } from '../shops/shop-authorization.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';
import type { Notifier } from '@shopee-webhook/notifier';

const version = '0.1.0';
const liveHosts = [apiHosts.production, apiHosts.china, apiHosts.brazil];
const webhookPath = '/webhook/shopee';
/** The overview's headline says these. */
const excludedAlerts = new Set(['dead-letters', 'dead-letters-many']);

export interface CreateDashboardDeps {
  config: ForwarderConfig;
  redis: RedisDeps | undefined;
  spool: SpoolDeps;
  eventHistory: HistoryDeps;
  queueStats: QueueStatsReader;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  health: HealthChecks;
  alerts: AlertEngine;
  notifier: Notifier;
  authorization: ShopAuthorization;
  runtimeSettings: RuntimeSettings;
  admission: Admission;
  logger: Logger;
  appDir: string | undefined;
}

/** Wires the dashboard; `tasks` keep what it shows up to date. */
export function createDashboard(deps: CreateDashboardDeps): { dashboardDeps: DashboardDeps; tasks: PeriodicTask[] } {
  const { config, redis, spool, eventHistory, queueStats, responseStats, health, notifier, runtimeSettings } = deps;
  const logger = deps.logger.child({ part: 'dashboard' });
  const { history, feed } = eventHistory;
  const isRedisAvailable = () => redis?.monitor.isAvailable === true;
  const keys = redis?.keys ?? buildKeys(config.redis.keyPrefix);
  const shops = new ShopNames(new TokenStore({ redis: redis?.redis, keys, dataDir: config.dataDir }));
  const workerMonitor = new WorkerMonitor({ url: config.worker.url });
  const workerClient = new WorkerClient({ ...config.worker, now: systemClock.wallMs });
  const reconciliations = new Reconciliations({ workerClient, history, shops });
  const moneyReports = new MoneyReports({ workerClient, shops });
  const overview = new OverviewBuilder({
    history,
    queueStats,
    health,
    responseStats,
    notifier,
    worker: workerMonitor,
    shops,
    alerts: () => deps.alerts.active().filter(({ key }) => !excludedAlerts.has(key)),
    isPaused: () => runtimeSettings.pausedSince !== undefined,
    reconciliations: () => reconciliations.list,
    moneyFigures: () => moneyReports.figures(),
    isSandbox: !liveHosts.some((host) => config.shopee.apiUrl.startsWith(host)),
  });
  const shared = redis && { activity: redis.activity, inspector: redis.inspector, isAvailable: isRedisAvailable };
  const broadcaster = new SseBroadcaster({
    feed,
    redis: shared,
    overview: () => overview.overview(),
    isBusy: () => deps.admission.isBusy,
    logger,
  });
  const dashboardDeps: DashboardDeps = {
    health,
    login: new Login({ dataDir: config.dataDir, password: config.dashboard.password, logger }),
    publicUrl: config.publicUrl,
    callbackUrl: config.push.url ?? (config.publicUrl && `${config.publicUrl}${webhookPath}`),
    version,
    appDir: deps.appDir,
    history,
    shops,
    overview,
    moneyReports,
    broadcaster,
    pushKeys: config.push.keys,
    acknowledgements: new Acknowledgements(config.dataDir),
    deadLetters: new DeadLetters({ redis: shared, spool: spool.events }),
    operations: new BulkOperations({ onChange: (task) => broadcaster.broadcast({ kind: 'task', task }), logger }),
    reprocess: new Reprocess({
      redis: redis && { queue: redis.queue, isAvailable: isRedisAvailable, maxRetries: config.redis.maxRetries },
      spool: spool.events,
      orderEventCodes: () => runtimeSettings.orderEventCodes,
    }),
    rejected: deps.rejected,
    responseStats,
    authorization: deps.authorization,
    workerClient,
    workerMonitor,
    workerInfo: new WorkerInfo(workerClient),
    runtimeSettings,
    environment: config.visibleEnvironment,
    notifier,
    redis: shared,
    isRedisAvailable,
  };
  const periodicTask = (name: string, intervalMs: number, run: () => Promise<void>, jitter = 0.2) =>
    new PeriodicTask({ name, intervalMs, run, jitter, logger });
  const tasks = [
    periodicTask('worker monitor', 5_000, () => workerMonitor.poll()),
    periodicTask('settings', 2_000, () => runtimeSettings.refresh()),
    periodicTask(
      'gauges',
      60_000,
      () => sampleGauges({ history, queueStats, worker: workerMonitor, now: systemClock.wallMs() }),
      0,
    ),
    // The overview shows an unreachable worker; the reconciliations stay as they were.
    periodicTask('money', 60_000, () => moneyReports.refresh().catch(() => undefined)),
    periodicTask('reconciliations', 60_000, () => reconciliations.refresh().catch(() => undefined)),
  ];
  return { dashboardDeps, tasks };
}
