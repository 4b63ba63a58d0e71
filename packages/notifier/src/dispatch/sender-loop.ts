import type { Logger } from '@shopee-webhook/runtime';
import type { Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import { ChatQueue } from '../chat/chat-queue.ts';
import type { ChatSender } from '../chat/chat-sender.ts';
import type { Clock } from '../time/clock.ts';
import type { MessageBuilder } from './message-builder.ts';
import type { Mutes } from '../routing/mutes.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { requeue } from '../outbox/requeue.ts';
import { Deferrals } from '../outbox/deferral.ts';
import { getPush, route, type RoutingDeps } from '../routing/route.ts';
import type { TopicKey } from '../format/topic-styles.ts';
import type { OutgoingMessage, SystemMessage, QueuedNotification } from '../messages/outgoing.ts';

/** Not more notifications of chats that take them are in hand than this; the rest waits in the outbox. */
const maxInFlight = 5_000;
/** What lost chats may hold, all of them. */
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
  clock: Clock;
  logger: Logger;
  /** Notifications that were sent but could not be settled, with their steps: they come again and must not be sent again. */
  sentNotAcked: Map<string, Settlement['activity']>;
  /** Whether we are still the one sender; asked before each call. */
  isLeader: () => boolean;
  /** Hears of notifications when they are taken, muted ones too. */
  onTaken?: (items: QueuedNotification[]) => Promise<void>;
  /** Hears of each message that is done. */
  onDone?: (message: OutgoingMessage, outcome: Outcome) => Promise<void> | void;
}

/** One term as the sender of all chats: takes from the outbox, sorts by chat, sends, settles. */
export class SenderLoop {
  readonly #deps: SenderLoopDeps;
  readonly #queues = new Map<string, ChatQueue>();
  readonly #loops = new Map<string, Promise<void>>();
  readonly #deferrals = new Deferrals();
  #signal: AbortSignal | undefined;

  constructor(deps: SenderLoopDeps) {
    this.#deps = deps;
  }

