import {
  PeriodicTask,
  createLogger,
  createRegistry,
  type HttpServer,
  type Logger,
  type Tracing,
} from '@shopee-webhook/runtime';
import { ErasureRequests } from '@shopee-webhook/store';
import { buildApp } from './app.ts';
import { createTelegram } from './alerts/create-telegram.ts';
import { ResponseStats } from './monitoring/response-stats.ts';
import { describeConfig, listSecrets, type ForwarderConfig } from './config.ts';
import { createDashboard } from './dashboard/create-dashboard.ts';
import { createHealthChecks, registerTelegram } from './monitoring/health-checks.ts';
import { createHistory, type HistoryDeps } from './create-history.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import { PushIngest } from './ingest/push-ingest.ts';
import { ForwarderMetrics } from './monitoring/metrics.ts';
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

/** What a test or the sandbox may bring along. */
export interface ForwarderOverrides {
  logger?: Logger;
  tracing?: Tracing | undefined;
  /** Where the built browser app is. */
  dashboardApp?: string;
}

export interface Forwarder {
  /** Listens and begins; throws when Redis is there and unsafe, or the port is taken. */
  start(): Promise<void>;
  /** Takes no more, finishes what is in hand within 10 s, and leaves the rest where it is safe. May be called twice. */
  stop(): Promise<void>;
  /** Gives up what is in hand, at once. */
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
  const registry = createRegistry();
  const { dataDir, logDir, retentionDays } = config;
  const spool = createSpool({ dataDir, logger });
  const redis = config.redis.enabled ? createRedis({ config, spool, logger }) : undefined;
  const eventLog = new EventLog({ dir: logDir, retentionDays, logger });
  const rejected = new RejectedPushes({ dataDir, retentionDays });
  const responseStats = new ResponseStats({ dataDir });
  const queueStats = new QueueStatsReader({ spool: spool.events, redis: redis });
  const metrics = new ForwarderMetrics({
    registry,
    breaker: redis && (() => redis.breaker.report()),
    readStats: () => queueStats.report(),
    eventLogDropped: () => eventLog.dropped,
  });
  const drainer = new Drainer({
    file: spool.file,
    spool: spool.events,
    outbox: spool.outbox,
    redis: redis,
    worker: new WorkerClient(config.worker),
    maxRetries: config.redis.maxRetries,
    alerts: spool.alerts,
    logger,
    onDrained: (to) => metrics.recordDrained(to),
  });
  const eventHistory = createHistory({ dataDir, retentionDays, store: redis, spool, logger });
  const { history } = eventHistory;
  const health = createHealthChecks({ redisMonitor: redis?.monitor, file: spool.file, eventLog, history });
  const runtimeSettings = new RuntimeSettings({ store: redis, config, logger });
  const notifier = await createTelegram({
    config: { ...config, telegram: runtimeSettings.telegram },
    store: redis,
    spool,
    queueStats,
    history,
    health,
    responseStats,
    rejected,
    onDelivered: createDeliveryHistogram(registry),
    logger,
  });
  const authorization = createShopAuthorization({ config, store: redis, logger });
  registerTelegram(health, notifier);
  addTelegramMetrics(registry, notifier);
  const dashboard = createDashboard({
    config,
    store: redis,
    spool,
    eventHistory,
    queueStats,
    responseStats,
    rejected,
    health,
    notifier,
    authorization,
    runtimeSettings,
    logger,
    appDir: overrides.dashboardApp,
  });
  const app = await buildApp({
    logger,
    registry,
    health,
    describe: () => describeConfig(config),
    queueStats,
    webhook: {
      verifier: new PushVerifier({ keys: config.push.keys, url: config.push.url, logger }),
      ingest: new PushIngest({
        redis: redis && { ...redis, maxRetries: config.redis.maxRetries },
        spool: spool.events,
        eventLog,
        logger,
      }),
      rejected,
      responseStats,
      metrics,
      tracing: overrides.tracing,
      logger,
      keys: config.push.keys.length,
      recordPush: (push) => eventHistory.pushRecorder.record(push),
    },
    dashboard: dashboard.dashboardDeps,
    authorization,
  });
  const tasks = [
    ...createTasks({ drainer, eventLog, rejected, responseStats, spool, retentionDays, logger }),
    ...createEraser({ redis, history, eventLog, spool, dataDir, logger }),
    ...dashboard.tasks,
  ];
  const { tracing } = overrides;
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
    tasks,
    tracing,
    app,
  };
}

function createTasks(
  deps: Pick<ForwarderDeps, 'drainer' | 'eventLog' | 'rejected' | 'responseStats' | 'spool' | 'logger'> & {
    retentionDays: number;
  },
): PeriodicTask[] {
  const { drainer, eventLog, rejected, responseStats, spool, retentionDays, logger } = deps;
  const periodicTask = (name: string, intervalMs: number, run: (signal: AbortSignal) => Promise<void> | void) =>
    new PeriodicTask({ name, intervalMs, run, logger });
  return [
    periodicTask('drainer', 250, (signal) => drainer.tick(signal)),
    periodicTask('event log', 200, () => eventLog.flush()),
    periodicTask('refused pushes', 5_000, () => rejected.save()),
    periodicTask('answer counts', 30_000, () => responseStats.save()),
    periodicTask('event log retention', 3_600_000, () => eventLog.prune()),
    periodicTask('spool retention', 3_600_000, () => {
      spool.events.removeDeadLettersBefore(Date.now() - retentionDays * dayMs);
    }),
    periodicTask('spool upkeep', 60_000, () => spool.events.trim()),
    periodicTask('spool watch', 2_000, () => spool.checkHealth()),
  ];
}

/** Erases buyers that were asked to be forgotten; Redis tells which. */
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
  return [new PeriodicTask({ name: 'forgetter', intervalMs: 30_000, run, logger })];
}

async function startAll(deps: ForwarderDeps): Promise<void> {
  const { config, logger, redis, spool, rejected, responseStats, tasks, notifier, eventHistory, app } = deps;
  try {
    spool.open();
    await Promise.all([redis?.start(), rejected.load(), responseStats.load()]);
    await app.listen({ host: config.http.host, port: config.http.port });
    for (const chore of tasks) chore.start();
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
  tasks,
  tracing,
}: ForwarderDeps): Promise<void> {
  // 1 No new pushes: Shopee sends again what is refused now. Those in hand are answered; none waits longer than the breaker lets it.
  await withTimeout(requestTimeoutMs, app.close()).catch((err: unknown) => logger.warn({ err }, 'requests cut off'));
  app.server.closeAllConnections();
  // 2 The chores come to rest; an answer of the worker that is on its way is worth waiting for, else the event stays in
  // the spool; one of Telegram's as well, else the alert is sent again.
  const stops = [notifier, ...tasks].map((part) => withTimeout(workerTimeoutMs, part.stop()));
  await Promise.all([drainer.stop(workerTimeoutMs), ...stops]).catch((err: unknown) =>
    logger.warn({ err }, 'a chore did not come to rest'),
  );
  // 3 What is only in memory goes to disk. Nothing that was answered 200 is among it.
  const saved = await Promise.allSettled([
    withTimeout(historyTimeoutMs, eventHistory.stop()),
    eventLog.close(),
    rejected.save(),
    responseStats.save(),
    tracing?.stop(),
  ]);
  for (const { status, ...result } of saved)
    if (status === 'rejected') logger.warn({ err: 'reason' in result ? result.reason : undefined }, 'not saved');
  // 4 Redis: in order when it answers, else by closing the socket.
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
  if (address === null || typeof address === 'string') throw new Error('the forwarder does not listen yet');
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
