import type { Logger, Clock } from '@shopee-webhook/runtime';
import type { Outcome } from '@shopee-webhook/store';
import { Backlog, type MessagePlan } from './backlog.ts';
import { SendError, type ChatSender } from './chat-sender.ts';
import { newOutgoingMessage, type OutgoingMessage, type QueuedNotification } from '../messages/outgoing.ts';
import { Signal } from './signal.ts';

const maxBackoffMs = 60_000;
const probeIntervalMs = 5 * 60_000;

export interface ChatQueueDeps {
  chat: string;
  sender: ChatSender;
  buildMessage: (plan: MessagePlan) => Promise<OutgoingMessage>;
  /** Settles a message's notifications; never rejects. */
  settle: (message: OutgoingMessage, outcome: Outcome) => Promise<void>;
  /** The queue that takes this one's backlog while the chat is unreachable; undefined when there is none. */
  fallbackQueue: () => Promise<ChatQueue | undefined>;
  /** Whether this process is still the sender. */
  isLeader: () => boolean;
  clock: Clock;
  logger: Logger;
}

/** The backlog of one chat and the one loop that sends it. */
export class ChatQueue {
  readonly backlog = new Backlog();
  readonly #deps: ChatQueueDeps;
  readonly #added = new Signal();
  #failures = 0;
  #backoffUntil = 0;
  #unreachable: string | undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(deps: ChatQueueDeps) {
    this.#deps = deps;
  }

  get chat(): string {
    return this.#deps.chat;
  }

  get sender(): ChatSender {
    return this.#deps.sender;
  }

  /** Why the chat is unreachable, as Telegram describes it; undefined while it is reachable. */
  get unreachable(): string | undefined {
    return this.#unreachable;
  }

  add(item: QueuedNotification): void {
    this.backlog.add(item);
    this.#added.notify();
  }

  /** Sends until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#safeStep();
      if (waitMs > 0) await this.#pause(waitMs, signal);
    }
    await this.#settling;
  }

  /** Sends until the backlog is empty, the chat is unreachable or the signal is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#unreachable === undefined) {
      const waitMs = await this.step();
      if (waitMs === Infinity) break;
      if (waitMs > 0) await this.#pause(waitMs, signal);
    }
    await this.#settling;
  }

  /** One step, if anything is due and allowed. Returns the ms until the next one; Infinity when idle. */
  async step(): Promise<number> {
    const { clock, sender } = this.#deps;
    const now = clock.monotonicMs();
    if (!this.#deps.isLeader()) return 1_000;
    const backoffMs = this.#backoffUntil - now;
    if (backoffMs > 0) return backoffMs;
    if (this.#unreachable !== undefined && !(await this.#probe())) return probeIntervalMs;
    const choice = this.backlog.next(now, (priority) => sender.limiter.perMinute(priority));
    if (choice === undefined) return Math.max(0, this.backlog.nextDue() - now);
    const waitMs = sender.limiter.waitMs(now, choice.budget);
    if (waitMs > 0) return waitMs;
    const message = choice.kind === 'in-progress' ? choice.message : await this.#build(choice);
    if (message !== undefined) await this.#send(message);
    return 0;
  }

  /** Builds the message; one that cannot be rendered is dead-lettered, or it would block the queue. */
  async #build(plan: MessagePlan): Promise<OutgoingMessage | undefined> {
    const { buildMessage, logger, chat } = this.#deps;
    // The order's message is known only once the previous one is settled.
    if (plan.kind === 'order') await this.#settling;
    try {
      const message = await buildMessage(plan);
      this.backlog.start(message);
      return message;
    } catch (err) {
      logger.error({ err, chat, count: plan.items.length }, 'could not render message');
      const message = newOutgoingMessage({ ...plan, silent: true, parts: [] });
      this.backlog.start(message);
      await this.#complete(message, { kind: 'dead-letter', reason: 'render-failed', error: errorName(err) });
      return undefined;
    }
  }

  async #send(message: OutgoingMessage): Promise<void> {
    try {
      const done = await this.#deps.sender.step(message);
      this.#failures = 0;
      if (!done) return;
      await this.#complete(message, { kind: 'ack' });
    } catch (error) {
      await this.#onSendError(message, error);
    }
  }

  /** Settling a large digest takes a while: only the next settlement waits for it, not the next message. */
  async #complete(message: OutgoingMessage, outcome: Outcome): Promise<void> {
    this.backlog.complete(message);
    await this.#settling;
    this.#settling = this.#deps.settle(message, outcome);
  }

  async #onSendError(message: OutgoingMessage, error: unknown): Promise<void> {
    const { logger, chat } = this.#deps;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SendError && error.kind === 'rejected') {
      logger.error({ chat, topic: message.topic, reason, count: message.items.length }, 'telegram rejected a message');
      await this.#complete(message, { kind: 'dead-letter', reason: 'telegram-rejected', error: reason });
      return;
    }
    if (error instanceof SendError && error.kind === 'unreachable') {
      await this.#markUnreachable(reason);
      return;
    }
    this.#failures += 1;
    const holdMs = Math.min(maxBackoffMs, 1000 * 2 ** (this.#failures - 1));
    this.#backoffUntil = this.#deps.clock.monotonicMs() + holdMs;
    if (this.#failures === 1) logger.warn({ chat, reason, ms: holdMs }, 'telegram send failed, retrying');
  }

  async #markUnreachable(reason: string): Promise<void> {
    const { logger, chat, clock } = this.#deps;
    if (this.#unreachable === undefined)
      logger.error({ chat, reason }, 'telegram chat unreachable; notifications queued');
    this.#unreachable = reason;
    this.#backoffUntil = clock.monotonicMs() + probeIntervalMs;
    await this.#moveToFallback();
  }

  async #moveToFallback(): Promise<void> {
    const other = await this.#deps.fallbackQueue();
    if (other === undefined) return;
    for (const item of this.backlog.all()) other.add({ ...item, chat: other.chat });
    this.backlog.clear();
  }

  async #probe(): Promise<boolean> {
    try {
      await this.#deps.sender.probe();
    } catch (err) {
      if (!(err instanceof SendError)) this.#deps.logger.warn({ err, chat: this.chat }, 'telegram probe failed');
      this.#backoffUntil = this.#deps.clock.monotonicMs() + probeIntervalMs;
      // The fallback may have been unreachable until now.
      await this.#moveToFallback();
      return false;
    }
    this.#deps.logger.info({ chat: this.chat }, 'telegram chat reachable again');
    this.#unreachable = undefined;
    return true;
  }

  /** An unexpected error must not end the loop. */
  async #safeStep(): Promise<number> {
    try {
      return await this.step();
    } catch (err) {
      this.#deps.logger.error({ err, chat: this.chat }, 'chat loop error');
      return 1_000;
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    // A day at most: timers take no more than 24 days, and Infinity means "until notified".
    await this.#deps.clock.sleep(Math.min(ms, 86_400_000), AbortSignal.any([signal, this.#added.signal]));
  }
}

/** Not its message, which may contain the notification's data. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
