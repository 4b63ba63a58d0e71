import type { Logger } from '@shopee-webhook/runtime';
import type { Outcome } from '@shopee-webhook/store';
import { Backlog, type MessagePlan } from './backlog.ts';
import { SendError, type ChatSender } from './chat-sender.ts';
import type { Clock } from '../time/clock.ts';
import { newOutgoingMessage, type OutgoingMessage, type QueuedNotification } from '../messages/outgoing.ts';
import { Signal } from './signal.ts';

const maxBackoffMs = 60_000;
const probeIntervalMs = 5 * 60_000;

export interface ChatQueueDeps {
  chat: string;
  sender: ChatSender;
  buildMessage: (plan: MessagePlan) => Promise<OutgoingMessage>;
  /** Records how a message's notifications ended; never rejects. */
  settle: (message: OutgoingMessage, outcome: Outcome) => Promise<void>;
  /** Who takes over what waits while the chat is lost; undefined when nobody can. */
  fallbackQueue: () => Promise<ChatQueue | undefined>;
  /** Whether we are still the one sender. */
  isLeader: () => boolean;
  clock: Clock;
  logger: Logger;
}

/** What waits for one chat, and the one loop that sends it. */
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

  /** Why the chat takes nothing, in Telegram's words; undefined while it does. */
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

  /** Sends until nothing waits, the chat is lost or the signal is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#unreachable === undefined) {
      const waitMs = await this.step();
      if (waitMs === Infinity) break;
      if (waitMs > 0) await this.#pause(waitMs, signal);
    }
    await this.#settling;
  }

  /** One step, if anything is due and allowed. Gives the ms until the next one; Infinity when nothing waits. */
  async step(): Promise<number> {
    const { clock, sender } = this.#deps;
    const now = clock.now();
    if (!this.#deps.isLeader()) return 1_000;
    const holdMs = this.#backoffUntil - now;
    // A longer one is of a clock that was set back since.
    if (holdMs > 0 && holdMs <= probeIntervalMs) return holdMs;
    if (this.#unreachable !== undefined && !(await this.#probe())) return probeIntervalMs;
    const choice = this.backlog.next(now, (priority) => sender.limiter.perMinute(priority));
    if (choice === undefined) return Math.max(0, this.backlog.nextDue() - now);
    const waitMs = sender.limiter.waitMs(now, choice.budget);
    if (waitMs > 0) return waitMs;
    const message = choice.kind === 'in-progress' ? choice.message : await this.#build(choice);
    if (message !== undefined) await this.#send(message);
    return 0;
  }

  /** Makes the message; one that cannot be made is given up, or it would stand in the way for ever. */
  async #build(plan: MessagePlan): Promise<OutgoingMessage | undefined> {
    const { buildMessage, logger, chat } = this.#deps;
    // What an order's message says is known once the one before is settled.
    if (plan.kind === 'order') await this.#settling;
    try {
      const message = await buildMessage(plan);
      this.backlog.start(message);
      return message;
    } catch (err) {
      logger.error({ err, chat, count: plan.items.length }, 'message cannot be made');
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

  /** Settling a large digest takes a while: an alert need not wait for it, only the next settling does. */
  async #complete(message: OutgoingMessage, outcome: Outcome): Promise<void> {
    this.backlog.complete(message);
    await this.#settling;
    this.#settling = this.#deps.settle(message, outcome);
  }

  async #onSendError(message: OutgoingMessage, error: unknown): Promise<void> {
    const { logger, chat } = this.#deps;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SendError && error.kind === 'rejected') {
      logger.error(
        { chat, topic: message.topic, reason, count: message.items.length },
        'telegram refused a message for good',
      );
      await this.#complete(message, { kind: 'dead-letter', reason: 'telegram-rejected', error: reason });
      return;
    }
    if (error instanceof SendError && error.kind === 'unreachable') {
      await this.#markUnreachable(reason);
      return;
    }
    this.#failures += 1;
    const holdMs = Math.min(maxBackoffMs, 1000 * 2 ** (this.#failures - 1));
    this.#backoffUntil = this.#deps.clock.now() + holdMs;
    if (this.#failures === 1)
      logger.warn({ chat, reason, ms: holdMs }, 'telegram does not take messages; trying again');
  }

  async #markUnreachable(reason: string): Promise<void> {
    const { logger, chat, clock } = this.#deps;
    if (this.#unreachable === undefined)
      logger.error({ chat, reason }, 'telegram chat is lost: alerts wait until it is back');
    this.#unreachable = reason;
    this.#backoffUntil = clock.now() + probeIntervalMs;
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
      if (!(err instanceof SendError)) this.#deps.logger.warn({ err, chat: this.chat }, 'telegram not asked');
      this.#backoffUntil = this.#deps.clock.now() + probeIntervalMs;
      // The other may have been lost as well until now.
      await this.#moveToFallback();
      return false;
    }
    this.#deps.logger.info({ chat: this.chat }, 'telegram chat can be reached again');
    this.#unreachable = undefined;
    return true;
  }

  /** One bad turn must not end the line. */
  async #safeStep(): Promise<number> {
    try {
      return await this.step();
    } catch (err) {
      this.#deps.logger.error({ err, chat: this.chat }, 'telegram line stumbled');
      return 1_000;
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    // A day at most: timers take no more than 24 days, and Infinity means "until somebody rings".
    await this.#deps.clock.sleep(Math.min(ms, 86_400_000), AbortSignal.any([signal, this.#added.signal]));
  }
}

/** Not its message, which may hold what the notification holds. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
