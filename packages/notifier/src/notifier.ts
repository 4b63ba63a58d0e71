import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import {
  createPeriodicTask,
  LocalLocks,
  RedisLocks,
  type AlertNotification,
  type PeriodicTask,
  type Keys,
  type Notification,
  type Queue,
  type RedisConnection,
} from '@shopee-webhook/store';
import { timeZoneOf } from '@shopee-webhook/shopee';
import { Api } from 'grammy';
import type { Outbox } from './outbox/outbox.ts';
import type { AlertCondition } from './alerts/alert-state.ts';
import { systemClock, type Clock } from './clock.ts';
import type { CommandBackend } from './commands/command-backend.ts';
import type { TelegramConfig } from './config.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { createDiscardingNotifier } from './outbox/discarding-notifier.ts';
import type { FormatContext } from './format/event.ts';
import { FileStateStore, RedisStateStore } from './state/state-store.ts';
import { relayOutbox } from './outbox/outbox-relay.ts';
import { toChatStatus, NotifierStats, type NotifierStatus } from './notifier-stats.ts';

/** The outbox in Redis and what belongs to it. */
export interface SharedOutbox {
  redis: RedisConnection;
  keys: Keys;
  outbox: Outbox;
  queue: Pick<Queue, 'enqueue'>;
  /** Whether Redis can be used now. */
  isAvailable: () => boolean;
}

/** The outbox on this process' disk. */
export type LocalOutbox = Outbox & { add(notification: Notification): void };

/** What the notifier stands on. */
export interface NotifierOptions {
  /** Undefined: no alerts; what the outboxes get is taken out and dropped. */
  config: TelegramConfig | undefined;
  /** Undefined: REDIS_ENABLED=false. */
  shared: SharedOutbox | undefined;
  /** What this process keeps on disk; moved to the shared outbox while Redis is usable, else sent from here. */
  local: LocalOutbox | undefined;
  dataDir: string;
  logger: Logger;
  /** The connected shops, for their names and time zones. */
  shops?: (() => Promise<Shop[]>) | undefined;
  /** How things are, for alarms; asked every 10 s by the one sender. */
  alertConditions?: ((standing: ReadonlySet<string>) => Promise<AlertCondition[]>) | undefined;
  /** What commands are answered from. */
  commandBackend?: CommandBackend | undefined;
  /** Hears how long each notification waited until it was told, ms. */
  onDelivered?: ((ms: number, urgent: boolean) => void) | undefined;
  clock?: Clock | undefined;
  /** How long a call to Telegram may take; 30 when left out. */
  callTimeoutSeconds?: number | undefined;
  /** How long a dead sender's lock stands, ms; 15,000 when left out. */
  leaderLeaseMs?: number | undefined;
}

export interface Shop {
  shopId: string;
  shopName?: string | undefined;
  region?: string | undefined;
}

export interface Notifier {
  start(): void;
  /** Takes no more, finishes the call in hand and gives the rest back. May be called twice. */
  stop(): Promise<void>;
  /** At once; what is in hand comes to the next sender when its lease is over. */
  forceStop(): void;
  /** Sends all that waits now, limits respected; false when another process is the sender. */
  runOnce(): Promise<boolean>;
  status(): NotifierStatus;
}

