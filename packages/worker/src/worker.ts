import { setTimeout as sleep } from 'node:timers/promises';
import {
  Chore,
  createLogger,
  type HttpServer,
  type Logger,
  type RunningService,
  type Tracing,
} from '@shopee-webhook/runtime';
import { describeConfig, type WorkerConfig } from './config.ts';
import type { Settlement } from '@shopee-webhook/store';
import { Consumers } from './deliveries/consumers.ts';
import { traceSettlement } from './deliveries/delivery-trace.ts';
import { LiveSettings } from './live-settings.ts';
import type { RetryPolicy } from './deliveries/outcome-of.ts';
import { createApp } from './worker-app.ts';
import { removeOld } from './retention.ts';
import { createHealth } from './worker-health.ts';
import { createJobs, type Jobs } from './jobs/create-jobs.ts';
import { createMetrics } from './worker-metrics.ts';
import { buildParts, type WorkerParts } from './worker-parts.ts';

/** A worker that is built; it does nothing until it is started. */
export interface Worker extends RunningService {
  readonly app: HttpServer;
  /** Where its HTTP side listens, once started. */
  readonly url: string;
  readonly parts: WorkerParts;
  readonly jobs: Jobs;
  start(): Promise<void>;
}

export interface WorkerDependencies {
  logger?: Logger;
  tracing?: Tracing | undefined;
}

/** SIGTERM leaves ten seconds in all; what is not settled by then stays in the processing lists. */
const drainMs = 8000;
const closeMs = 1500;

/** Builds a worker from its configuration. */
export async function createWorker(given: WorkerConfig, dependencies: WorkerDependencies = {}): Promise<Worker> {
  // A copy of its own: these may be changed while it runs.
  const config = { ...given, orderEventCodes: [...given.orderEventCodes] };
  const logger = dependencies.logger ?? createLogger({ name: 'worker', level: config.logLevel });
  const state = { stopping: false };
  const policy: RetryPolicy = { maxRetries: config.consumers.maxRetries, random: Math.random, now: Date.now };
  const metrics = createMetrics({
    inHand: () => consumers?.inHand() ?? 0,
    paused: () => parts.outages.gates.closed().length,
    shops: () => parts.shopWatch.shops,
    quotaLeft: (kind) => parts.quota.left(kind),
  });
  const parts = buildParts(config, logger, metrics);
  const { tracing } = dependencies;
  const onSettled = (settlement: Settlement) => {
    metrics.settled(settlement);
    if (tracing !== undefined) traceSettlement(tracing, settlement);
  };
  const { redis, pipeline } = parts;
  const jobs = createJobs(config, parts, logger);
  const live = redis && new LiveSettings({ redis, config, logger });
  const isPaused = () => live?.isPaused === true;
  const settings = { ...config.consumers, workerId: config.workerId };
  const consumers =
    redis === undefined
      ? undefined
      : new Consumers({
          config: settings,
          redis,
          pipeline,
          policy,
          onSettled,
          onTaken: metrics.took,
          logger,
          isPaused,
        });
  const isStopping = () => state.stopping;
  const health = createHealth(parts);
  const app = await createApp({
    config,
    parts,
    jobs,
    consumers,
    health,
    metrics,
    onSettled,
    policy,
    logger,
    isStopping,
    isPaused,
  });
  const chores = createChores(config, parts, logger);
  if (live !== undefined) chores.push(new Chore({ name: 'settings', everyMs: 2000, run: () => live.look(), logger }));
  if (redis !== undefined) {
    // What waited in the Redis that was lost is found again at Shopee.
    redis.link.onLost = () => jobs.runner.afterLoss();
  }
  let url = '';
  let stopped: Promise<void> | undefined;

  async function start(): Promise<void> {
    logger.info(describeConfig(config), 'starting');
    try {
      await redis?.link.look(parts.alarms, { strict: true }); // a Redis that loses data stops the start, one that is away does not
      url = await app.listen({ host: config.host, port: config.port });
    } catch (error) {
      disconnect();
      throw error;
    }
    // Before the consumers: they may be paused. A Redis that is away hands nothing out either.
    await live?.look().catch(() => undefined);
    await parts.forgotten.look().catch(() => undefined);
    parts.sheets.start();
    for (const chore of chores) chore.start();
    consumers?.start();
    if (config.scheduledJobs) jobs.runner.start();
    logger.info({ url }, 'worker started');
  }

  async function stopOnce(): Promise<void> {
    state.stopping = true; // no new messages by HTTP …
    const drained = consumers?.drain(); // … nor from Redis
    const closed = app.close(); // what came by HTTP is answered
    await Promise.race([Promise.all([drained, closed]), sleep(drainMs, undefined, { ref: false })]);
    consumers?.abandon(); // the rest stays un-acked, for another worker
    await Promise.race([close(), sleep(closeMs, undefined, { ref: false })]);
    disconnect(); // last: everything before it may still write
  }

  async function close(): Promise<void> {
    const results = await Promise.allSettled([
      jobs.runner.stop(),
      parts.sheets.stop(),
      ...chores.map((chore) => chore.stop()),
      tracing?.stop(),
      consumers?.close(), // ends the leases, after the last settlement
    ]);
    for (const result of results) if (result.status === 'rejected') logger.warn({ err: result.reason }, 'not closed');
  }

  function disconnect(): void {
    redis?.queue.close();
    redis?.link.redis.disconnect();
  }

  return {
    app,
    parts,
    jobs,
    get url() {
      return url;
    },
    start,
    stop: () => (stopped ??= stopOnce()),
    abandon() {
      state.stopping = true;
      consumers?.abandon();
      disconnect();
    },
  };
}

/** What is done again and again beside the messages. */
function createChores(config: WorkerConfig, parts: WorkerParts, logger: Logger): Chore[] {
  const { redis, keeper, shopWatch, shopFacts, sheetWatch, outages, alarms, forgotten } = parts;
  const tokens = async () => {
    await seed(config, parts, logger);
    await keeper.renewDue();
    await shopWatch.look();
    await shopFacts.look();
  };
  return [
    ...(redis === undefined
      ? []
      : [
          new Chore({ name: 'redis', everyMs: 2000, run: () => redis.link.look(alarms), logger }),
          new Chore({ name: 'forgotten buyers', everyMs: 30_000, run: () => forgotten.look(), logger }),
          new Chore({
            name: 'retention',
            everyMs: 3_600_000,
            run: () => removeOld(redis.link, config.retentionDays, logger),
            logger,
          }),
        ]),
    new Chore({ name: 'tokens', everyMs: 30_000, run: tokens, logger }),
    new Chore({ name: 'sheets', everyMs: 300_000, run: () => sheetWatch.look(), logger }),
    new Chore({ name: 'outages', everyMs: 15_000, run: () => outages.look(), logger }),
  ];
}

/** The shop from the environment, taken once for each refresh token that stands there. */
async function seed({ seed }: WorkerConfig, { tokens }: WorkerParts, logger: Logger): Promise<void> {
  if (seed === undefined) return;
  if (await tokens.seed(seed)) logger.info({ shop: seed.shopId }, 'tokens taken from the environment');
}
