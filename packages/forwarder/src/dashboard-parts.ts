import { Chore, type HealthChecks, type Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import { TroubleFactsGatherer } from './alerts/trouble-facts.ts';
import type { AnswerCounts } from './answer-counts.ts';
import type { ForwarderConfig } from './config.ts';
import { Accounts } from './dashboard/accounts.ts';
import { DeadLetters } from './dashboard/dead-letters.ts';
import { noteGauges } from './dashboard/gauges.ts';
import { LiveWatchers } from './dashboard/live-watchers.ts';
import { Login } from './dashboard/login.ts';
import { OverviewMaker } from './dashboard/overview.ts';
import type { DashboardParts } from './dashboard/plugin.ts';
import { Requeue } from './dashboard/requeue.ts';
import { ShopNames } from './dashboard/shop-names.ts';
import { StandingAlarms } from './dashboard/standing-alarms.ts';
import { Tasks } from './dashboard/tasks.ts';
import { WorkerFacts } from './dashboard/worker-facts.ts';
import { WorkerLink } from './dashboard/worker-link.ts';
import { WorkerWatch } from './dashboard/worker-watch.ts';
import type { HistoryParts } from './history-parts.ts';
import type { LiveSettings } from './live-settings.ts';
import type { QueueReporter } from './queue-report.ts';
import type { StoreParts } from './redis-parts.ts';
import type { RefusedPushes } from './refused-pushes.ts';
import type { ShopConnect } from './shops/shop-connect.ts';
import type { SpoolParts } from './spool-parts.ts';
import type { Notifier } from './telegram/notifier.ts';

const version = '0.1.0';
const webhookPath = '/webhook/shopee';

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
  connect: ShopConnect;
  liveSettings: LiveSettings;
  logger: Logger;
  appDir: string | undefined;
}

/** Wires what the dashboard stands on; `chores` keep what it shows up to date. */
export function createDashboard(sources: DashboardSources): { parts: DashboardParts; chores: Chore[] } {
  const { config, store, spool, look, reporter, answers, health, notifier, liveSettings } = sources;
  const logger = sources.logger.child({ part: 'dashboard' });
  const { history, feed } = look;
  const isUsable = () => store?.gate.usable === true;
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  const shops = new ShopNames(new TokenStore({ redis: store?.redis, keys, dataDir: config.dataDir }));
  const worker = new WorkerWatch({ url: config.worker.url });
  const link = new WorkerLink(config.worker);
  const accounts = new Accounts({ link, history, shops });
  const { partnerId, partnerKey, apiUrl: baseUrl } = config.shopee;
  const shopee = new ShopeeClient({ partnerId, partnerKey, baseUrl });
  const facts = new TroubleFactsGatherer({
    ...sources,
    inspector: undefined,
    shopee,
    dataDir: config.dataDir,
    logger,
  });
  const alarms = new StandingAlarms({ own: spool.alarms, facts, store });
  const overview = new OverviewMaker({
    history,
    reporter,
    health,
    answers,
    notifier,
    worker,
    shops,
    alarms: () => alarms.list,
    isPaused: () => liveSettings.pausedSince !== undefined,
    accounts: () => accounts.list,
  });
  const redis = store && { activity: store.activity, inspector: store.inspector, isUsable };
  const live = new LiveWatchers({ feed, redis, overview: () => overview.overview(), logger });
  const parts: DashboardParts = {
    login: new Login({ dataDir: config.dataDir, password: config.dashboard.password, logger }),
    publicUrl: config.publicUrl,
    callbackUrl: config.push.url ?? (config.publicUrl && `${config.publicUrl}${webhookPath}`),
    version,
    appDir: sources.appDir,
    history,
    shops,
    overview,
    live,
    pushKeys: config.push.keys,
    deadLetters: new DeadLetters({ redis, spool: spool.events }),
    tasks: new Tasks({ tell: (task) => live.tell({ kind: 'task', task }), logger }),
    requeue: new Requeue({
      redis: store && { queue: store.queue, isUsable, maxRetries: config.redis.maxRetries },
      spool: spool.events,
      orderEventCodes: () => liveSettings.orderEventCodes,
    }),
    refused: sources.refused,
    answers,
    connect: sources.connect,
    link,
    worker,
    workerFacts: new WorkerFacts(link),
    liveSettings,
    shown: config.shown,
    notifier,
    redis,
    isUsable,
  };
  const chore = (name: string, everyMs: number, run: () => Promise<void>, jitter = 0.2) =>
    new Chore({ name, everyMs, run, jitter, logger });
  const chores = [
    chore('worker watch', 5_000, () => worker.look()),
    chore('settings', 2_000, () => liveSettings.look()),
    chore('gauges', 60_000, () => noteGauges({ history, reporter, worker, now: Date.now() }), 0),
    // A worker that is away is said on the overview; the accounts stay as they were.
    chore('alarms', 10_000, () => alarms.look()),
    chore('accounts', 60_000, () => accounts.look().catch(() => undefined)),
  ];
  return { parts, chores };
}
