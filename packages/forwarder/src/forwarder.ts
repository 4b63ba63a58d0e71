import {
  PeriodicTask,
  createLogger,
  createRegistry,
  TrustedProxies,
  type HttpServer,
  type Logger,
  type Tracing,
  systemClock,
} from '@shopee-webhook/runtime';
import { ErasureRequests } from '@shopee-webhook/store';
import { buildApp } from './app.ts';
import { createAlerts } from './alerts/create-alerts.ts';
import { createTelegram } from './alerts/create-telegram.ts';
import { ResponseStats } from './ingest/response-stats.ts';
import { describeConfig, listSecrets, type ForwarderConfig } from './config.ts';
import { createDashboard } from './dashboard/create-dashboard.ts';
import { createHealthChecks, registerAlerts, registerTelegram } from './monitoring/health-checks.ts';
import { createHistory, type HistoryDeps } from './ingest/create-history.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import { Admission } from './ingest/admission.ts';
import { PushIngest } from './ingest/push-ingest.ts';
import { PushObserver } from './ingest/push-observer.ts';
import { addAlertMetrics, ForwarderMetrics } from './monitoring/metrics.ts';
import { RuntimeSettings } from './settings/runtime-settings.ts';
import { PushVerifier } from './ingest/push-verifier.ts';
import { QueueStatsReader } from './monitoring/queue-stats.ts';
import { createRedis, type RedisDeps } from './redis/create-redis.ts';
import { RejectedPushes } from './ingest/rejected-pushes.ts';
import { createSpool, type SpoolDeps } from './spool/create-spool.ts';
import { EventLog } from './ingest/event-log.ts';
import { DataEraser } from './ingest/data-eraser.ts';
import { createShopAuthorization } from './shops/create-shop-authorization.ts';
import { Drainer } from './spool/drainer.ts';
import { addTelegramMetrics, createDeliveryHistogram } from './monitoring/telegram-metrics.ts';
import type { Notifier } from '@shopee-webhook/notifier';
import { WorkerClient } from './spool/worker-client.ts';

/** What a test or the sandbox may replace. */
export interface ForwarderOverrides {
  logger?: Logger;
  tracing?: Tracing | undefined;
  /** Where the built browser app is. */
  dashboardApp?: string;
}

export interface Forwarder {
  /** Listens and starts all tasks; throws when Redis is there and unsafe, or the port is taken. */
  start(): Promise<void>;
  /** Takes no more, finishes what is in flight within 10 s, and leaves the rest where it is safe. May be called twice. */
  stop(): Promise<void>;
  /** Aborts what is in flight, at once. */
  forceStop(): void;
  app: HttpServer;
  /** Where it listens; only after `start`. */
  readonly url: string;
}

/** Everything the forwarder is made of, wired and not yet running. */
interface ForwarderDeps {
  config: ForwarderConfig;
  logger: Logger;
  redis: RedisDeps | undefined;
  spool: SpoolDeps;
  drainer: Drainer;
  notifier: Notifier;
  eventHistory: HistoryDeps;
  eventLog: EventLog;
  rejected: RejectedPushes;
  responseStats: ResponseStats;
  observer: PushObserver;
  tasks: PeriodicTask[];
  tracing: Tracing | undefined;
  app: HttpServer;
}

/** Builds a forwarder that does not run yet. */
export async function createForwarder(config: ForwarderConfig, overrides: ForwarderOverrides = {}): Promise<Forwarder> {
  const deps = await wireDeps(config, overrides);
  let stopping: Promise<void> | undefined;
  return {
    app: deps.app,
    get url() {
      return urlOf(deps.app);
    },
    start: () => startAll(deps),
    stop: () => (stopping ??= stopAll(deps)),
    forceStop: () => forceStopAll(deps),
  };
}

