import {
  Chore,
  createLogger,
  createRegistry,
  type HttpServer,
  type Logger,
  type Tracing,
} from '@shopee-webhook/runtime';
import { ForgottenOrders } from '@shopee-webhook/store';
import { buildApp } from './app.ts';
import { createAlerts } from './alert-parts.ts';
import { AnswerCounts } from './answer-counts.ts';
import { describeConfig, secretsOf, type ForwarderConfig } from './config.ts';
import { createDashboard } from './dashboard-parts.ts';
import { createHealthChecks, registerTelegram } from './health-checks.ts';
import { createHistory, type HistoryParts } from './history-parts.ts';
import type { HistoryClient } from './history/history-client.ts';
import { Intake } from './intake.ts';
import { ForwarderMetrics } from './metrics.ts';
import { LiveSettings } from './live-settings.ts';
import { PushVerifier } from './push-verifier.ts';
import { QueueReporter } from './queue-report.ts';
import { connectStore, type StoreParts } from './redis-parts.ts';
import { RefusedPushes } from './refused-pushes.ts';
import { createSpoolParts, type SpoolParts } from './spool-parts.ts';
import { EventLog } from './event-log.ts';
import { Forgetter } from './forgetter.ts';
import { createShopConnect } from './shops/connect-parts.ts';
import { Drainer } from './spool/drainer.ts';
import { addTelegramMetrics, telegramWaits } from './telegram-metrics.ts';
import type { Notifier } from './telegram/notifier.ts';
import { WorkerClient } from './spool/worker-client.ts';

/** What a test or the sandbox may bring along. */
export interface GivenParts {
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
  abandon(): void;
  app: HttpServer;
  /** Where it listens; only after `start`. */
  readonly url: string;
}

/** Everything the forwarder is made of, wired and not yet running. */
interface Parts {
  config: ForwarderConfig;
  logger: Logger;
  store: StoreParts | undefined;
  spool: SpoolParts;
  drainer: Drainer;
  notifier: Notifier;
  look: HistoryParts;
  eventLog: EventLog;
  refused: RefusedPushes;
  answers: AnswerCounts;
  chores: Chore[];
  tracing: Tracing | undefined;
  app: HttpServer;
}

/** Builds a forwarder that does not run yet. */
export async function createForwarder(config: ForwarderConfig, given: GivenParts = {}): Promise<Forwarder> {
  const parts = await wire(config, given);
  let running: Promise<void> | undefined;
  return {
    app: parts.app,
    get url() {
      return urlOf(parts.app);
    },
    start: () => start(parts),
    stop: () => (running ??= stop(parts)),
    abandon: () => abandon(parts),
  };
}

async function wire(config: ForwarderConfig, given: GivenParts): Promise<Parts> {
  const logger =
    given.logger ?? createLogger({ name: 'forwarder', level: config.log.level, secrets: secretsOf(config) });
  const registry = createRegistry();
  const { dataDir, logDir, retentionDays } = config;
  const spool = createSpoolParts({ dataDir, logger });
  const store = config.redis.enabled ? connectStore({ config, spool, logger }) : undefined;
  const eventLog = new EventLog({ dir: logDir, retentionDays, logger });
  const refused = new RefusedPushes({ dataDir, retentionDays });
  const answers = new AnswerCounts({ dataDir });
  const reporter = new QueueReporter({ spool: spool.events, redis: store });
  const metrics = new ForwarderMetrics({
    registry,
    breaker: store && (() => store.breaker.report()),
    report: () => reporter.report(),
    eventLogDropped: () => eventLog.dropped,
  });
  const drainer = new Drainer({
    file: spool.file,
    spool: spool.events,
    outbox: spool.outbox,
    redis: store,
    worker: new WorkerClient(config.worker),
    maxRetries: config.redis.maxRetries,
    alarms: spool.alarms,
    logger,
    onDrained: (to) => metrics.drained(to),
  });
  const look = createHistory({ dataDir, retentionDays, store, spool, logger });
  const { history } = look;
  const health = createHealthChecks({ gate: store?.gate, file: spool.file, eventLog, history });
  const liveSettings = new LiveSettings({ store, config, logger });
  const notifier = await createAlerts({
    config: { ...config, telegram: liveSettings.telegram },
    store,
    spool,
    reporter,
    history,
    health,
    answers,
    refused,
    onWait: telegramWaits(registry),
    logger,
  });
  const connect = createShopConnect({ config, store, logger });
  registerTelegram(health, notifier);
  addTelegramMetrics(registry, notifier);
  const dashboard = createDashboard({
    config,
    store,
    spool,
    look,
    reporter,
    answers,
    refused,
    health,
    notifier,
    connect,
    liveSettings,
    logger,
    appDir: given.dashboardApp,
  });
  const app = await buildApp({
    logger,
    registry,
    health,
    about: () => describeConfig(config),
    reporter,
    webhook: {
      verifier: new PushVerifier({ keys: config.push.keys, url: config.push.url, logger }),
      intake: new Intake({
        redis: store && { ...store, maxRetries: config.redis.maxRetries },
        spool: spool.events,
        eventLog,
        logger,
      }),
      refused,
      answers,
      metrics,
      tracing: given.tracing,
      logger,
      keys: config.push.keys.length,
      keepPush: (push) => look.pushes.keep(push),
    },
    dashboard: dashboard.parts,
    connect,
  });
  const chores = [
    ...createChores({ drainer, eventLog, refused, answers, spool, retentionDays, logger }),
    ...createForgetter({ store, history, eventLog, spool, dataDir, logger }),
    ...dashboard.chores,
  ];
  const { tracing } = given;
  return { config, logger, store, spool, drainer, notifier, look, eventLog, refused, answers, chores, tracing, app };
}

