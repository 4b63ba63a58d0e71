import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import { createPeriodicTask, type AlertNotification, type Lease, type Locks } from '@shopee-webhook/store';
import type { Api } from 'grammy';
import type { Outbox } from '../outbox/outbox.ts';
import { Admins } from '../commands/admins.ts';
import { AlertState, type AlertCondition } from '../alerts/alert-state.ts';
import { ChatSender } from '../chat/chat-sender.ts';
import { systemClock, type Clock } from '../clock.ts';
import { CommandHandler } from '../commands/command-handler.ts';
import type { CommandBackend } from '../commands/command-backend.ts';
import type { TelegramConfig } from '../config.ts';
import { OrderMessages } from '../orders/order-messages.ts';
import type { FormatContext } from '../format/event.ts';
import { MessageBuilder } from './message-builder.ts';
import type { StateStore } from '../state/state-store.ts';
import { Mutes } from '../routing/mutes.ts';
import { SenderLoop, type SenderLoopDeps } from './sender-loop.ts';
import { ShipBy, shipWarningPart, type ShipWarning } from '../orders/ship-by.ts';
import type { NotifierStats } from '../notifier-stats.ts';
import { runWhileLeader } from './leadership.ts';
import { Topics } from '../chat/topics.ts';
import { UpdatesPoller } from '../commands/updates-poller.ts';
import type { OutgoingMessage, QueuedNotification } from './outgoing.ts';

/** The lock of the one process that sends. */
const leaderLockName = 'telegram';
const standbyPollMs = 2_000;
const maintenanceIntervalMs = 10_000;
const pruneIntervalMs = 3_600_000;

export interface DispatcherDeps {
  config: TelegramConfig;
  context: FormatContext;
  outbox: Outbox;
  locks: Locks;
  store: StateStore;
  api: Api;
  dataDir: string;
  clock: Clock;
  logger: Logger;
  stats: NotifierStats;
  /** Whether this outbox is the one to send from now. */
  isActive: () => boolean;
  /** Puts one of our own alarms into this outbox. */
  publish: (alarm: AlertNotification) => Promise<void>;
  /** How things are, given which troubles stand. */
  alertConditions: ((standing: ReadonlySet<string>) => Promise<AlertCondition[]>) | undefined;
  /** Brings what began at another desk into this one's book. */
  inheritAlerts?: (() => Promise<void>) | undefined;
  /** What commands are answered from; without it there are none. */
  commandBackend: CommandBackend | undefined;
  /** For long polls, whose answers take their time. */
  pollingApi: Api;
  /** How long the lock lasts without renewal, ms: a dead sender is followed after at most this and the outbox' lease. */
  leaderLeaseMs: number;
}

/** One outbox and all that sends it: at most one process at a time, the others stand by. */
export class Dispatcher {
  readonly mutes: Mutes;
  readonly topics: Topics;
  readonly #shipBy: ShipBy;
  readonly #orderMessages: OrderMessages;
  readonly #alertState: AlertState;
  readonly #deps: DispatcherDeps;
  readonly #sentNotAcked: SenderLoopDeps['sentNotAcked'] = new Map();
  #loop: SenderLoop | undefined;
  #prunedAt = 0;

  constructor(parts: DispatcherDeps) {
    const { config, store, clock, locks, dataDir, publish } = parts;
    this.#deps = parts;
    this.mutes = new Mutes({ always: config.mute, memory: store, clock });
    this.#shipBy = new ShipBy({ memory: store, clock, hours: config.shipWarnHours });
    this.#orderMessages = new OrderMessages({ memory: store, clock });
    this.#alertState = new AlertState({ memory: store, clock, publish });
    this.topics = new Topics({ memory: store, locks, path: join(dataDir, 'telegram-topics.json') });
  }

  /** The term that is under way; undefined while another process sends. */
  get loop(): SenderLoop | undefined {
    return this.#loop;
  }

  /** Leaves the troubles that began here to another desk. */
  async transferAlerts(other: Dispatcher): Promise<void> {
    await this.#alertState.transferTo(other.#alertState);
  }

  /** Stands by until the lock is free, then sends until it is lost, for ever. */
  async run(signal: AbortSignal): Promise<void> {
    const { locks, isActive, logger, leaderLeaseMs } = this.#deps;
    let hasError = false;
    while (!signal.aborted) {
      try {
        const lease = isActive() ? await locks.acquire(leaderLockName, leaderLeaseMs) : undefined;
        hasError = false;
        if (lease !== undefined)
          await this.#holdLeadership(lease, signal, (session, over) => this.#runTerm(session, over));
      } catch (err) {
        if (!hasError) logger.warn({ err }, 'outbox cannot be used; trying again');
        hasError = true;
      }
      await systemClock.sleep(standbyPollMs, signal);
    }
  }

