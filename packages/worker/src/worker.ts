import { setTimeout as sleep } from 'node:timers/promises';
import {
  PeriodicTask,
  createLogger,
  type HttpServer,
  type Logger,
  type RunningService,
  type Tracing,
} from '@shopee-webhook/runtime';
import { describeConfig, type WorkerConfig } from './config.ts';
import type { Settlement } from '@shopee-webhook/store';
import { Consumers } from './consumer/consumers.ts';
import { traceSettlement } from './consumer/delivery-trace.ts';
import type { RetryPolicy } from './consumer/retry-policy.ts';
import { createApp } from './create-app.ts';
import { purgeExpired } from './jobs/retention.ts';
import { createHealth } from './create-health.ts';
import { createJobs, type Jobs } from './create-jobs.ts';
import { createMetrics } from './monitoring/metrics.ts';
import { createComponents, type WorkerComponents } from './create-deps.ts';

/** A worker that is built and not yet started. */
export interface Worker extends RunningService {
  readonly app: HttpServer;
  /** URL of its HTTP server, once started. */
  readonly url: string;
  readonly deps: WorkerComponents;
  readonly jobs: Jobs;
  start(): Promise<void>;
}

export interface WorkerDeps {
  logger?: Logger;
  tracing?: Tracing | undefined;
}

/** SIGTERM leaves ten seconds in all; what is not settled by then stays un-acked in the processing lists. */
const drainMs = 7500;
const closeMs = 1500;

/** Builds a worker from its configuration. */
export async function createWorker(config: WorkerConfig, workerDeps: WorkerDeps = {}): Promise<Worker> {
  const logger = workerDeps.logger ?? createLogger({ name: 'worker', level: config.logLevel });
  const state = { stopping: false };
  const policy: RetryPolicy = { maxRetries: config.consumers.maxRetries, random: Math.random };
  const metrics = createMetrics({
    inFlight: () => consumers?.inFlightCount() ?? 0,
    unavailableUpstreams: () => deps.outageMonitor.breakers.open().length,
    shops: () => deps.shopMonitor.shops,
    quotaRemaining: (kind) => deps.quota.remaining(kind),
    unexplainedOrders: () => deps.unexplainedOrders.counts(),
  });
  const deps = createComponents(config, logger, metrics);
  const { tracing } = workerDeps;
  const onSettled = (settlement: Settlement) => {
    metrics.onSettled(settlement);
    if (tracing !== undefined) traceSettlement(tracing, settlement);
  };
  const { redis, router, runtimeSettings } = deps;
  const jobs = createJobs(config, deps, logger);
  const consumerOptions = { ...config.consumers, workerId: config.workerId };
  const consumers =
    redis === undefined
      ? undefined
      : new Consumers({
          config: consumerOptions,
          redis,
          router,
          policy,
          onSettled,
          onTaken: metrics.onTaken,
          logger,
          isPaused: () => runtimeSettings.isPaused,
        });
  const isStopping = () => state.stopping;
  const health = createHealth(deps);
  const app = await createApp({
    config,
    deps,
    jobs,
    consumers,
    health,
    metrics,
    onSettled,
    policy,
    logger,
    isStopping,
  });
  const periodicTasks = createPeriodicTasks(config, deps, logger);
  if (redis !== undefined) {
    // Events that were lost with Redis are fetched again from Shopee.
    redis.monitor.onDataLoss = () => jobs.runner.onDataLoss();
  }
  let url = '';
  let stopped: Promise<void> | undefined;

  async function start(): Promise<void> {
    logger.info(describeConfig(config), 'starting');
    try {
      await redis?.monitor.check(deps.alerts, { strict: true }); // an unsafe Redis prevents the start, an unavailable one does not
      url = await app.listen({ host: config.host, port: config.port });
    } catch (error) {
      disconnect();
      throw error;
    }
    // Before the consumers, which may be paused. An unavailable Redis delivers nothing anyway.
    await runtimeSettings.refresh().catch(() => undefined);
    await deps.erasedBuyers.refresh().catch(() => undefined);
    deps.sheets.start();
    for (const task of periodicTasks) task.start();
    consumers?.start();
    if (config.scheduledJobs) jobs.runner.start();
    logger.info({ url }, 'worker started');
  }

  async function stopOnce(): Promise<void> {
    state.stopping = true; // no new messages by HTTP …
    const drained = consumers?.drain(); // … nor from Redis
    const closed = app.close(); // finishes open HTTP requests
    await Promise.race([Promise.all([drained, closed]), sleep(drainMs, undefined, { ref: false })]);
    consumers?.forceStop(); // the rest stays un-acked for another worker
    await Promise.race([closeAll(), sleep(closeMs, undefined, { ref: false })]);
    disconnect(); // last: everything before it may still write
  }

  async function closeAll(): Promise<void> {
    const results = await Promise.allSettled([
      jobs.runner.stop(),
      deps.sheets.stop(),
      ...periodicTasks.map((task) => task.stop()),
      tracing?.stop(),
      consumers?.close(), // ends the leases, after the last settlement
    ]);
    for (const result of results) if (result.status === 'rejected') logger.warn({ err: result.reason }, 'close failed');
  }

  function disconnect(): void {
    redis?.queue.close();
    redis?.monitor.redis.disconnect();
  }

  return {
    app,
    deps,
    jobs,
    get url() {
      return url;
    },
    start,
    stop: () => (stopped ??= stopOnce()),
    forceStop() {
      state.stopping = true;
      consumers?.forceStop();
      disconnect();
    },
  };
}

/** Periodic background tasks. */
function createPeriodicTasks(config: WorkerConfig, deps: WorkerComponents, logger: Logger): PeriodicTask[] {
  const {
    redis,
    accessTokens,
    shopMonitor,
    shopInfo,
    sheetMonitor,
    outageMonitor,
    alerts,
    erasedBuyers,
    runtimeSettings,
    unexplainedOrders,
  } = deps;
  const tokens = async () => {
    await seedTokens(config, deps, logger);
    await accessTokens.refreshDue();
    await shopMonitor.check();
    await shopInfo.refresh();
  };
  return [
    ...(redis === undefined
      ? []
      : [
          new PeriodicTask({ name: 'settings', intervalMs: 2000, run: () => runtimeSettings.refresh(), logger }),
          new PeriodicTask({ name: 'redis', intervalMs: 2000, run: () => redis.monitor.check(alerts), logger }),
          new PeriodicTask({ name: 'erasure requests', intervalMs: 30_000, run: () => erasedBuyers.refresh(), logger }),
          new PeriodicTask({
            name: 'retention',
            intervalMs: 3_600_000,
            run: () => purgeExpired(redis.monitor, config.retentionDays, logger),
            logger,
          }),
        ]),
    new PeriodicTask({ name: 'tokens', intervalMs: 30_000, run: tokens, logger }),
    new PeriodicTask({ name: 'sheets', intervalMs: 300_000, run: () => sheetMonitor.check(), logger }),
    new PeriodicTask({ name: 'unexplained', intervalMs: 60_000, run: () => unexplainedOrders.check(), logger }),
    new PeriodicTask({ name: 'outages', intervalMs: 15_000, run: () => outageMonitor.check(), logger }),
  ];
}

/** Imports the shop from the environment, once per refresh token. */
async function seedTokens({ seed }: WorkerConfig, { tokens }: WorkerComponents, logger: Logger): Promise<void> {
  if (seed === undefined) return;
  if (await tokens.seedFromEnv(seed)) logger.info({ shop: seed.shopId }, 'tokens imported from the environment');
}