async function wireDeps(config: ForwarderConfig, overrides: ForwarderOverrides): Promise<ForwarderDeps> {
  const logger =
    overrides.logger ?? createLogger({ name: 'forwarder', level: config.log.level, secrets: listSecrets(config) });
  const { tracing } = overrides;
  const registry = createRegistry();
  const { dataDir, logDir, retentionDays } = config;
  const spool = createSpool({ dataDir, logger });
  const redis = config.redis.enabled ? createRedis({ config, logger }) : undefined;
  const eventLog = new EventLog({ dir: logDir, retentionDays, logger });
  const rejected = new RejectedPushes({ dataDir, retentionDays });
  const responseStats = new ResponseStats({ dataDir });
  const queueStats = new QueueStatsReader({ spool: spool.events, redis });
  const admission = new Admission();
  const eventHistory = createHistory({ dataDir, retentionDays, redis, spool, admission, logger });
  const { history, pushRecorder } = eventHistory;
  const metrics = new ForwarderMetrics({
    registry,
    breaker: redis && (() => redis.breaker.report()),
    readStats: () => queueStats.read(),
    eventLogDropped: () => eventLog.dropped,
  });
  const drainer = new Drainer({
    file: spool.file,
    spool: spool.events,
    outbox: spool.outbox,
    redis,
    worker: new WorkerClient(config.worker),
    maxRetries: config.redis.maxRetries,
    logger,
    onDrained: (to) => metrics.recordDrained(to),
  });
  const { alerts, tasks: alertTasks } = createAlerts({
    config,
    redis,
    spool,
    drainer,
    queueStats,
    responseStats,
    rejected,
    logger,
  });
  const health = createHealthChecks({ redisMonitor: redis?.monitor, file: spool.file, eventLog, history });
  const runtimeSettings = new RuntimeSettings({ redis, config, logger });
  const notifier = await createTelegram({
    config: { ...config, telegram: runtimeSettings.telegram },
    redis,
    spool,
    queueStats,
    history,
    health,
    onDelivered: createDeliveryHistogram(registry),
    logger,
  });
  registerTelegram(health, notifier);
  registerAlerts(health, alerts);
  addTelegramMetrics(registry, notifier);
  addAlertMetrics(registry, alerts);
  const authorization = createShopAuthorization({ config, redis, logger });
  const dashboard = createDashboard({
    config,
    redis,
    spool,
    eventHistory,
    queueStats,
    responseStats,
    rejected,
    health,
    alerts,
    notifier,
    authorization,
    runtimeSettings,
    admission,
    logger,
    appDir: overrides.dashboardApp,
  });
  const ingest = new PushIngest({
    queue: redis?.batcher,
    maxRetries: config.redis.maxRetries,
    spool: spool.events,
    logger,
  });
  const observer = new PushObserver({
    ingest,
    responseStats,
    rejected,
    metrics,
    eventLog,
    recordPush: (push) => pushRecorder.record(push),
    tracing,
    keys: config.push.keys.length,
    logger,
  });
  const verifier = new PushVerifier({ keys: config.push.keys, url: config.push.url, logger });
  const proxies = new TrustedProxies(config.http.trustedProxies);
  await proxies.refresh();
  const app = await buildApp({
    logger,
    registry,
    health,
    describe: () => describeConfig(config),
    proxies,
    partnerKey: config.shopee.partnerKey,
    queueStats,
    webhook: { admission, verifier, ingest, observer },
    dashboard: dashboard.dashboardDeps,
    authorization,
  });
  const tasks = [
    ...createTasks({ drainer, eventLog, rejected, responseStats, observer, admission, spool, retentionDays, logger }),
    ...createEraser({ redis, history, eventLog, spool, dataDir, logger }),
    ...alertTasks,
    ...dashboard.tasks,
  ];
  return {
    config,
    logger,
    redis,
    spool,
    drainer,
    notifier,
    eventHistory,
    eventLog,
    rejected,
    responseStats,
    observer,
    tasks,
    tracing,
    app,
  };
}

/** Background work lets pushes go first, for so long at most. */
const maxYieldMs = 1_000;

function createTasks(
  deps: Pick<ForwarderDeps, 'drainer' | 'eventLog' | 'rejected' | 'responseStats' | 'observer' | 'spool' | 'logger'> & {
    admission: Admission;
    retentionDays: number;
  },
): PeriodicTask[] {
  const { drainer, eventLog, rejected, responseStats, observer, admission, spool, retentionDays, logger } = deps;
  const task = (name: string, intervalMs: number, run: (signal: AbortSignal) => Promise<unknown> | void) =>
    new PeriodicTask({
      name,
      intervalMs,
      async run(signal) {
        await admission.quiet(maxYieldMs);
        await run(signal);
      },
      logger,
    });
  return [
    task('drainer', 250, (signal) => drainer.tick(signal)),
    task('event log', 200, () => eventLog.flush()),
    task('unsigned requests', 60_000, () => observer.logUnsigned()),
    task('rejected pushes', 5_000, () => rejected.save()),
    task('response stats', 30_000, () => responseStats.save()),
    task('event log retention', 3_600_000, () => eventLog.prune()),
    task('spool retention', 3_600_000, () => {
      spool.events.removeDeadLettersBefore(systemClock.wallMs() - retentionDays * dayMs);
    }),
    task('spool trim', 60_000, () => spool.events.trim()),
  ];
}

