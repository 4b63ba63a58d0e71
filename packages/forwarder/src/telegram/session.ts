import type { Logger } from '@shopee-webhook/runtime';
import type { Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import { ChatLine } from './chat/chat-line.ts';
import type { ChatSender } from './chat/chat-sender.ts';
import type { Clock } from './clock.ts';
import type { Jobs } from './jobs.ts';
import type { Mutes } from './mutes.ts';
import type { Outbox } from '../outbox.ts';
import { putBack } from './outbox/put-back.ts';
import { PutOff } from './outbox/put-off.ts';
import { pushOf, route, type RoutingParts } from './routing.ts';
import type { TopicKey } from './chat/topic-specs.ts';
import type { Job, Notice, Waiting } from './waiting.ts';

/** Not more notifications of chats that take them are in hand than this; the rest waits in the outbox. */
const maxInHand = 5_000;
/** What lost chats may hold, all of them. */
const maxForLost = 2_000;
const takeAtOnce = 200;
const settleAtOnce = 100;
const unsettledPauseMs = 2_000;

export interface SessionParts extends RoutingParts {
  outbox: Outbox;
  consumer: string;
  openChat: (chat: string) => Promise<ChatSender>;
  jobs: Jobs;
  mutes: Mutes;
  clock: Clock;
  logger: Logger;
  /** Notifications that were sent but could not be settled, with their steps: they come again and must not be sent again. */
  sentUnsettled: Map<string, Settlement['steps']>;
  /** Whether we are still the one sender; asked before each call. */
  isHeld: () => boolean;
  /** Hears of notifications when they are taken, muted ones too. */
  onTaken?: (items: Waiting[]) => Promise<void>;
  /** Hears of each message that is done. */
  onDone?: (job: Job, outcome: Outcome) => Promise<void> | void;
}

/** One term as the sender of all chats: takes from the outbox, sorts by chat, sends, settles. */
export class Session {
  readonly #parts: SessionParts;
  readonly #lines = new Map<string, ChatLine>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #putOff = new PutOff();
  #end: AbortSignal | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A second name to take by, which never holds anything for long. */
  get #surveyor(): string {
    return `${this.#parts.consumer}-survey`;
  }

  get lines(): ChatLine[] {
    return [...this.#lines.values()];
  }

  get inHand(): number {
    return sizeOf(this.lines);
  }

  /** How many more may be taken: what a lost chat holds leaves room for the others. */
  get #room(): number {
    return maxInHand - sizeOf(this.lines.filter(({ lost }) => lost === undefined));
  }

  /**
   * Takes and sends until the signal is aborted or the outbox cannot be used, then gives back what was not sent. What
   * cannot be given back comes to the next sender when our lease is over.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    this.#end = end;
    try {
      while (!end.aborted) {
        const taken = await this.intake(1_000, end);
        if (taken === 0) await this.#surveySurvivors(end);
        this.#startLines();
        if (this.#room <= 0) await this.#parts.clock.sleep(200, end);
      }
    } finally {
      over.abort();
      await Promise.all(this.#running.values());
      await this.giveBack();
      await this.#parts.outbox.clearHeartbeat?.(this.#surveyor);
    }
  }

  /** Takes what waits in the outbox and sends all of it, however long the limits make that take. */
  async runOnce(signal: AbortSignal): Promise<void> {
    for (;;) {
      const taken = await this.intake(1, signal);
      await Promise.all(this.lines.map((line) => line.drain(signal)));
      if (taken === 0 || signal.aborted) break;
    }
    await this.giveBack();
  }

  /** Takes once; gives how many. */
  async intake(blockMs: number, signal: AbortSignal): Promise<number> {
    const max = Math.min(takeAtOnce, this.#room);
    if (max <= 0) return 0;
    const { outbox, consumer } = this.#parts;
    return this.#acceptAll(consumer, await outbox.take(consumer, { max, blockMs, signal }), signal);
  }

  /** Sorts deliveries in, and settles at once what is not to be sent; gives how many are dealt with. */
  async #acceptAll(consumer: string, deliveries: Delivery[], signal: AbortSignal): Promise<number> {
    const settlements: Settlement[] = [];
    const taken: Waiting[] = [];
    for (const delivery of deliveries) {
      const { item, ...settlement } = await this.#accept(delivery);
      if (item !== undefined) taken.push(item);
      if (settlement.outcome !== undefined) settlements.push({ delivery, ...settlement, outcome: settlement.outcome });
    }
    const isSettled = await this.#settleUnsent(consumer, settlements);
    // Last: an alarm does not wait for what is only to be remembered.
    await this.#parts.onTaken?.(taken);
    if (isSettled) return deliveries.length;
    await this.#parts.clock.sleep(unsettledPauseMs, signal);
    return deliveries.length - settlements.length;
  }

  /**
   * False when the disk does not take it: it comes again at once, and the rest is sent meanwhile. Where the outbox is in
   * Redis it would stay in our hand, so there the term ends.
   */
  async #settleUnsent(consumer: string, settlements: Settlement[]): Promise<boolean> {
    const { outbox, sentUnsettled, logger } = this.#parts;
    if (settlements.length === 0) return true;
    try {
      await outbox.settle(consumer, settlements);
    } catch (err) {
      if (outbox.giveBack !== undefined) throw err;
      logger.debug({ err, count: settlements.length }, 'not settled yet');
      return false;
    }
    for (const { delivery } of settlements) sentUnsettled.delete(delivery.id);
    return true;
  }

  /** What is still in hand goes back into the outbox, for whoever sends next. */
  async giveBack(): Promise<void> {
    const deliveries = this.lines.flatMap((line) => deliveriesOf(line.backlog.all()));
    for (const line of this.lines) line.backlog.clear();
    await putBack(this.#parts.outbox, this.#parts.consumer, deliveries);
  }

  /** Says something of our own in a chat, as urgent as an event that needs action. */
  async say(chat: string, notice: Notice, topic: TopicKey): Promise<void> {
    const line = await this.#lineFor(chat);
    const since = this.#parts.clock.now();
    const content = { kind: 'notice' as const, notice };
    line.add({
      delivery: undefined,
      content,
      chat: line.chat,
      topic,
      tier: 1,
      digest: 'off',
      follows: undefined,
      since,
    });
    this.#startLines();
  }

  /** Whether a notice of this title waits to be said. */
  says(title: string): boolean {
    return this.lines.some((line) =>
      line.backlog.all().some(({ content }) => content.kind === 'notice' && content.notice.title === title),
    );
  }

  /** The line of a chat, opened when first needed. */
  async line(chat: string): Promise<ChatLine> {
    const known = this.#lines.get(chat);
    if (known !== undefined) return known;
    const { openChat, jobs, clock, logger } = this.#parts;
    const sender = await openChat(chat);
    const meanwhile = this.#lines.get(chat);
    if (meanwhile !== undefined) return meanwhile;
    const line = new ChatLine({
      chat,
      sender,
      makeJob: (choice) => jobs.make(choice),
      settle: (job, outcome) => this.#settle(job, outcome),
      standIn: () => this.#standIn(chat),
      isHeld: this.#parts.isHeld,
      clock,
      logger,
    });
    this.#lines.set(chat, line);
    return line;
  }

  /** Where what is for this chat is said now. */
  async #lineFor(chat: string): Promise<ChatLine> {
    const line = await this.line(chat);
    return line.lost === undefined ? line : ((await this.#standIn(chat)) ?? line);
  }

  /** For a shop's own chat that is lost the main one stands in; undefined when that is lost too. */
  async #standIn(chat: string): Promise<ChatLine | undefined> {
    const main = this.#parts.config.chatId;
    if (chat === main) return undefined;
    const line = await this.line(main);
    return line.lost === undefined ? line : undefined;
  }

  /** Sorts one delivery in; gives its settlement when nothing is to be sent. */
  async #accept(delivery: Delivery): Promise<Partial<Pick<Settlement, 'outcome' | 'steps'>> & { item?: Waiting }> {
    const { sentUnsettled, mutes, logger, clock } = this.#parts;
    if (sentUnsettled.has(delivery.id)) {
      return { outcome: { kind: 'ack' }, steps: sentUnsettled.get(delivery.id) };
    }
    let item: Waiting;
    try {
      item = route(delivery.payloadText, delivery, this.#parts);
    } catch (err) {
      logger.error({ err, id: delivery.id }, 'notification cannot be read');
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'malformed', error } };
    }
    if (isSurvivor(delivery)) return this.#examine(item);
    const push = pushOf(item);
    if (push !== undefined && (await mutes.isMuted(push.code))) {
      return { item, outcome: { kind: 'ack' }, steps: stepsOf(item, clock.now(), 'muted') };
    }
    const line = await this.#lineFor(item.chat);
    if (line.lost !== undefined && sizeOf(this.lines.filter(({ lost }) => lost !== undefined)) >= maxForLost) {
      return this.#postpone(item, delivery);
    }
    this.#putOff.forget(delivery.id);
    line.add({ ...item, chat: line.chat });
    return { item };
  }

  #postpone(item: Waiting, { id }: Delivery): Pick<Settlement, 'outcome'> & { item?: Waiting } {
    const isNew = !this.#putOff.has(id);
    const outcome = this.#putOff.outcomeFor(id);
    if (outcome.kind === 'ack') {
      this.#parts.logger.warn({ id }, 'old alert thrown away: the telegram chat is lost and too many wait');
    }
    return isNew ? { item, outcome } : { outcome };
  }

  /**
   * The outbox hands out what was in hand at a crash only to a consumer that holds little, and we hold all that waits for
   * its turn. Where it can be made into a message it was not the cause: it goes back into the line as new.
   */
  async #examine(item: Waiting): Promise<Pick<Settlement, 'outcome'>> {
    const { topic, tier } = item;
    try {
      await this.#parts.jobs.make({ kind: 'single', items: [item], topic, tier });
    } catch (err) {
      const error = err instanceof Error ? err.name : 'unknown';
      return { outcome: { kind: 'dead-letter', reason: 'unprintable', error } };
    }
    const error = 'in hand when the notifier died';
    return { outcome: { kind: 'retry', delayMs: 0, reason: 'examined', error, countsAsFailure: false } };
  }

  /** Takes under a second name, which holds nothing, what may be kept from us while we hold much. */
  async #surveySurvivors(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#parts;
    if (outbox.giveBack === undefined || this.inHand === 0) return;
    const consumer = this.#surveyor;
    const deliveries = await outbox.take(consumer, { max: 20, blockMs: 1, signal });
    const others = deliveries.filter((delivery) => !isSurvivor(delivery));
    await putBack(outbox, consumer, others);
    await this.#acceptAll(consumer, deliveries.filter(isSurvivor), signal);
  }

  /** Only in `run`: `runOnce` drains the lines itself. */
  #startLines(): void {
    const end = this.#end;
    if (end === undefined) return;
    for (const line of this.lines) {
      if (!this.#running.has(line.chat)) this.#running.set(line.chat, line.run(end));
    }
  }

  /**
   * Only after Telegram's ok, so at least once: a crash between the two sends it again. When it cannot be settled the
   * ids are remembered, so that this process at least does not send it twice. Never rejects.
   */
  async #settle(job: Job, outcome: Outcome): Promise<void> {
    const { outbox, consumer, clock, logger, sentUnsettled } = this.#parts;
    const now = clock.now();
    const settlements = job.items.flatMap((item): Settlement[] =>
      item.delivery === undefined
        ? []
        : [{ delivery: item.delivery, outcome, steps: outcome.kind === 'ack' ? stepsOf(item, now) : [] }],
    );
    try {
      for (let from = 0; from < settlements.length; from += settleAtOnce) {
        await outbox.settle(consumer, settlements.slice(from, from + settleAtOnce));
      }
    } catch (err) {
      logger.error({ err, count: settlements.length }, 'sent to telegram but not settled');
      for (const { delivery, steps } of settlements) sentUnsettled.set(delivery.id, steps);
    }
    try {
      await this.#parts.onDone?.(job, outcome);
    } catch (err) {
      // An order's message is then made anew, a warning comes again.
      logger.warn({ err, topic: job.topic }, 'sent to telegram but not remembered');
    }
  }
}

function sizeOf(lines: readonly ChatLine[]): number {
  return lines.reduce((sum, { backlog }) => sum + backlog.size, 0);
}

function isSurvivor(delivery: Delivery): boolean {
  return (delivery.metadata.deliveries ?? 0) > 0;
}

function deliveriesOf(items: readonly Waiting[]): Delivery[] {
  return items.flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery]));
}

/** The activity's last step of an event: told to people, or kept from them. */
function stepsOf({ content, since }: Waiting, now: number, reason?: string): Settlement['steps'] {
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
