import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import {
  createChore,
  LocalLocks,
  RedisLocks,
  type Chore,
  type Keys,
  type Lease,
  type Locks,
  type RedisConnection,
} from '@shopee-webhook/store';
import { Api } from 'grammy';
import { ChatSender } from './chat-sender.ts';
import { systemClock, type Clock } from './clock.ts';
import type { TelegramConfig } from './config.ts';
import { createDrainOnly } from './drain-only.ts';
import type { FormatContext } from './format/event.ts';
import { Jobs } from './jobs.ts';
import { FileMemory, RedisMemory, type Memory } from './memory.ts';
import { Mutes } from './mutes.ts';
import type { Outbox } from './outbox.ts';
import { Session } from './session.ts';
import { chatStatusOf, Tally, type NotifierStatus } from './status.ts';
import { serveTerm, termMs } from './term.ts';
import { Topics } from './topics.ts';

/** What the notifier stands on. */
export interface NotifierOptions {
  /** Undefined: no alerts; what the outbox gets is taken out and dropped. */
  config: TelegramConfig | undefined;
  outbox: Outbox;
  keys: Keys;
  /** Absent when REDIS_ENABLED=false: state is then kept in `dataDir` alone. */
  redis?: RedisConnection | undefined;
  dataDir: string;
  logger: Logger;
  /** The connected shops, for their names and time zones. */
  shops?: (() => Promise<Shop[]>) | undefined;
  clock?: Clock | undefined;
  /** How long a call to Telegram may take; 30 when left out. */
  callTimeoutSeconds?: number | undefined;
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
  const { config } = options;
  return config === undefined ? createDrainOnly(options) : new TelegramNotifier({ ...options, config });
}

/** The lock of the one process that sends. */
const lockName = 'telegram';
const standByMs = 2_000;

class TelegramNotifier implements Notifier {
  readonly #options: NotifierOptions & { config: TelegramConfig };
  readonly #clock: Clock;
  readonly #locks: Locks;
  readonly #api: Api;
  readonly #memory: Memory;
  readonly #topics: Topics;
  readonly #mutes: Mutes;
  readonly #chores: Chore[];
  readonly #tally = new Tally();
  readonly #sentUnsettled = new Set<string>();
  #shops = new Map<string, { region?: string | undefined; name?: string | undefined }>();
  #session: Session | undefined;
  #stop: AbortController | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: NotifierOptions & { config: TelegramConfig }) {
    const { redis, keys, dataDir, config, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#locks = redis === undefined ? new LocalLocks() : new RedisLocks({ redis, keys });
    this.#memory =
      redis === undefined ? new FileMemory(join(dataDir, 'telegram-state.json')) : new RedisMemory({ redis, keys });
    this.#api = new Api(config.botToken, {
      apiRoot: config.apiUrl,
      timeoutSeconds: options.callTimeoutSeconds ?? 30,
    });
    const path = join(dataDir, 'telegram-topics.json');
    this.#topics = new Topics({ memory: this.#memory, locks: this.#locks, path });
    this.#mutes = new Mutes({ always: config.mute, memory: this.#memory, clock });
    this.#chores = this.#makeChores();
  }

  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    for (const chore of this.#chores) chore.start();
    this.#loop = this.#lead(this.#stop.signal);
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
    const lease = await this.#locks.acquire(lockName, termMs);
    if (lease === undefined) return false;
    await this.#serve(lease, new AbortController().signal, (session, signal) => session.runOnce(signal));
    return true;
  }

  status(): NotifierStatus {
    const lines = this.#session?.lines ?? [];
    return {
      enabled: true,
      leading: this.#session !== undefined,
      chats: lines.map((line) => chatStatusOf(line, this.#clock.now())),
      sent: { ...this.#tally.sent },
      longestUrgentMs: this.#tally.longestUrgentMs,
    };
  }

  /** Stands by until the lock is free, then sends until it is lost. */
  async #lead(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const lease = await this.#locks.acquire(lockName, termMs);
        if (lease !== undefined) await this.#serve(lease, signal, (session, over) => session.run(over));
      } catch (err) {
        this.#options.logger.debug({ err }, 'cannot become the sender now');
      }
      await systemClock.sleep(standByMs, signal);
    }
  }

  async #serve(
    lease: Lease,
    signal: AbortSignal,
    work: (session: Session, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { outbox, logger } = this.#options;
    // A new name each time: what an earlier term could not give back is found by the reaper.
    const consumer = `notifier-${hostname()}-${randomBytes(6).toString('base64url')}`;
    const session = this.#newSession(consumer, lease);
    this.#session = session;
    try {
      await serveTerm({ lease, outbox, consumer, logger }, signal, (over) => work(session, over));
    } finally {
      this.#session = undefined;
    }
  }

  #newSession(consumer: string, lease: Lease): Session {
    const { config, outbox, logger } = this.#options;
    const context: FormatContext = { showBuyer: config.showBuyer, shop: (shopId) => this.#shops.get(shopId) };
    const clock = this.#clock;
    return new Session({
      config,
      context,
      outbox,
      consumer,
      clock,
      logger,
      jobs: new Jobs({ config, context, clock }),
      mutes: this.#mutes,
      isHeld: () => lease.held,
      sentUnsettled: this.#sentUnsettled,
      openChat: (chat) => this.#openChat(chat),
      onDone: (job, outcome) => {
        if (outcome.kind !== 'retry') this.#tally.done(job, outcome.kind, clock.now());
      },
    });
  }

  #openChat(chat: string): Promise<ChatSender> {
    const { logger } = this.#options;
    return ChatSender.open({
      api: this.#api,
      chat,
      topics: this.#topics,
      memory: this.#memory,
      clock: this.#clock,
      logger,
    });
  }

  #makeChores(): Chore[] {
    const { outbox, logger } = this.#options;
    const chore = (name: string, everyMs: number, round: () => Promise<unknown>) =>
      createChore(round, {
        everyMs,
        onTrouble: (err) =>
          err === undefined
            ? logger.info({ chore: name }, 'chore works again')
            : logger.warn({ err, chore: name }, 'chore fails'),
      });
    return [
      chore('outbox reaper', 2_000, async () => outbox.reap?.()),
      chore('outbox promoter', 500, async () => outbox.promote?.()),
      chore('shops', 60_000, () => this.#readShops()),
    ];
  }

  async #readShops(): Promise<void> {
    const shops = (await this.#options.shops?.()) ?? [];
    this.#shops = new Map(shops.map(({ shopId, shopName, region }) => [shopId, { region, name: shopName }]));
  }
}