  /** A second name to take by, which never holds anything for long. */
  get #redeliveryConsumer(): string {
    return `${this.#deps.consumer}-survey`;
  }

  get queues(): ChatQueue[] {
    return [...this.#queues.values()];
  }

  get inFlight(): number {
    return sizeOf(this.queues);
  }

  /** How many more may be taken: what a lost chat holds leaves room for the others. */
  get #capacity(): number {
    return maxInFlight - sizeOf(this.queues.filter(({ unreachable }) => unreachable === undefined));
  }

  /**
   * Takes and sends until the signal is aborted or the outbox cannot be used, then gives back what was not sent. What
   * cannot be given back comes to the next sender when our lease is over.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    this.#signal = end;
    try {
      while (!end.aborted) {
        const taken = await this.fetch(1_000, end);
        if (taken === 0) await this.#pollRedelivered(end);
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

  /** Takes what waits in the outbox and sends all of it, however long the limits make that take. */
  async runOnce(signal: AbortSignal): Promise<void> {
    for (;;) {
      const taken = await this.fetch(1, signal);
      await Promise.all(this.queues.map((queue) => queue.drain(signal)));
      if (taken === 0 || signal.aborted) break;
    }
    await this.requeueAll();
  }

  /** Takes once; gives how many. */
  async fetch(blockMs: number, signal: AbortSignal): Promise<number> {
    const max = Math.min(takeBatchSize, this.#capacity);
    if (max <= 0) return 0;
    const { outbox, consumer } = this.#deps;
    return this.#routeAll(consumer, await outbox.dequeue(consumer, { max, blockMs, signal }), signal);
  }

  /** Sorts deliveries in, and settles at once what is not to be sent; gives how many are dealt with. */
  async #routeAll(consumer: string, deliveries: Delivery[], signal: AbortSignal): Promise<number> {
    const settlements: Settlement[] = [];
    const taken: QueuedNotification[] = [];
    for (const delivery of deliveries) {
      const { item, ...settlement } = await this.#route(delivery);
      if (item !== undefined) taken.push(item);
      if (settlement.outcome !== undefined) settlements.push({ delivery, ...settlement, outcome: settlement.outcome });
    }
    const isSettled = await this.#settleNotSent(consumer, settlements);
    // Last: an alert does not wait for what is only to be remembered.
    await this.#deps.onTaken?.(taken);
    if (isSettled) return deliveries.length;
    await this.#deps.clock.sleep(ackRetryMs, signal);
    return deliveries.length - settlements.length;
  }

  /**
   * False when the disk does not take it: it comes again at once, and the rest is sent meanwhile. Where the outbox is in
   * Redis it would stay in our hand, so there the term ends.
   */
  async #settleNotSent(consumer: string, settlements: Settlement[]): Promise<boolean> {
    const { outbox, sentNotAcked, logger } = this.#deps;
    if (settlements.length === 0) return true;
    try {
      await outbox.settle(consumer, settlements);
    } catch (err) {
      if (outbox.requeue !== undefined) throw err;
      logger.debug({ err, count: settlements.length }, 'not settled yet');
      return false;
    }
    for (const { delivery } of settlements) sentNotAcked.delete(delivery.id);
    return true;
  }

  /** What is still in hand goes back into the outbox, for whoever sends next. */
  async requeueAll(): Promise<void> {
    const deliveries = this.queues.flatMap((line) => toDeliveries(line.backlog.all()));
    for (const line of this.queues) line.backlog.clear();
    await requeue(this.#deps.outbox, this.#deps.consumer, deliveries);
  }

  /** Says something of our own in a chat, as urgent as an event that needs action. */
  async post(chat: string, message: SystemMessage, topic: TopicKey): Promise<void> {
    const line = await this.#queueFor(chat);
    const since = this.#deps.clock.now();
    const content = { kind: 'system' as const, message };
    line.add({
      delivery: undefined,
      content,
      chat: line.chat,
      topic,
      priority: 1,
      digest: 'off',
      orderThread: undefined,
      since,
    });
    this.#startQueues();
  }

  /** Whether a notice of this title waits to be said. */
  hasPending(title: string): boolean {
    return this.queues.some((line) =>
      line.backlog.all().some(({ content }) => content.kind === 'system' && content.message.title === title),
    );
  }

  /** The line of a chat, opened when first needed. */
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

  /** Where what is for this chat is said now. */
  async #queueFor(chat: string): Promise<ChatQueue> {
    const line = await this.line(chat);
    return line.unreachable === undefined ? line : ((await this.#fallbackQueue(chat)) ?? line);
  }

  /** For a shop's own chat that is lost the main one stands in; undefined when that is lost too. */
  async #fallbackQueue(chat: string): Promise<ChatQueue | undefined> {
    const main = this.#deps.config.chatId;
    if (chat === main) return undefined;
    const line = await this.line(main);
    return line.unreachable === undefined ? line : undefined;
  }

  /** Sorts one delivery in; gives its settlement when nothing is to be sent. */
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
      logger.error({ err, id: delivery.id }, 'notification cannot be read');
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'malformed', error } };
    }
    if (isRedelivered(delivery)) return this.#validateRedelivered(item);
    const push = getPush(item);
    if (push !== undefined && (await mutes.isMuted(push.code))) {
      return { item, outcome: { kind: 'ack' }, activity: toActivity(item, clock.now(), 'muted') };
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
      this.#deps.logger.warn({ id }, 'old alert thrown away: the telegram chat is lost and too many wait');
    }
    return isNew ? { item, outcome } : { outcome };
  }

  /**
   * The outbox hands out what was in hand at a crash only to a consumer that holds little, and we hold all that waits for
   * its turn. Where it can be made into a message it was not the cause: it goes back into the line as new.
   */
  async #validateRedelivered(item: QueuedNotification): Promise<Pick<Settlement, 'outcome'>> {
    const { topic, priority } = item;
    try {
      await this.#deps.messages.build({ kind: 'single', items: [item], topic, priority });
    } catch (err) {
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'render-failed', error } };
    }
    const error = 'in hand when the notifier died';
    return { outcome: { kind: 'retry', delayMs: 0, reason: 'redelivery-check', error, countsAsFailure: false } };
  }

  /** Takes under a second name, which holds nothing, what may be kept from us while we hold much. */
  async #pollRedelivered(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#deps;
    if (outbox.requeue === undefined || this.inFlight === 0) return;
    const consumer = this.#redeliveryConsumer;
    const deliveries = await outbox.dequeue(consumer, { max: 20, blockMs: 1, signal });
    const others = deliveries.filter((delivery) => !isRedelivered(delivery));
    await requeue(outbox, consumer, others);
    await this.#routeAll(consumer, deliveries.filter(isRedelivered), signal);
  }

  /** Only in `run`: `runOnce` drains the lines itself. */
  #startQueues(): void {
    const end = this.#signal;
    if (end === undefined) return;
    for (const line of this.queues) {
      if (!this.#loops.has(line.chat)) this.#loops.set(line.chat, line.run(end));
    }
  }

  /**
   * Only after Telegram's ok, so at least once: a crash between the two sends it again. When it cannot be settled the
   * ids are remembered, so that this process at least does not send it twice. Never rejects.
   */
  async #settle(message: OutgoingMessage, outcome: Outcome): Promise<void> {
    const { outbox, consumer, clock, logger, sentNotAcked } = this.#deps;
    const now = clock.now();
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
      logger.error({ err, count: settlements.length }, 'sent to telegram but not settled');
      for (const { delivery, activity } of settlements) sentNotAcked.set(delivery.id, activity);
    }
    try {
      await this.#deps.onDone?.(message, outcome);
    } catch (err) {
      // An order's message is then made anew, a warning comes again.
      logger.warn({ err, topic: message.topic }, 'sent to telegram but not remembered');
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

/** The activity's last step of an event: told to people, or kept from them. */
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
