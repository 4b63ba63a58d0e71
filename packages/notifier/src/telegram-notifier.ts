import { join } from 'node:path';
import { PeriodicTask, systemClock } from '@shopee-webhook/runtime';
import { LocalLocks, RedisLocks } from '@shopee-webhook/store';
import { timeZoneOf } from '@shopee-webhook/shopee';
import { Api } from 'grammy';
import type { TelegramConfig } from './config/config.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import type { FormatContext } from './format/event.ts';
import { FileStateStore, RedisStateStore } from './state/state-store.ts';
import { relayOutbox } from './outbox/outbox-relay.ts';
import type { Notifier, NotifierOptions } from './notifier.ts';
import { toChatStatus, NotifierStats, type NotifierStatus } from './dispatch/notifier-stats.ts';

const unavailableAfterMs = 3_000;

/** Sends the outboxes to Telegram. One process at a time sends; the others stand by. */
export class TelegramNotifier implements Notifier {
  readonly #options: NotifierOptions & { config: TelegramConfig };
  readonly #dispatchers: Dispatcher[];
  readonly #tasks: PeriodicTask[];
  readonly #stats: NotifierStats;
  #shops = new Map<string, { region?: string | undefined; name?: string | undefined }>();
  /** When Redis was last available, by the monotonic clock. */
  #redisAvailableAt = systemClock.monotonicMs();
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
    for (const task of this.#tasks) task.start();
    this.#loop = Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.run(stop.signal)));
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await Promise.all(this.#tasks.map((task) => task.stop()));
    await this.#loop;
    this.#stop = undefined;
  }

  forceStop(): void {
    this.#stop?.abort();
    void Promise.all(this.#tasks.map((task) => task.stop()));
  }

  async runOnce(): Promise<boolean> {
    await this.#refreshShops();
    const { signal } = new AbortController();
    const led = await Promise.all(this.#dispatchers.map((dispatcher) => dispatcher.runOnce(signal)));
    return led.every(Boolean);
  }

  status(): NotifierStatus {
    const now = (this.#options.clock ?? systemClock).monotonicMs();
    const loops = this.#dispatchers.map(({ loop }) => loop).filter((loop) => loop !== undefined);
    return {
      enabled: true,
      isLeader: loops.length > 0,
      chats: loops.flatMap(({ queues }) => queues.map((line) => toChatStatus(line, now))),
      sent: { ...this.#stats.sent },
      maxUrgentMs: this.#stats.maxUrgentMs,
    };
  }

  /** One dispatcher for the outbox in Redis; one for the disk, active only while Redis is unavailable. */
  #createDispatchers(): Dispatcher[] {
    const { config, shared, local, dataDir, logger, clock = systemClock } = this.#options;
    const { callTimeoutSeconds = 30, leaderLeaseMs = 15_000 } = this.#options;
    const api = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: callTimeoutSeconds });
    const ownZone = () => config.quiet?.zone ?? timeZoneOf([...this.#shops.values()][0]?.region);
    const context: FormatContext = { showBuyer: config.showBuyer, shop: (shopId) => this.#shops.get(shopId), ownZone };
    const pollingApi = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: 60 });
    const { commandBackend } = this.#options;
    const common = {
      config,
      context,
      api,
      pollingApi,
      commandBackend,
      dataDir,
      clock,
      logger,
      leaderLeaseMs,
      stats: this.#stats,
    };
    const dispatchers: Dispatcher[] = [];
    if (shared !== undefined) {
      const { outbox, isAvailable } = shared;
      dispatchers.push(
        new Dispatcher({
          ...common,
          outbox,
          locks: new RedisLocks(shared),
          store: new RedisStateStore(shared),
          isActive: isAvailable,
        }),
      );
    }
    if (local !== undefined) {
      const store = new FileStateStore(join(dataDir, 'telegram-state.json'));
      const isActive = () => this.#isRedisUnavailable();
      dispatchers.push(new Dispatcher({ ...common, outbox: local, locks: new LocalLocks(), store, isActive }));
    }
    return dispatchers;
  }

  /** With a delay: at start and after each reconnect Redis is verified before it is used. */
  #isRedisUnavailable(): boolean {
    const { shared } = this.#options;
    if (shared === undefined) return true;
    if (shared.isAvailable()) this.#redisAvailableAt = systemClock.monotonicMs();
    return systemClock.monotonicMs() - this.#redisAvailableAt > unavailableAfterMs;
  }

  #createTasks(): PeriodicTask[] {
    const { shared, local, logger } = this.#options;
    const task = (name: string, intervalMs: number, run: () => Promise<unknown>) =>
      new PeriodicTask({ name, intervalMs, run, logger });
    const tasks = [task('shops', 60_000, () => this.#refreshShops())];
    if (shared === undefined) return tasks;
    const { outbox, queue, isAvailable } = shared;
    const ifUsable = (work: () => Promise<unknown> | undefined) => async () => (isAvailable() ? work() : undefined);
    tasks.push(
      task(
        'outbox reaper',
        2_000,
        ifUsable(() => outbox.reap?.()),
      ),
      task(
        'outbox promoter',
        500,
        ifUsable(() => outbox.promoteDue?.()),
      ),
    );
    if (local !== undefined)
      tasks.push(
        task(
          'outbox relay',
          250,
          ifUsable(() => relayOutbox(local, queue)),
        ),
      );
    return tasks;
  }

  async #refreshShops(): Promise<void> {
    const shops = (await this.#options.shops?.()) ?? [];
    this.#shops = new Map(shops.map(({ shopId, shopName, region }) => [shopId, { region, name: shopName }]));
  }
}
