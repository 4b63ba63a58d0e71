import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import {
  createChore,
  LocalLocks,
  RedisLocks,
  type AlarmNotification,
  type Chore,
  type Keys,
  type Notification,
  type Queue,
  type RedisConnection,
} from '@shopee-webhook/store';
import { timeZoneOf } from '@shopee-webhook/shopee';
import { Api } from 'grammy';
import type { Outbox } from '../outbox.ts';
import type { Trouble } from './alarm-book.ts';
import { systemClock, type Clock } from './clock.ts';
import type { CommandSources } from './commands/command-sources.ts';
import type { TelegramConfig } from './config.ts';
import { Desk } from './desk.ts';
import { createDrainOnly } from './outbox/drain-only.ts';
import type { FormatContext } from './format/event.ts';
import { FileMemory, RedisMemory } from './memory.ts';
import { moveOutbox } from './outbox/outbox-mover.ts';
import { chatStatusOf, Tally, type NotifierStatus } from './status.ts';

/** The outbox in Redis and what belongs to it. */
export interface SharedOutbox {
  redis: RedisConnection;
  keys: Keys;
  outbox: Outbox;
  queue: Pick<Queue, 'enqueue'>;
  /** Whether Redis can be used now. */
  isUsable: () => boolean;
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
  troubles?: ((standing: ReadonlySet<string>) => Promise<Trouble[]>) | undefined;
  /** What commands are answered from. */
  sources?: CommandSources | undefined;
  /** Hears how long each notification waited until it was told, ms. */
  onWait?: ((ms: number, urgent: boolean) => void) | undefined;
  clock?: Clock | undefined;
  /** How long a call to Telegram may take; 30 when left out. */
  callTimeoutSeconds?: number | undefined;
  /** How long a dead sender's lock stands, ms; 15,000 when left out. */
  termMs?: number | undefined;
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
  abandon(): void;
  /** Sends all that waits now, limits respected; false when another process is the sender. */
  runOnce(): Promise<boolean>;
  status(): NotifierStatus;
}

