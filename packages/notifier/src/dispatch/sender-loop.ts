import type { Logger } from '@shopee-webhook/runtime';
import type { Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import { ChatQueue } from '../chat/chat-queue.ts';
import type { ChatSender } from '../chat/chat-sender.ts';
import type { MessageBuilder } from './message-builder.ts';
import type { Mutes } from '../routing/mutes.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { requeue } from '../outbox/requeue.ts';
import { Deferrals } from '../outbox/deferral.ts';
import { getPush, route, type RoutingDeps } from '../routing/route.ts';
import type { TopicKey } from '../messages/outgoing.ts';
import type { OutgoingMessage, SystemMessage, QueuedNotification } from '../messages/outgoing.ts';

/** Maximum in flight for reachable chats; the rest stays in the outbox. */
const maxInFlight = 5_000;
/** Maximum in flight for all unreachable chats together. */
const maxForUnreachableChats = 2_000;
const takeBatchSize = 200;
const settleBatchSize = 100;
const ackRetryMs = 2_000;

export interface SenderLoopDeps extends RoutingDeps {
  outbox: Outbox;
  consumer: string;
  openChat: (chat: string) => Promise<ChatSender>;
  messages: MessageBuilder;
  mutes: Mutes;
  logger: Logger;
  /** Sent but not acked, with their activity: they are redelivered and must not be sent again. */
  sentNotAcked: Map<string, Settlement['activity']>;
  /** Whether this process is still the sender; checked before each call. */
  isLeader: () => boolean;
  /** Called with notifications when they are fetched, muted ones included. */
  onTaken?: (items: QueuedNotification[]) => Promise<void>;
  /** Called with each completed message. */
  onDone?: (message: OutgoingMessage, outcome: Outcome) => Promise<void> | void;
}

/** One term as the sender: fetches from the outbox, routes by chat, sends, settles. */
export class SenderLoop {
  readonly #deps: SenderLoopDeps;
  readonly #queues = new Map<string, ChatQueue>();
  readonly #loops = new Map<string, Promise<void>>();
  readonly #deferrals = new Deferrals();
  #signal: AbortSignal | undefined;

  constructor(deps: SenderLoopDeps) {
    this.#deps = deps;
  }

  /** A second consumer, for redelivered messages; never keeps anything in flight for long. */
  get #redeliveryConsumer(): string {
    return `${this.#deps.consumer}-survey`;
  }

  get queues(): ChatQueue[] {
    return [...this.#queues.values()];
  }

  get inFlight(): number {
    return sizeOf(this.queues);
  }

  /** How many more may be fetched; unreachable chats do not count. */
  get #capacity(): number {
    return maxInFlight - sizeOf(this.queues.filter(({ unreachable }) => unreachable === undefined));
  }

  /**
   * Fetches and sends until the signal is aborted or the outbox fails, then requeues what was not sent. What
   * cannot be requeued is redelivered to the next sender when the lease expires.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    this.#signal = end;
    try {
      while (!end.aborted) {
        await this.fetch(1_000, end);
        await this.#fetchSuspects(end);
        this.#startQueues();
        if (this.#capacity <= 0) await this.#deps.clock.sleep(200, end);
      }
    } finally {
      over.abort();
      await Promise.all(this.#loops.values());
      await this.requeueAll();
      await this.#deps.outbox.releaseConsumer?.(this.#redeliveryConsumer);
    }
  }

  /** Fetches everything in the outbox and sends it, however long the limits make that take. */
  async runOnce(signal: AbortSignal): Promise<void> {
    for (;;) {
      const taken = (await this.fetch(1, signal)) + (await this.#fetchSuspects(signal));
      await Promise.all(this.queues.map((queue) => queue.drain(signal)));
      if (taken === 0 || signal.aborted) break;
    }
    await this.requeueAll();
  }

  /** Fetches one batch and returns its size. */
  async fetch(blockMs: number, signal: AbortSignal): Promise<number> {
    const max = Math.min(takeBatchSize, this.#capacity);
    if (max <= 0) return 0;
    const { outbox, consumer } = this.#deps;
    return this.#routeAll(consumer, await outbox.take(consumer, { max, blockMs, signal }), signal);
  }

  /** Routes deliveries and settles those that are not sent; returns how many were handled. */
  async #routeAll(consumer: string, deliveries: Delivery[], signal: AbortSignal): Promise<number> {
    const settlements: Settlement[] = [];
    const taken: QueuedNotification[] = [];
    for (const delivery of deliveries) {
      const { item, ...settlement } = await this.#route(delivery);
      if (item !== undefined) taken.push(item);
      if (settlement.outcome !== undefined) settlements.push({ delivery, ...settlement, outcome: settlement.outcome });
    }
    const isSettled = await this.#settleNotSent(consumer, settlements);
    // Last: sending does not wait for bookkeeping.
    await this.#deps.onTaken?.(taken);
    if (isSettled) return deliveries.length;
    await this.#deps.clock.sleep(ackRetryMs, signal);
    return deliveries.length - settlements.length;
  }

  /**
   * False when the disk rejects it: it is redelivered immediately, and the rest is sent meanwhile. With the outbox in
   * Redis it would stay in flight, so there the term ends.
   */
  async #settleNotSent(consumer: string, settlements: Settlement[]): Promise<boolean> {
    const { outbox, sentNotAcked, logger } = this.#deps;
    if (settlements.length === 0) return true;
    try {
      await outbox.settle(consumer, settlements);
    } catch (err) {
      if (outbox.requeue !== undefined) throw err;
      logger.debug({ err, count: settlements.length }, 'settle failed, will retry');
      return false;
    }
    for (const { delivery } of settlements) sentNotAcked.delete(delivery.id);
    return true;
  }

  /** Requeues everything in flight for the next sender. */
  async requeueAll(): Promise<void> {
    const deliveries = this.queues.flatMap((line) => toDeliveries(line.backlog.all()));
    for (const line of this.queues) line.backlog.clear();
    await requeue(this.#deps.outbox, this.#deps.consumer, deliveries);
  }

  /** Posts a system message, as urgent as an event that needs action. */
  async post(chat: string, message: SystemMessage, topic: TopicKey): Promise<void> {
    const line = await this.#queueFor(chat);
    const { clock } = this.#deps;
    const content = { kind: 'system' as const, message };
    line.add({
      delivery: undefined,
      content,
      chat: line.chat,
      topic,
      priority: 1,
      digest: 'off',
      orderThread: undefined,
      enqueuedAt: clock.wallMs(),
      since: clock.monotonicMs(),
    });
    this.#startQueues();
  }

  /** Whether a system message of this title is queued. */
  hasPending(title: string): boolean {
    return this.queues.some((line) =>
      line.backlog.all().some(({ content }) => content.kind === 'system' && content.message.title === title),
    );
  }

  /** The queue of a chat, opened on first use. */
  async line(chat: string): Promise<ChatQueue> {
    const known = this.#queues.get(chat);
    if (known !== undefined) return known;
    const { openChat, messages, clock, logger } = this.#deps;
    const sender = await openChat(chat);
    const meanwhile = this.#queues.get(chat);
    if (meanwhile !== undefined) return meanwhile;
    const line = new ChatQueue({
      chat,
      sender,
      buildMessage: (choice) => messages.build(choice),
      settle: (message, outcome) => this.#settle(message, outcome),
      fallbackQueue: () => this.#fallbackQueue(chat),
      isLeader: this.#deps.isLeader,
      clock,
      logger,
    });
    this.#queues.set(chat, line);
    return line;
  }

  /** The queue that serves this chat now. */
  async #queueFor(chat: string): Promise<ChatQueue> {
    const line = await this.line(chat);
    return line.unreachable === undefined ? line : ((await this.#fallbackQueue(chat)) ?? line);
  }

  /** The main chat is the fallback of a shop's own; undefined when it is unreachable too. */
  async #fallbackQueue(chat: string): Promise<ChatQueue | undefined> {
    const main = this.#deps.config.chatId;
    if (chat === main) return undefined;
    const line = await this.line(main);
    return line.unreachable === undefined ? line : undefined;
  }

  /** Routes one delivery; returns its settlement when nothing is to be sent. */
  async #route(
    delivery: Delivery,
  ): Promise<Partial<Pick<Settlement, 'outcome' | 'activity'>> & { item?: QueuedNotification }> {
    const { sentNotAcked, mutes, logger, clock } = this.#deps;
    if (sentNotAcked.has(delivery.id)) {
      return { outcome: { kind: 'ack' }, activity: sentNotAcked.get(delivery.id) };
    }
    let item: QueuedNotification;
    try {
      item = route(delivery.payloadText, delivery, this.#deps);
    } catch (err) {
      logger.error({ err, id: delivery.id }, 'malformed notification');
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'malformed', error } };
    }
    if (isRedelivered(delivery)) return this.#validateRedelivered(item);
    const push = getPush(item);
    if (push !== undefined && (await mutes.isMuted(push.code))) {
      return { item, outcome: { kind: 'ack' }, activity: toActivity(item, clock.monotonicMs(), 'muted') };
    }
    const line = await this.#queueFor(item.chat);
    if (
      line.unreachable !== undefined &&
      sizeOf(this.queues.filter(({ unreachable }) => unreachable !== undefined)) >= maxForUnreachableChats
    ) {
      return this.#defer(item, delivery);
    }
    this.#deferrals.remove(delivery.id);
    line.add({ ...item, chat: line.chat });
    return { item };
  }

  #defer(item: QueuedNotification, { id }: Delivery): Pick<Settlement, 'outcome'> & { item?: QueuedNotification } {
    const isNew = !this.#deferrals.has(id);
    const outcome = this.#deferrals.defer(id);
    if (outcome.kind === 'ack') {
      this.#deps.logger.warn({ id }, 'old notification dropped: telegram chat unreachable and too many queued');
    }
    return isNew ? { item, outcome } : { outcome };
  }

  /** If it can be rendered it was not the cause of the crash: it is requeued as new, for the chat's own queue. */
  async #validateRedelivered(item: QueuedNotification): Promise<Pick<Settlement, 'outcome'>> {
    const { topic, priority } = item;
    try {
      await this.#deps.messages.build({ kind: 'single', items: [item], topic, priority });
    } catch (err) {
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'render-failed', error } };
    }
    const error = 'in flight when the notifier crashed';
    return { outcome: { kind: 'retry', delayMs: 0, reason: 'redelivery-check', error, countsAsFailure: false } };
  }

  /** Fetches what was in flight at a crash, through a consumer of its own; returns how many were handled. */
  async #fetchSuspects(signal: AbortSignal): Promise<number> {
    const consumer = this.#redeliveryConsumer;
    const deliveries = await this.#deps.outbox.takeSuspects?.(consumer, { max: 20, blockMs: 0, signal });
    return this.#routeAll(consumer, deliveries ?? [], signal);
  }

  /** Only in `run`: `runOnce` drains the queues itself. */
  #startQueues(): void {
    const end = this.#signal;
    if (end === undefined) return;
    for (const line of this.queues) {
      if (!this.#loops.has(line.chat)) this.#loops.set(line.chat, line.run(end));
    }
  }

  /**
   * Acks only after Telegram's ok, so at least once: a crash in between sends it again. When the ack fails the
   * ids are remembered, so that this process does not send it twice. Never rejects.
   */
  async #settle(message: OutgoingMessage, outcome: Outcome): Promise<void> {
    const { outbox, consumer, clock, logger, sentNotAcked } = this.#deps;
    const now = clock.monotonicMs();
    const settlements = message.items.flatMap((item): Settlement[] =>
      item.delivery === undefined
        ? []
        : [{ delivery: item.delivery, outcome, activity: outcome.kind === 'ack' ? toActivity(item, now) : [] }],
    );
    try {
      for (let from = 0; from < settlements.length; from += settleBatchSize) {
        await outbox.settle(consumer, settlements.slice(from, from + settleBatchSize));
      }
    } catch (err) {
      logger.error({ err, count: settlements.length }, 'sent but ack failed');
      for (const { delivery, activity } of settlements) sentNotAcked.set(delivery.id, activity);
    }
    try {
      await this.#deps.onDone?.(message, outcome);
    } catch (err) {
      // An order's message is then created again, a warning repeated.
      logger.warn({ err, topic: message.topic }, 'sent but state not saved');
    }
  }
}

function sizeOf(lines: readonly ChatQueue[]): number {
  return lines.reduce((sum, { backlog }) => sum + backlog.size, 0);
}

function isRedelivered(delivery: Delivery): boolean {
  return (delivery.metadata.delivery_count ?? 0) > 0;
}

function toDeliveries(items: readonly QueuedNotification[]): Delivery[] {
  return items.flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery]));
}

/** The activity entry of a notified or muted event. */
function toActivity({ content, since }: QueuedNotification, now: number, reason?: string): Settlement['activity'] {
  if (content.kind !== 'event') return [];
  const { event, push, orderSn } = content.view;
  return [
    {
      id: event.messageId,
      step: 'notified',
      code: push.code,
      shop: event.shopId,
      sn: orderSn,
      ms: Math.max(0, now - since),
      reason,
    },
  ];
}
