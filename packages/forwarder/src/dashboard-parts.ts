import { Chore, type HealthChecks, type Logger } from '@shopee-webhook/runtime';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import type { AnswerCounts } from './answer-counts.ts';
import type { ForwarderConfig } from './config.ts';
import { DeadLetters } from './dashboard/dead-letters.ts';
import { noteGauges } from './dashboard/gauges.ts';
import { LiveWatchers } from './dashboard/live-watchers.ts';
import { Login } from './dashboard/login.ts';
import { OverviewMaker } from './dashboard/overview.ts';
import type { DashboardParts } from './dashboard/plugin.ts';
import { Requeue } from './dashboard/requeue.ts';
import { ShopNames } from './dashboard/shop-names.ts';
import { Tasks } from './dashboard/tasks.ts';
import { WorkerWatch } from './dashboard/worker-watch.ts';
import type { HistoryParts } from './history-parts.ts';
import type { QueueReporter } from './queue-report.ts';
import type { StoreParts } from './redis-parts.ts';
import type { RefusedPushes } from './refused-pushes.ts';
import type { SpoolParts } from './spool-parts.ts';
import type { Notifier } from './telegram/notifier.ts';

const version = '0.1.0';

export interface DashboardSources {
  config: ForwarderConfig;
  store: StoreParts | undefined;
  spool: SpoolParts;
  look: HistoryParts;
  reporter: QueueReporter;
  answers: AnswerCounts;
  refused: RefusedPushes;
  health: HealthChecks;
  notifier: Notifier;
  logger: Logger;
  appDir: string | undefined;
}

/** Wires what the dashboard stands on; `chores` keep what it shows up to date. */
export function createDashboard(sources: DashboardSources): { parts: DashboardParts; chores: Chore[] } {
  const { config, store, spool, look, reporter, answers, refused, health, notifier, appDir } = sources;
  const { dataDir } = config;
  const logger = sources.logger.child({ part: 'dashboard' });
  const { history, feed } = look;
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  const shops = new ShopNames(new TokenStore({ redis: store?.redis, keys, dataDir }));
  const worker = new WorkerWatch({ url: config.worker.url });
  const overview = new OverviewMaker({
    history,
    reporter,
    health,
    answers,
    notifier,
    worker,
    shops,
    alarms: spool.alarms,
    isPaused: () => false,
    accounts: () => [],
  });
  const redis = store && { activity: store.activity, isUsable: () => store.gate.usable };
  const live = new LiveWatchers({ feed, redis, overview: () => overview.overview(), logger });
  const tasks = new Tasks({ tell: (task) => live.tell({ kind: 'task', task }), logger });
  const isUsable = () => store?.gate.usable === true;
  const deadLetters = new DeadLetters({
    redis: store && { inspector: store.inspector, isUsable },
    spool: spool.events,
  });
  const requeue = new Requeue({
    redis: store && { queue: store.queue, isUsable, maxRetries: config.redis.maxRetries },
    spool: spool.events,
    orderEventCodes: () => config.shopee.orderEventCodes,
  });
  const login = new Login({ dataDir, password: config.dashboard.password, logger });
  const chores = [
    new Chore({ name: 'worker watch', everyMs: 5_000, run: () => worker.look(), logger }),
    new Chore({
      name: 'gauges',
      everyMs: 60_000,
      jitter: 0,
      run: () => noteGauges({ history, reporter, worker, now: Date.now() }),
      logger,
    }),
  ];
  const parts = {
    login,
    publicUrl: config.publicUrl,
    version,
    appDir,
    history,
    shops,
    overview,
    live,
    deadLetters,
    tasks,
    requeue,
    refused,
    answers,
  };
  return { parts: { ...parts, pushKeys: config.push.keys }, chores };
}
