import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import { createChore, type AlarmNotification, type Lease, type Locks } from '@shopee-webhook/store';
import type { Api } from 'grammy';
import type { Outbox } from '../outbox.ts';
import { Admins } from './commands/admins.ts';
import { AlarmBook, type Trouble } from './alarm-book.ts';
import { ChatSender } from './chat/chat-sender.ts';
import { systemClock, type Clock } from './clock.ts';
import { CommandDesk } from './commands/command-desk.ts';
import type { CommandSources } from './commands/command-sources.ts';
import type { TelegramConfig } from './config.ts';
import { FollowedOrders } from './followed-orders.ts';
import type { FormatContext } from './format/event.ts';
import { Jobs } from './jobs.ts';
import type { Memory } from './memory.ts';
import { Mutes } from './mutes.ts';
import { Session, type SessionParts } from './session.ts';
import { ShipBy, shipWarningPart, type ShipWarning } from './ship-by.ts';
import type { Tally } from './status.ts';
import { serveTerm } from './term.ts';
import { Topics } from './chat/topics.ts';
import { UpdatesPoller } from './commands/updates-poller.ts';
import type { Job, Waiting } from './waiting.ts';

/** The lock of the one process that sends. */
const lockName = 'telegram';
const standByMs = 2_000;
const upkeepMs = 10_000;
const pruneMs = 3_600_000;

export interface DeskParts {
  config: TelegramConfig;
  context: FormatContext;
  outbox: Outbox;
  locks: Locks;
  memory: Memory;
  api: Api;
  dataDir: string;
  clock: Clock;
  logger: Logger;
  tally: Tally;
  /** Whether this outbox is the one to send from now. */
  isOpen: () => boolean;
  /** Puts one of our own alarms into this outbox. */
  publish: (alarm: AlarmNotification) => Promise<void>;
  /** How things are, given which troubles stand. */
  troubles: ((standing: ReadonlySet<string>) => Promise<Trouble[]>) | undefined;
  /** Brings what began at another desk into this one's book. */
  inheritAlarms?: (() => Promise<void>) | undefined;
  /** What commands are answered from; without it there are none. */
  sources: CommandSources | undefined;
  /** For long polls, whose answers take their time. */
  pollApi: Api;
  /** How long the lock lasts without renewal, ms: a dead sender is followed after at most this and the outbox' lease. */
  termMs: number;
}

/** One outbox and all that sends it: at most one process at a time, the others stand by. */
export class Desk {
  readonly mutes: Mutes;
  readonly topics: Topics;
  readonly #shipBy: ShipBy;
  readonly #orders: FollowedOrders;
  readonly #book: AlarmBook;
  readonly #parts: DeskParts;
  readonly #sentUnsettled: SessionParts['sentUnsettled'] = new Map();
  #session: Session | undefined;
  #prunedAt = 0;

  constructor(parts: DeskParts) {
    const { config, memory, clock, locks, dataDir, publish } = parts;
    this.#parts = parts;
    this.mutes = new Mutes({ always: config.mute, memory, clock });
    this.#shipBy = new ShipBy({ memory, clock, hours: config.shipWarnHours });
    this.#orders = new FollowedOrders({ memory, clock });
    this.#book = new AlarmBook({ memory, clock, publish });
    this.topics = new Topics({ memory, locks, path: join(dataDir, 'telegram-topics.json') });
  }

  /** The term that is under way; undefined while another process sends. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Leaves the troubles that began here to another desk. */
  async handOverAlarms(other: Desk): Promise<void> {
    await this.#book.handOver(other.#book);
  }

  /** Stands by until the lock is free, then sends until it is lost, for ever. */
  async lead(signal: AbortSignal): Promise<void> {
    const { locks, isOpen, logger, termMs } = this.#parts;
    let isTroubled = false;
    while (!signal.aborted) {
      try {
        const lease = isOpen() ? await locks.acquire(lockName, termMs) : undefined;
        isTroubled = false;
        if (lease !== undefined) await this.#serve(lease, signal, (session, over) => this.#work(session, over));
      } catch (err) {
        if (!isTroubled) logger.warn({ err }, 'outbox cannot be used; trying again');
        isTroubled = true;
      }
      await systemClock.sleep(standByMs, signal);
    }
  }

