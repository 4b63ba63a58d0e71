import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PeriodicTask, systemClock, type Clock, type Logger } from '@shopee-webhook/runtime';
import type { Lease, Locks } from '@shopee-webhook/store';
import type { Api } from 'grammy';
import type { Outbox } from '../outbox/outbox.ts';
import { Admins } from '../commands/admins.ts';
import { ChatSender } from '../chat/chat-sender.ts';
import { CommandHandler } from '../commands/command-handler.ts';
import type { CommandBackend } from '../commands/command-backend.ts';
import type { TelegramConfig } from '../config/config.ts';
import { OrderMessages } from '../orders/order-messages.ts';
import type { FormatContext } from '../format/event.ts';
import { MessageBuilder } from './message-builder.ts';
import type { StateStore } from '../state/state-store.ts';
import { Mutes } from '../routing/mutes.ts';
import { SenderLoop, type SenderLoopDeps } from './sender-loop.ts';
import { ShipBy, shipWarningPart, type ShipWarning } from '../orders/ship-by.ts';
import type { NotifierStats } from './notifier-stats.ts';
import { runWhileLeader } from './leadership.ts';
import { Topics } from '../chat/topics.ts';
import { UpdatesPoller } from '../commands/updates-poller.ts';
import type { OutgoingMessage, QueuedNotification } from '../messages/outgoing.ts';

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
  /** Whether this outbox is the active one. */
  isActive: () => boolean;
  /** Serves the commands; without it there are none. */
  commandBackend: CommandBackend | undefined;
  /** For long polls, with their own timeout. */
  pollingApi: Api;
  /** Lease of the lock, ms: a dead sender is replaced after at most this plus the outbox lease. */
  leaderLeaseMs: number;
}

/** Dispatches one outbox: one process at a time sends, the others stand by. */
export class Dispatcher {
  readonly mutes: Mutes;
  readonly topics: Topics;
  readonly #shipBy: ShipBy;
  readonly #orderMessages: OrderMessages;
  readonly #deps: DispatcherDeps;
  readonly #sentNotAcked: SenderLoopDeps['sentNotAcked'] = new Map();
  #loop: SenderLoop | undefined;
  #prunedAt = -Infinity;

  constructor(deps: DispatcherDeps) {
    const { config, store, clock, locks, dataDir } = deps;
    this.#deps = deps;
    this.mutes = new Mutes({ always: config.mute, store: store, clock });
    this.#shipBy = new ShipBy({ store: store, clock, hours: config.shipWarnHours });
    this.#orderMessages = new OrderMessages({ store: store, clock });
    this.topics = new Topics({ store: store, locks, path: join(dataDir, 'telegram-topics.json') });
  }

  /** The current term; undefined while another process is the sender. */
  get loop(): SenderLoop | undefined {
    return this.#loop;
  }