function createChores(
  parts: Pick<Parts, 'drainer' | 'eventLog' | 'refused' | 'answers' | 'spool' | 'logger'> & { retentionDays: number },
): Chore[] {
  const { drainer, eventLog, refused, answers, spool, retentionDays, logger } = parts;
  const chore = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void> | void) =>
    new Chore({ name, everyMs, run, logger });
  return [
    chore('drainer', 250, (signal) => drainer.round(signal)),
    chore('event log', 200, () => eventLog.flush()),
    chore('refused pushes', 5_000, () => refused.save()),
    chore('answer counts', 30_000, () => answers.save()),
    chore('event log retention', 3_600_000, () => eventLog.prune()),
    chore('spool retention', 3_600_000, () => {
      spool.events.removeDeadLettersBefore(Date.now() - retentionDays * dayMs);
    }),
    chore('spool upkeep', 60_000, () => spool.events.trim()),
    chore('spool watch', 2_000, () => spool.watch()),
  ];
}

/** Erases buyers that were asked to be forgotten; Redis tells which. */
function createForgetter(
  parts: Pick<Parts, 'store' | 'eventLog' | 'spool' | 'logger'> & { history: HistoryClient; dataDir: string },
): Chore[] {
  const { store, history, eventLog, spool, dataDir, logger } = parts;
  if (store === undefined) return [];
  const forgotten = new ForgottenOrders(store);
  const forgetter = new Forgetter({ forgotten, history, eventLog, spool: spool.events, dataDir, logger });
  const run = async () => {
    if (store.gate.usable) await forgetter.round();
  };
  return [new Chore({ name: 'forgetter', everyMs: 30_000, run, logger })];
}

async function start(parts: Parts): Promise<void> {
  const { config, logger, store, spool, refused, answers, chores, notifier, look, app } = parts;
  try {
    spool.open();
    await Promise.all([store?.start(), refused.load(), answers.load()]);
    await app.listen({ host: config.http.host, port: config.http.port });
    for (const chore of chores) chore.start();
    notifier.start();
    look.start();
    logger.info({ url: urlOf(app), ...describeConfig(config) }, 'forwarder started');
  } catch (error) {
    // Whatever was opened so far must not keep the process alive.
    await stop(parts);
    throw error;
  }
}

const dayMs = 24 * 3_600_000;
const requestsMs = 3_000;
const workerMs = 4_000;
const historyMs = 1_500;
const redisMs = 1_000;

/** Each step has its own deadline, so that nothing that hangs (Redis, the worker) takes the time of what follows. */
async function stop({
  app,
  logger,
  store,
  spool,
  drainer,
  notifier,
  look,
  eventLog,
  refused,
  answers,
  chores,
  tracing,
}: Parts): Promise<void> {
  // 1 No new pushes: Shopee sends again what is refused now. Those in hand are answered; none waits longer than the breaker lets it.
  await within(requestsMs, app.close()).catch((err: unknown) => logger.warn({ err }, 'requests cut off'));
  app.server.closeAllConnections();
  // 2 The chores come to rest; an answer of the worker that is on its way is worth waiting for, else the event stays in
  // the spool; one of Telegram's as well, else the alert is sent again.
  const rests = [notifier, ...chores].map((part) => within(workerMs, part.stop()));
  await Promise.all([drainer.stop(workerMs), ...rests]).catch((err: unknown) =>
    logger.warn({ err }, 'a chore did not come to rest'),
  );
  // 3 What is only in memory goes to disk. Nothing that was answered 200 is among it.
  const saved = await Promise.allSettled([
    within(historyMs, look.stop()),
    eventLog.close(),
    refused.save(),
    answers.save(),
    tracing?.stop(),
  ]);
  for (const { status, ...result } of saved)
    if (status === 'rejected') logger.warn({ err: 'reason' in result ? result.reason : undefined }, 'not saved');
  // 4 Redis: in order when it answers, else by closing the socket.
  if (store !== undefined) await within(redisMs, store.close()).catch(() => store.disconnect());
  // 5 Last the spool: everything above may still write to it.
  spool.file.close();
}

function abandon({ app, store, spool, drainer, notifier }: Parts): void {
  drainer.abandon();
  notifier.abandon();
  app.server.closeAllConnections();
  store?.disconnect();
  spool.file.close();
}

function urlOf(app: HttpServer): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the forwarder does not listen yet');
  const host = address.address === '0.0.0.0' || address.address === '::' ? '127.0.0.1' : address.address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(address.port)}`;
}

/** Resolves as `work` does, or rejects after `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done within ${String(ms)} ms`)), ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
