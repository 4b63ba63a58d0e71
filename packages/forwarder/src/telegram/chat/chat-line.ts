import type { Logger } from '@shopee-webhook/runtime';
import type { Outcome } from '@shopee-webhook/store';
import { Backlog, type NewMessage } from '../backlog.ts';
import { NotSentError, type ChatSender } from './chat-sender.ts';
import type { Clock } from '../clock.ts';
import { newJob, type Job, type Waiting } from '../waiting.ts';
import { Wake } from '../wake.ts';

const maxBackoffMs = 60_000;
const probeMs = 5 * 60_000;

export interface ChatLineParts {
  chat: string;
  sender: ChatSender;
  makeJob: (message: NewMessage) => Promise<Job>;
  /** Records how a message's notifications ended; never rejects. */
  settle: (job: Job, outcome: Outcome) => Promise<void>;
  /** Who takes over what waits while the chat is lost; undefined when nobody can. */
  standIn: () => Promise<ChatLine | undefined>;
  /** Whether we are still the one sender. */
  isHeld: () => boolean;
  clock: Clock;
  logger: Logger;
}

/** What waits for one chat, and the one loop that sends it. */
export class ChatLine {
  readonly backlog = new Backlog();
  readonly #parts: ChatLineParts;
  readonly #wake = new Wake();
  #failures = 0;
  #holdUntil = 0;
  #lost: string | undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(parts: ChatLineParts) {
    this.#parts = parts;
  }

  get chat(): string {
    return this.#parts.chat;
  }

  get sender(): ChatSender {
    return this.#parts.sender;
  }

  /** Why the chat takes nothing, in Telegram's words; undefined while it does. */
  get lost(): string | undefined {
    return this.#lost;
  }

  add(item: Waiting): void {
    this.backlog.add(item);
    this.#wake.ring();
  }

  /** Sends until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.#safeTurn();
      if (waitMs > 0) await this.#pause(waitMs, signal);
    }
    await this.#settling;
  }

  /** Sends until nothing waits, the chat is lost or the signal is aborted. */
  async drain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#lost === undefined) {
      const waitMs = await this.turn();
      if (waitMs === Infinity) break;
      if (waitMs > 0) await this.#pause(waitMs, signal);
    }
    await this.#settling;
  }

  /** One step, if anything is due and allowed. Gives the ms until the next one; Infinity when nothing waits. */
  async turn(): Promise<number> {
    const { clock, sender } = this.#parts;
    const now = clock.now();
    if (!this.#parts.isHeld()) return 1_000;
    const holdMs = this.#holdUntil - now;
    // A longer one is of a clock that was set back since.
    if (holdMs > 0 && holdMs <= probeMs) return holdMs;
    if (this.#lost !== undefined && !(await this.#isBack())) return probeMs;
    const choice = this.backlog.choose(now, (tier) => sender.limiter.perMinute(tier));
    if (choice === undefined) return Math.max(0, this.backlog.nextDue() - now);
    const waitMs = sender.limiter.waitMs(now, choice.budget);
    if (waitMs > 0) return waitMs;
    const job = choice.kind === 'job' ? choice.job : await this.#make(choice);
    if (job !== undefined) await this.#step(job);
    return 0;
  }

  /** Makes the message; one that cannot be made is given up, or it would stand in the way for ever. */
  async #make(message: NewMessage): Promise<Job | undefined> {
    const { makeJob, logger, chat } = this.#parts;
    // What an order's message says is known once the one before is settled.
    if (message.kind === 'follow') await this.#settling;
    try {
      const job = await makeJob(message);
      this.backlog.begin(job);
      return job;
    } catch (err) {
      logger.error({ err, chat, count: message.items.length }, 'message cannot be made');
      const job = newJob({ ...message, silent: true, parts: [] });
      this.backlog.begin(job);
      await this.#finish(job, { kind: 'dead-letter', reason: 'unprintable', error: nameOf(err) });
      return undefined;
    }
  }

  async #step(job: Job): Promise<void> {
    try {
      const done = await this.#parts.sender.step(job);
      this.#failures = 0;
      if (!done) return;
      await this.#finish(job, { kind: 'ack' });
    } catch (error) {
      await this.#failed(job, error);
    }
  }

  /** Settling a large digest takes a while: an alarm need not wait for it, only the next settling does. */
  async #finish(job: Job, outcome: Outcome): Promise<void> {
    this.backlog.finish(job);
    await this.#settling;
    this.#settling = this.#parts.settle(job, outcome);
  }

  async #failed(job: Job, error: unknown): Promise<void> {
    const { logger, chat } = this.#parts;
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof NotSentError && error.kind === 'refused') {
      logger.error({ chat, topic: job.topic, why, count: job.items.length }, 'telegram refused a message for good');
      await this.#finish(job, { kind: 'dead-letter', reason: 'telegram-refused', error: why });
      return;
    }
    if (error instanceof NotSentError && error.kind === 'lost') {
      await this.#lose(why);
      return;
    }
    this.#failures += 1;
    const holdMs = Math.min(maxBackoffMs, 1000 * 2 ** (this.#failures - 1));
    this.#holdUntil = this.#parts.clock.now() + holdMs;
    if (this.#failures === 1) logger.warn({ chat, why, ms: holdMs }, 'telegram does not take messages; trying again');
  }

  async #lose(why: string): Promise<void> {
    const { logger, chat, clock } = this.#parts;
    if (this.#lost === undefined) logger.error({ chat, why }, 'telegram chat is lost: alerts wait until it is back');
    this.#lost = why;
    this.#holdUntil = clock.now() + probeMs;
    await this.#handOver();
  }

  async #handOver(): Promise<void> {
    const other = await this.#parts.standIn();
    if (other === undefined) return;
    for (const item of this.backlog.all()) other.add({ ...item, chat: other.chat });
    this.backlog.clear();
  }

  async #isBack(): Promise<boolean> {
    try {
      await this.#parts.sender.probe();
    } catch (err) {
      if (!(err instanceof NotSentError)) this.#parts.logger.warn({ err, chat: this.chat }, 'telegram not asked');
      this.#holdUntil = this.#parts.clock.now() + probeMs;
      // The other may have been lost as well until now.
      await this.#handOver();
      return false;
    }
    this.#parts.logger.info({ chat: this.chat }, 'telegram chat can be reached again');
    this.#lost = undefined;
    return true;
  }

  /** One bad turn must not end the line. */
  async #safeTurn(): Promise<number> {
    try {
      return await this.turn();
    } catch (err) {
      this.#parts.logger.error({ err, chat: this.chat }, 'telegram line stumbled');
      return 1_000;
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    // A day at most: timers take no more than 24 days, and Infinity means "until somebody rings".
    await this.#parts.clock.sleep(Math.min(ms, 86_400_000), AbortSignal.any([signal, this.#wake.signal]));
  }
}

/** Not its message, which may hold what the notification holds. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