  /** Sends all that waits now; false when another process is the sender. */
  async runOnce(signal: AbortSignal): Promise<boolean> {
    const { locks, termMs } = this.#parts;
    const lease = await locks.acquire(lockName, termMs);
    if (lease === undefined) return false;
    await this.#serve(lease, signal, async (session, over) => {
      // What waits may say that an order was shipped; only then is it known whom to warn of.
      await session.runOnce(over);
      await this.#upkeep(session);
      await session.runOnce(over);
    });
    return true;
  }

  /** A term: sending, what has to be looked after meanwhile, and commands. */
  async #work(session: Session, over: AbortSignal): Promise<void> {
    const { logger } = this.#parts;
    const onTrouble = (err: Error | undefined) => {
      if (err !== undefined) logger.warn({ err }, 'notifier upkeep fails');
    };
    const upkeep = createChore(() => this.#upkeep(session), { everyMs: upkeepMs, onTrouble });
    const end = new AbortController();
    const polling = this.#poller(session)?.run(AbortSignal.any([over, end.signal]));
    upkeep.start();
    try {
      await session.run(over);
    } finally {
      end.abort();
      await Promise.all([upkeep.stop(), polling]);
    }
  }

  /** Warns of orders to ship, tells of troubles that begin and end, forgets old orders. */
  async #upkeep(session: Session): Promise<void> {
    const { clock, config } = this.#parts;
    for (const warning of await this.#shipBy.due()) await this.#warn(session, warning);
    await this.#tellTroubles();
    if (config.mode === 'edit' && clock.now() - this.#prunedAt > pruneMs) {
      this.#prunedAt = clock.now();
      await this.#orders.prune();
    }
  }

  /** Not when the other desk has its turn: what is handed over to it would begin here again. */
  async #tellTroubles(): Promise<void> {
    const { troubles, isOpen, inheritAlarms, logger } = this.#parts;
    if (troubles === undefined || !isOpen()) return;
    // The disk may be what is in trouble; the notifier's chore tries again, and says so.
    await inheritAlarms?.().catch((err: unknown) => logger.debug({ err }, 'alarms not handed over'));
    const found = await troubles(await this.#book.standing());
    if (isOpen()) await this.#book.apply(found);
  }

  async #warn(session: Session, warning: ShipWarning): Promise<void> {
    const { clock, config } = this.#parts;
    const title = `ship-by ${warning.chat} ${warning.level}`;
    if (session.says(title)) return;
    const parts = [shipWarningPart(warning, clock.now(), config.shipWarnHours)];
    const notice = { title, parts, onSent: () => this.#shipBy.warned(warning) };
    await session.say(warning.chat, notice, 'ship-by');
  }

  #poller(session: Session): UpdatesPoller | undefined {
    const { config, sources, api, pollApi, memory, clock, logger } = this.#parts;
    if (!config.commands || sources === undefined) return undefined;
    const desk = new CommandDesk({
      api,
      sources,
      mutes: this.mutes,
      admins: new Admins({ api, clock }),
      zone: this.#parts.context.ownZone,
      chatOf: ({ id, username }) =>
        session.lines.find(({ sender }) => sender.chatId === String(id))?.chat ?? this.#configured(id, username),
      say: (chat, notice) => session.say(chat, notice, 'system'),
      logger,
    });
    return new UpdatesPoller({ api: pollApi, memory, handle: (update) => desk.handle(update), logger });
  }

  /** The configured chat of this id or name: strangers who add the bot to their group get no answer. */
  #configured(id: number, username: string | undefined): string | undefined {
    const { chatId, shopChats } = this.#parts.config;
    const names = [String(id), `@${username ?? ''}`.toLowerCase()];
    return [chatId, ...shopChats.values()].find((chat) => names.includes(chat.toLowerCase()));
  }

  async #serve(
    lease: Lease,
    signal: AbortSignal,
    work: (session: Session, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { outbox, logger, isOpen, termMs } = this.#parts;
    // A new name each time: what an earlier term could not give back is found by the reaper.
    const consumer = `notifier-${hostname()}-${randomBytes(6).toString('base64url')}`;
    const session = this.#newSession(consumer, lease);
    this.#session = session;
    try {
      await serveTerm({ lease, outbox, consumer, logger, isOpen, termMs }, signal, (over) => work(session, over));
    } finally {
      this.#session = undefined;
    }
  }

  #newSession(consumer: string, lease: Lease): Session {
    const { config, context, outbox, clock, logger, tally } = this.#parts;
    return new Session({
      config,
      context,
      outbox,
      consumer,
      clock,
      logger,
      jobs: new Jobs({ config, context, clock, orders: this.#orders }),
      mutes: this.mutes,
      isHeld: () => lease.held,
      sentUnsettled: this.#sentUnsettled,
      openChat: (chat) => this.#openChat(chat),
      onTaken: (items) => this.#note(items),
      onDone: async (job, outcome) => {
        if (outcome.kind !== 'retry') tally.done(job, outcome.kind, clock.now());
        if (outcome.kind === 'ack') await this.#remember(job);
      },
    });
  }

  /** Events of one order one after the other, orders side by side. */
  async #note(items: Waiting[]): Promise<void> {
    const orders = new Map<string, Promise<void>>();
    for (const { content, chat } of items) {
      if (content.kind !== 'event') continue;
      const { view } = content;
      const before = orders.get(view.orderSn ?? '') ?? Promise.resolve();
      orders.set(
        view.orderSn ?? '',
        before.then(() => this.#shipBy.note(view, chat)),
      );
    }
    await Promise.all(orders.values());
  }

  /** What is known only once a message was sent. */
  async #remember({ items, followed, sent }: Job): Promise<void> {
    const [item] = items;
    const [first] = sent;
    if (item === undefined) return;
    if (followed !== undefined && first !== undefined) await this.#orders.keep(item.chat, followed, first.messageId);
    if (item.content.kind === 'notice') await item.content.notice.onSent?.();
  }

  #openChat(chat: string): Promise<ChatSender> {
    const { api, memory, clock, logger } = this.#parts;
    return ChatSender.open({ api, chat, topics: this.topics, memory, clock, logger });
  }
}