/** Builds what sends the outbox to Telegram. One process at a time sends; the others stand by. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { config, shared, local, logger } = options;
  if (config !== undefined) return new TelegramNotifier({ ...options, config });
  return createDrainOnly(
    [shared?.outbox, local].filter((outbox) => outbox !== undefined),
    logger,
  );
}

const awayMs = 3_000;

class TelegramNotifier implements Notifier {
  readonly #options: NotifierOptions & { config: TelegramConfig };
  readonly #desks: Desk[];
  readonly #chores: Chore[];
  readonly #tally: Tally;
  #shops = new Map<string, { region?: string | undefined; name?: string | undefined }>();
  /** ms; when Redis could last be used. */
  #usableAt = Date.now();
  #stop: AbortController | undefined;
  #loop: Promise<unknown> | undefined;

  constructor(options: NotifierOptions & { config: TelegramConfig }) {
    this.#options = options;
    this.#tally = new Tally(options.onWait);
    this.#desks = this.#makeDesks();
    this.#chores = this.#makeChores();
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    for (const chore of this.#chores) chore.start();
    this.#loop = Promise.all(this.#desks.map((desk) => desk.lead(stop.signal)));
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await Promise.all(this.#chores.map((chore) => chore.stop()));
    await this.#loop;
    this.#stop = undefined;
  }

  abandon(): void {
    this.#stop?.abort();
    void Promise.all(this.#chores.map((chore) => chore.stop()));
  }

  async runOnce(): Promise<boolean> {
    await this.#readShops();
    const { signal } = new AbortController();
    const led = await Promise.all(this.#desks.map((desk) => desk.runOnce(signal)));
    return led.every(Boolean);
  }

  status(): NotifierStatus {
    const now = (this.#options.clock ?? systemClock).now();
    const sessions = this.#desks.map(({ session }) => session).filter((session) => session !== undefined);
    return {
      enabled: true,
      leading: sessions.length > 0,
      chats: sessions.flatMap(({ lines }) => lines.map((line) => chatStatusOf(line, now))),
      sent: { ...this.#tally.sent },
      longestUrgentMs: this.#tally.longestUrgentMs,
    };
  }

  /** One desk for the outbox in Redis; one for the disk, open only while there is no Redis to move it to. */
  #makeDesks(): Desk[] {
    const { config, shared, local, dataDir, logger, clock = systemClock } = this.#options;
    const { callTimeoutSeconds = 30, termMs = 15_000 } = this.#options;
    const api = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: callTimeoutSeconds });
    const ownZone = () => config.quiet?.zone ?? timeZoneOf([...this.#shops.values()][0]?.region);
    const context: FormatContext = { showBuyer: config.showBuyer, shop: (shopId) => this.#shops.get(shopId), ownZone };
    const pollApi = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds: 60 });
    const { troubles, sources } = this.#options;
    const common = {
      config,
      context,
      api,
      pollApi,
      troubles,
      sources,
      dataDir,
      clock,
      logger,
      termMs,
      tally: this.#tally,
    };
    const desks: Desk[] = [];
    if (shared !== undefined) {
      const { outbox, queue, isUsable } = shared;
      const publish = async (alarm: AlarmNotification) => void (await queue.enqueue(JSON.stringify(alarm)));
      desks.push(
        new Desk({
          ...common,
          outbox,
          publish,
          locks: new RedisLocks(shared),
          memory: new RedisMemory(shared),
          isOpen: isUsable,
          inheritAlarms: () => this.#handOverAlarms(),
        }),
      );
    }
    if (local !== undefined) {
      const memory = new FileMemory(join(dataDir, 'telegram-state.json'));
      const isOpen = () => this.#isRedisAway();
      const publish = async (alarm: AlarmNotification) => local.add(alarm);
      desks.push(new Desk({ ...common, publish, outbox: local, locks: new LocalLocks(), memory, isOpen }));
    }
    return desks;
  }

  /** Redis is back: what the desk on disk began is over when the one in Redis says so, which any process may lead. */
  async #handOverAlarms(): Promise<void> {
    const [shared, local] = this.#desks;
    if (shared !== undefined) await local?.handOverAlarms(shared);
  }

  /** Not at the first glance: at the start and after each reconnect Redis is checked before it is used. */
  #isRedisAway(): boolean {
    const { shared } = this.#options;
    if (shared === undefined) return true;
    if (shared.isUsable()) this.#usableAt = Date.now();
    return Date.now() - this.#usableAt > awayMs;
  }

  #makeChores(): Chore[] {
    const { shared, local, logger } = this.#options;
    const chore = (name: string, everyMs: number, round: () => Promise<unknown>) =>
      createChore(round, {
        everyMs,
        onTrouble: (err) => {
          if (err === undefined) logger.info({ chore: name }, 'chore works again');
          else logger.warn({ err, chore: name }, 'chore fails');
        },
      });
    const chores = [chore('shops', 60_000, () => this.#readShops())];
    if (shared === undefined) return chores;
    const { outbox, queue, isUsable } = shared;
    const ifUsable = (work: () => Promise<unknown> | undefined) => async () => (isUsable() ? work() : undefined);
    chores.push(
      chore(
        'outbox reaper',
        2_000,
        ifUsable(() => outbox.reap?.()),
      ),
      chore(
        'outbox promoter',
        500,
        ifUsable(() => outbox.promote?.()),
      ),
    );
    if (local !== undefined)
      chores.push(
        chore(
          'outbox mover',
          250,
          ifUsable(() => moveOutbox(local, queue)),
        ),
        chore(
          'alarm mover',
          1_000,
          ifUsable(() => this.#handOverAlarms()),
        ),
      );
    return chores;
  }

  async #readShops(): Promise<void> {
    const shops = (await this.#options.shops?.()) ?? [];
    this.#shops = new Map(shops.map(({ shopId, shopName, region }) => [shopId, { region, name: shopName }]));
  }
}