  /** Stands by until the lock is free, then sends until it is lost; repeats until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { locks, isActive, logger, leaderLeaseMs } = this.#deps;
    let hasError = false;
    while (!signal.aborted) {
      try {
        const lease = isActive() ? await locks.acquire(leaderLockName, leaderLeaseMs) : undefined;
        hasError = false;
        if (lease !== undefined) await this.#holdLeadership(lease, signal, (loop, ended) => this.#runTerm(loop, ended));
      } catch (err) {
        if (!hasError) logger.warn({ err }, 'outbox unavailable, retrying');
        hasError = true;
      }
      await systemClock.sleep(standbyPollMs, signal);
    }
  }

  /** Sends everything queued; false when another process is the sender. */
  async runOnce(signal: AbortSignal): Promise<boolean> {
    const { locks, leaderLeaseMs } = this.#deps;
    const lease = await locks.acquire(leaderLockName, leaderLeaseMs);
    if (lease === undefined) return false;
    await this.#holdLeadership(lease, signal, async (loop, ended) => {
      // Queued events may say that an order was shipped: warnings come after them.
      await loop.runOnce(ended);
      await this.#maintenance(loop);
      await loop.runOnce(ended);
    });
    return true;
  }

  /** One term: sending, maintenance and commands. */
  async #runTerm(loop: SenderLoop, ended: AbortSignal): Promise<void> {
    const { logger } = this.#deps;
    const maintenance = new PeriodicTask({
      name: 'notifier maintenance',
      intervalMs: maintenanceIntervalMs,
      run: () => this.#maintenance(loop),
      logger,
    });
    const end = new AbortController();
    const polling = this.#createPoller(loop)?.run(AbortSignal.any([ended, end.signal]));
    maintenance.start();
    try {
      await loop.run(ended);
    } finally {
      end.abort();
      await Promise.all([maintenance.stop(), polling]);
    }
  }

  /** Posts ship-by warnings and prunes old orders. */
  async #maintenance(loop: SenderLoop): Promise<void> {
    const { clock, config } = this.#deps;
    for (const warning of await this.#shipBy.due()) await this.#postShipWarning(loop, warning);
    if (config.mode === 'edit' && clock.monotonicMs() - this.#prunedAt > pruneIntervalMs) {
      this.#prunedAt = clock.monotonicMs();
      await this.#orderMessages.prune();
    }
  }

  async #postShipWarning(loop: SenderLoop, warning: ShipWarning): Promise<void> {
    const { clock, config } = this.#deps;
    const title = `ship-by ${warning.chat} ${warning.level}`;
    if (loop.hasPending(title)) return;
    const parts = [shipWarningPart(warning, clock.wallMs(), config.shipWarnHours)];
    const notice = { title, parts, onSent: () => this.#shipBy.markWarned(warning) };
    await loop.post(warning.chat, notice, 'ship-by');
  }

  #createPoller(loop: SenderLoop): UpdatesPoller | undefined {
    const { config, commandBackend, api, pollingApi, store, clock, logger } = this.#deps;
    if (!config.commands || commandBackend === undefined) return undefined;
    const dispatcher = new CommandHandler({
      api,
      backend: commandBackend,
      mutes: this.mutes,
      admins: new Admins({ api, clock }),
      zone: this.#deps.context.ownZone,
      findChat: ({ id, username }) =>
        loop.queues.find(({ sender }) => sender.chatId === String(id))?.chat ?? this.#configuredChat(id, username),
      reply: (chat, notice) => loop.post(chat, notice, 'system'),
      logger,
    });
    return new UpdatesPoller({ api: pollingApi, store, handle: (update) => dispatcher.handle(update), logger });
  }

  /** The configured chat with this id or name; strangers who add the bot to their group get no reply. */
  #configuredChat(id: number, username: string | undefined): string | undefined {
    const { chatId, shopChats } = this.#deps.config;
    const names = [String(id), `@${username ?? ''}`.toLowerCase()];
    return [chatId, ...shopChats.values()].find((chat) => names.includes(chat.toLowerCase()));
  }

  async #holdLeadership(
    lease: Lease,
    signal: AbortSignal,
    work: (loop: SenderLoop, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { outbox, logger, isActive, leaderLeaseMs } = this.#deps;
    // A new name each term: what an earlier one could not requeue is reclaimed by the reaper.
    const consumer = `notifier-${hostname()}-${randomBytes(6).toString('base64url')}`;
    const loop = this.#createLoop(consumer, lease);
    this.#loop = loop;
    try {
      await runWhileLeader({ lease, outbox, consumer, logger, isOpen: isActive, leaderLeaseMs }, signal, (ended) =>
        work(loop, ended),
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
      onDone: async (message, outcome) => {
        if (outcome.kind !== 'retry') stats.onCompleted(message, outcome.kind, clock.monotonicMs());
        if (outcome.kind === 'ack') await this.#onSent(message);
      },
    });
  }

  /** Records events of one order in sequence, orders concurrently. */
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

  /** Saves what is known only after a message was sent. */
  async #onSent({ items, orderThread, sent }: OutgoingMessage): Promise<void> {
    const [item] = items;
    const [first] = sent;
    if (item === undefined) return;
    if (orderThread !== undefined && first !== undefined)
      await this.#orderMessages.save(item.chat, orderThread, first.messageId);
    if (item.content.kind === 'system') await item.content.message.onSent?.();
  }

  #openChat(chat: string): Promise<ChatSender> {
    const { api, store, clock, logger } = this.#deps;
    return ChatSender.open({ api, chat, topics: this.topics, store: store, clock, logger });
  }
}