/** Erases buyers' data on request; Redis knows the requests. */
function createEraser(
  deps: Pick<ForwarderDeps, 'redis' | 'eventLog' | 'spool' | 'logger'> & { history: HistoryClient; dataDir: string },
): PeriodicTask[] {
  const { redis, history, eventLog, spool, dataDir, logger } = deps;
  if (redis === undefined) return [];
  const requests = new ErasureRequests(redis);
  const eraser = new DataEraser({ requests, history, eventLog, spool: spool.events, dataDir, logger });
  const run = async () => {
    if (redis.monitor.isAvailable) await eraser.eraseRequested();
  };
  return [new PeriodicTask({ name: 'data erasure', intervalMs: 30_000, run, logger })];
}

async function startAll(deps: ForwarderDeps): Promise<void> {
  const { config, logger, redis, spool, rejected, responseStats, tasks, notifier, eventHistory, app } = deps;
  try {
    spool.open();
    await Promise.all([redis?.start(), rejected.load(), responseStats.load()]);
    await app.listen({ host: config.http.host, port: config.http.port });
    for (const task of tasks) task.start();
    notifier.start();
    eventHistory.start();
    logger.info({ url: urlOf(app), ...describeConfig(config) }, 'forwarder started');
  } catch (error) {
    // Whatever was opened so far must not keep the process alive.
    await stopAll(deps);
    throw error;
  }
}

const dayMs = 24 * 3_600_000;
const requestTimeoutMs = 3_000;
const workerTimeoutMs = 4_000;
const historyTimeoutMs = 1_500;
const redisTimeoutMs = 1_000;

/** Each step has its own deadline, so that nothing that hangs (Redis, the worker) takes the time of what follows. */
async function stopAll({
  app,
  logger,
  redis,
  spool,
  drainer,
  notifier,
  eventHistory,
  eventLog,
  rejected,
  responseStats,
  observer,
  tasks,
  tracing,
}: ForwarderDeps): Promise<void> {
  // 1 No new pushes: Shopee sends again what is rejected now. Those in flight get their response; none waits longer than the breaker allows.
  await withTimeout(requestTimeoutMs, app.close()).catch((err: unknown) =>
    logger.warn({ err }, 'open requests aborted'),
  );
  app.server.closeAllConnections();
  // 2 The tasks stop; a response of the worker that is on its way is worth waiting for, else the event stays in the spool;
  // one of Telegram's as well, else the notification is sent again.
  const stops = [notifier, ...tasks].map((part) => withTimeout(workerTimeoutMs, part.stop()));
  await Promise.all([drainer.stop(workerTimeoutMs), ...stops]).catch((err: unknown) =>
    logger.warn({ err }, 'periodic task did not stop in time'),
  );
  // 3 What is only in memory goes to disk. Nothing that got a 200 is among it.
  observer.flush();
  observer.logUnsigned();
  const saved = await Promise.allSettled([
    withTimeout(historyTimeoutMs, eventHistory.stop()),
    eventLog.close(),
    rejected.save(),
    responseStats.save(),
    tracing?.stop(),
  ]);
  for (const { status, ...result } of saved)
    if (status === 'rejected')
      logger.warn({ err: 'reason' in result ? result.reason : undefined }, 'final save failed');
  // 4 Redis: gracefully when it replies, else by closing the socket.
  if (redis !== undefined) await withTimeout(redisTimeoutMs, redis.close()).catch(() => redis.disconnect());
  // 5 Last the spool: everything above may still write to it.
  spool.file.close();
}

function forceStopAll({ app, redis, spool, drainer, notifier }: ForwarderDeps): void {
  drainer.forceStop();
  notifier.forceStop();
  app.server.closeAllConnections();
  redis?.disconnect();
  spool.file.close();
}

function urlOf(app: HttpServer): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the forwarder is not listening yet');
  const host = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(address.port)}`;
}

/** Resolves as `work` does, or rejects after `ms`. */
async function withTimeout(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${String(ms)} ms`)), ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