  /** Sends all that waits now; false when another process is the sender. */
  async runOnce(signal: AbortSignal): Promise<boolean> {
    const { locks, leaderLeaseMs } = this.#deps;
    const lease = await locks.acquire(leaderLockName, leaderLeaseMs);
    if (lease === undefined) return false;
    await this.#holdLeadership(lease, signal, async (session, over) => {
      // What waits may say that an order was shipped; only then is it known whom to warn of.
      await session.runOnce(over);
      await this.#maintenance(session);
      await session.runOnce(over);
    });
    return true;
  }

  /** A term: sending, what has to be looked after meanwhile, and commands. */
  async #runTerm(session: SenderLoop, over: AbortSignal): Promise<void> {
    const { logger } = this.#deps;
    const onError = (err: Error | undefined) => {
      if (err !== undefined) logger.warn({ err }, 'notifier upkeep fails');
    };
    const upkeep = createPeriodicTask(() => this.#maintenance(session), { intervalMs: maintenanceIntervalMs, onError });
    const end = new AbortController();
    const polling = this.#createPoller(session)?.run(AbortSignal.any([over, end.signal]));
    upkeep.start();
    try {
      await session.run(over);
    } finally {
      end.abort();
      await Promise.all([upkeep.stop(), polling]);
    }
  }

  /** Warns of orders to ship, tells of troubles that begin and end, forgets old orders. */
  async #maintenance(session: SenderLoop): Promise<void> {
    const { clock, config } = this.#deps;
    for (const warning of await this.#shipBy.due()) await this.#postShipWarning(session, warning);
    await this.#evaluateAlerts();
    if (config.mode === 'edit' && clock.now() - this.#prunedAt > pruneIntervalMs) {
      this.#prunedAt = clock.now();
      await this.#orderMessages.prune();
    }
  }

  /** Not when the other desk has its turn: what is handed over to it would begin here again. */
  async #evaluateAlerts(): Promise<void> {
    const { alertConditions, isActive, inheritAlerts, logger } = this.#deps;
    if (alertConditions === undefined || !isActive()) return;
    // The disk may be what is in trouble; the notifier's chore tries again, and says so.
    await inheritAlerts?.().catch((err: unknown) => logger.debug({ err }, 'alarms not handed over'));
    const found = await alertConditions(await this.#alertState.active());
    if (isActive()) await this.#alertState.update(found);
  }

  async #postShipWarning(session: SenderLoop, warning: ShipWarning): Promise<void> {
    const { clock, config } = this.#deps;
    const title = `ship-by ${warning.chat} ${warning.level}`;
    if (session.hasPending(title)) return;
    const parts = [shipWarningPart(warning, clock.now(), config.shipWarnHours)];
    const notice = { title, parts, onSent: () => this.#shipBy.markWarned(warning) };
    await session.post(warning.chat, notice, 'ship-by');
  }

  #createPoller(session: SenderLoop): UpdatesPoller | undefined {
    const { config, commandBackend, api, pollingApi, store, clock, logger } = this.#deps;
    if (!config.commands || commandBackend === undefined) return undefined;
    const desk = new CommandHandler({
      api,
      backend: commandBackend,
      mutes: this.mutes,
      admins: new Admins({ api, clock }),
      zone: this.#deps.context.ownZone,
      findChat: ({ id, username }) =>
        session.queues.find(({ sender }) => sender.chatId === String(id))?.chat ?? this.#configuredChat(id, username),
      reply: (chat, notice) => session.post(chat, notice, 'system'),
      logger,
    });
    return new UpdatesPoller({ api: pollingApi, store, handle: (update) => desk.handle(update), logger });
  }

  /** The configured chat of this id or name: strangers who add the bot to their group get no answer. */
  #configuredChat(id: number, username: string | undefined): string | undefined {
    const { chatId, shopChats } = this.#deps.config;
    const names = [String(id), `@${username ?? ''}`.toLowerCase()];
    return [chatId, ...shopChats.values()].find((chat) => names.includes(chat.toLowerCase()));
  }

  async #holdLeadership(
    lease: Lease,
    signal: AbortSignal,
    work: (session: SenderLoop, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { outbox, logger, isActive, leaderLeaseMs } = this.#deps;
    // A new name each time: what an earlier term could not give back is found by the reaper.
    const consumer = `notifier-${hostname()}-${randomBytes(6).toString('base64url')}`;
    const session = this.#createLoop(consumer, lease);
    this.#loop = session;
    try {
      await runWhileLeader({ lease, outbox, consumer, logger, isOpen: isActive, leaderLeaseMs }, signal, (over) =>
        work(session, over),
      );
    } finally {
      this.#loop = undefined;
    }
  }

  #createLoop(consumer: string, lease: Lease): SenderLoop {
    const { config, context, outbox, clock, logger, stats } = this.#deps;
    return new SenderLoop({
      config,
      context,
      outbox,
      consumer,
      clock,
      logger,
      messages: new MessageBuilder({ config, context, clock, orders: this.#orderMessages }),
      mutes: this.mutes,
      isLeader: () => lease.held,
      sentNotAcked: this.#sentNotAcked,
      openChat: (chat) => this.#openChat(chat),
      onTaken: (items) => this.#recordEvents(items),
      onDone: async (job, outcome) => {
        if (outcome.kind !== 'retry') stats.onCompleted(job, outcome.kind, clock.now());
        if (outcome.kind === 'ack') await this.#onSent(job);
      },
    });
  }

  /** Events of one order one after the other, orders side by side. */
  async #recordEvents(items: QueuedNotification[]): Promise<void> {
    const orders = new Map<string, Promise<void>>();
    for (const { content, chat } of items) {
      if (content.kind !== 'event') continue;
      const { view } = content;
      const before = orders.get(view.orderSn ?? '') ?? Promise.resolve();
      orders.set(
        view.orderSn ?? '',
        before.then(() => this.#shipBy.record(view, chat)),
      );
    }
    await Promise.all(orders.values());
  }

  /** What is known only once a message was sent. */
  async #onSent({ items, orderThread, sent }: OutgoingMessage): Promise<void> {
    const [item] = items;
    const [first] = sent;
    if (item === undefined) return;
    if (orderThread !== undefined && first !== undefined)
      await this.#orderMessages.save(item.chat, orderThread, first.messageId);
    if (item.content.kind === 'notice') await item.content.notice.onSent?.();
  }

  #openChat(chat: string): Promise<ChatSender> {
    const { api, store, clock, logger } = this.#deps;
    return ChatSender.open({ api, chat, topics: this.topics, memory: store, clock, logger });
  }
}