/** Builds what sends the outbox to Telegram. One process at a time sends; the others stand by. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { config, shared, local, logger } = options;
  if (config !== undefined) return new TelegramNotifier({ ...options, config });
  return createDiscardingNotifier(
    [shared?.outbox, local].filter((outbox) => outbox !== undefined),
    logger,
  );
}

const unavailableAfterMs = 3_000;

class TelegramNotifier implements Notifier {
  readonly #options: NotifierOptions & { config: TelegramConfig };
  readonly #dispatchers: Dispatcher[];
  readonly #tasks: PeriodicTask[];
  readonly #stats: NotifierStats;
  #shops = new Map<string, { region?: string | undefined; name?: string | undefined }>();
  /** ms; when Redis could last be used. */
  #redisAvailableAt = Date.now();
  #stop: AbortController | undefined;
  #loop: Promise<unknown> | undefined;

  constructor(options: NotifierOptions & { config: TelegramConfig }) {
    this.#options = options;
    this.#stats = new NotifierStats(options.onDelivered);
    this.#dispatchers = this.#createDispatchers();
    this.#tasks = this.#createTasks();
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    for (const chore of this.#tasks) chore.start();
    this.#loop = Promise.all(this.#dispatchers.map((desk) => desk.run(stop.signal)));
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await Promise.all(this.#tasks.map((chore) => chore.stop()));
    await this.#loop;
    this.#stop = undefined;
  }

  forceStop(): void {
    this.#stop?.abort();
    void Promise.all(this.#tasks.map((chore) => chore.stop()));
  }

  async runOnce(): Promise<boolean> {
    await this.#refreshShops();
    const { signal } = new AbortController();
    const led = await Promise.all(this.#dispatchers.map((desk) => desk.runOnce(signal)));
    return led.every(Boolean);
  }

  status(): NotifierStatus {
    const now = (this.#options.clock ?? systemClock).now();
    const sessions = this.#dispatchers.map(({ loop }) => loop).filter((session) => session !== undefined);
    return {
      enabled: true,
      isLeader: sessions.length > 0,
      chats: sessions.flatMap(({ queues }) => queues.map((line) => toChatStatus(line, now))),
      sent: { ...this.#stats.sent },
      maxUrgentMs: this.#stats.maxUrgentMs,
    };
  }

  /** One desk for the outbox in Redis; one for the disk, open only while there is no Redis to move it to. */
  #createDispatchers(): Dispatcher[] {
    const { config, shared, local, dataDir, logger, clock = systemClock } = this.#options;
    const { callTimeoutSeconds = 30, leaderLeaseMs = 15_000 } = this.#options;
    const api = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: callTimeoutSeconds });
    const ownZone = () => config.quiet?.zone ?? timeZoneOf([...this.#shops.values()][0]?.region);
    const context: FormatContext = { showBuyer: config.showBuyer, shop: (shopId) => this.#shops.get(shopId), ownZone };
    const pollApi = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: 60 });
    const { alertConditions, commandBackend } = this.#options;
    const common = {
      config,
      context,
      api,
      pollingApi: pollApi,
      alertConditions: alertConditions,
      commandBackend: commandBackend,
      dataDir,
      clock,
      logger,
      leaderLeaseMs: leaderLeaseMs,
      stats: this.#stats,
    };
    const desks: Dispatcher[] = [];
    if (shared !== undefined) {
      const { outbox, queue, isAvailable } = shared;
      const publish = async (alarm: AlertNotification) => void (await queue.enqueue(JSON.stringify(alarm)));
      desks.push(
        new Dispatcher({
          ...common,
          outbox,
          publish,
          locks: new RedisLocks(shared),
          store: new RedisStateStore(shared),
          isActive: isAvailable,
          inheritAlerts: () => this.#transferAlerts(),
        }),
      );
    }
    if (local !== undefined) {
      const store = new FileStateStore(join(dataDir, 'telegram-state.json'));
      const isActive = () => this.#isRedisUnavailable();
      const publish = async (alarm: AlertNotification) => local.add(alarm);
      desks.push(new Dispatcher({ ...common, publish, outbox: local, locks: new LocalLocks(), store, isActive }));
    }
    return desks;
  }

  /** Redis is back: what the desk on disk began is over when the one in Redis says so, which any process may lead. */
  async #transferAlerts(): Promise<void> {
    const [shared, local] = this.#dispatchers;
    if (shared !== undefined) await local?.transferAlerts(shared);
  }

  /** Not at the first glance: at the start and after each reconnect Redis is checked before it is used. */
  #isRedisUnavailable(): boolean {
    const { shared } = this.#options;
    if (shared === undefined) return true;
    if (shared.isAvailable()) this.#redisAvailableAt = Date.now();
    return Date.now() - this.#redisAvailableAt > unavailableAfterMs;
  }

  #createTasks(): PeriodicTask[] {
    const { shared, local, logger } = this.#options;
    const chore = (name: string, intervalMs: number, round: () => Promise<unknown>) =>
      createPeriodicTask(round, {
        intervalMs,
        onError: (err) => {
          if (err === undefined) logger.info({ chore: name }, 'chore works again');
          else logger.warn({ err, chore: name }, 'chore fails');
        },
      });
    const chores = [chore('shops', 60_000, () => this.#refreshShops())];
    if (shared === undefined) return chores;
    const { outbox, queue, isAvailable } = shared;
    const ifUsable = (work: () => Promise<unknown> | undefined) => async () => (isAvailable() ? work() : undefined);
    chores.push(
      chore(
        'outbox reaper',
        2_000,
        ifUsable(() => outbox.reap?.()),
      ),
      chore(
        'outbox promoter',
        500,
        ifUsable(() => outbox.promoteDue?.()),
      ),
    );
    if (local !== undefined)
      chores.push(
        chore(
          'outbox mover',
          250,
          ifUsable(() => relayOutbox(local, queue)),
        ),
        chore(
          'alarm mover',
          1_000,
          ifUsable(() => this.#transferAlerts()),
        ),
      );
    return chores;
  }

  async #refreshShops(): Promise<void> {
    const shops = (await this.#options.shops?.()) ?? [];
    this.#shops = new Map(shops.map(({ shopId, shopName, region }) => [shopId, { region, name: shopName }]));
  }
}
