import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { Clock } from '../clock.ts';
import { Limiter, type BudgetState } from './limiter.ts';
import type { Memory } from '../memory.ts';
import { callFor, isNew, passEdited, resendEdited, sendWithoutFiles, type Landed } from './part-call.ts';
import { troubleOf, type SendTrouble } from './send-error.ts';
import { TopicIcons } from './topic-icons.ts';
import { topicSpecOf, type TopicKey } from './topic-specs.ts';
import type { Topics } from './topics.ts';
import type { Job, Sent } from '../waiting.ts';

/** A job that cannot go on now, or not at all; how far it came is in the job. */
export class NotSentError extends Error {
  override name = 'NotSentError';
  /** `later`: try again. `lost`: the chat takes nothing until somebody acts. `refused`: this message, for good. */
  readonly kind: 'later' | 'lost' | 'refused';

  constructor(kind: 'later' | 'lost' | 'refused', why: string) {
    super(why);
    this.kind = kind;
  }
}

/** A message is given up after so many attempts to find a place or a form for it. */
const maxRecoveries = 8;
/** What clients show as the id of General, which an operator may have written by hand. */
const generalThread = 1;
/** How long a finding about the group (no forum, no right) counts before it is asked again. */
const findingMs = 10 * 60_000;

export interface ChatSenderParts {
  api: Api;
  /** The chat as configured. */
  chat: string;
  topics: Topics;
  memory: Memory;
  clock: Clock;
  logger: Logger;
}

/** Sends to one chat, one call at a time, and finds a way round what Telegram refuses. */
export class ChatSender {
  readonly limiter: Limiter;
  readonly #parts: ChatSenderParts;
  #chatId: string;
  #flatUntil = 0;
  #noTopicsUntil = 0;
  readonly #icons: TopicIcons;
  #warned = new Set<string>();

  private constructor(parts: ChatSenderParts, limiter: Limiter, chatId: string) {
    this.#parts = parts;
    this.limiter = limiter;
    this.#chatId = chatId;
    this.#icons = new TopicIcons(parts);
  }

  /** Goes on where the last sender of this chat stopped: its pause, its minute, its new id. */
  static async open(parts: ChatSenderParts): Promise<ChatSender> {
    const [saved, moved] = await Promise.all([
      parts.memory.get('limits', parts.chat),
      parts.memory.get('moved', parts.chat),
    ]);
    const state = saved === undefined ? undefined : parseState(saved);
    return new ChatSender(parts, new Limiter(undefined, state), moved ?? parts.chat);
  }

  /** The chat's id now: a group that became a supergroup has a new one. */
  get chatId(): string {
    return this.#chatId;
  }

  /** Whether topics can be used, as far as is known. */
  get isFlat(): boolean {
    return this.#parts.clock.now() < Math.max(this.#flatUntil, this.#noTopicsUntil);
  }

  /**
   * The job's next step, which is at most one counted call: a new topic, one part, or a way round a refusal. True when
   * its last part is sent. Throws NotSentError.
   */
  async step(job: Job): Promise<boolean> {
    try {
      const part = job.parts[job.next];
      if (part === undefined) return true;
      const threadId = isNew(part) ? await this.#threadOf(job) : undefined;
      if (threadId === 'made') return false;
      const call = callFor(this.#parts.api, this.#chatId, { job, part, threadId });
      job.sent.push(this.#landed(await this.#counted(call), threadId));
      job.next += 1;
      return job.next === job.parts.length;
    } catch (error) {
      if (error instanceof NotSentError) throw error;
      await this.#recover(job, troubleOf(error));
      return job.next === job.parts.length;
    } finally {
      await this.#saveLimits();
    }
  }

  /** Asks Telegram whether the chat can be written to again. Throws NotSentError when not. */
  async probe(): Promise<void> {
    try {
      await this.#parts.api.getChat(this.#chatId);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.kind === 'migrated') await this.#move(trouble.chatId);
      else
        throw new NotSentError(trouble.kind === 'later' || trouble.kind === 'too-many' ? 'later' : 'lost', trouble.why);
    }
  }

  /** The thread to write to; undefined for the main chat; 'made' when this step made the topic. */
  async #threadOf(job: Job): Promise<number | 'made' | undefined> {
    const { topics } = this.#parts;
    if (job.general || this.isFlat) return undefined;
    if (job.threadId !== undefined) return job.threadId === 'general' ? undefined : job.threadId;
    const known = await topics.find(this.#chatId, job.topic);
    // Telegram knows General by no id: a message to thread 1 is refused.
    if (known !== undefined) return known === generalThread ? undefined : known;
    const made = await topics.findOrCreate(this.#chatId, job.topic, () => this.#createTopic(job.topic));
    if (made === undefined) throw new NotSentError('later', 'another process makes the topic');
    return 'made';
  }

  async #createTopic(key: TopicKey): Promise<number> {
    const { api, logger } = this.#parts;
    const { name, emoji, colour } = topicSpecOf(key);
    const icon = await this.#icons.idOf(emoji);
    try {
      const topic = await this.#counted(
        api.createForumTopic(this.#chatId, name, {
          icon_color: colour,
          ...(icon !== undefined && { icon_custom_emoji_id: icon }),
        }),
      );
      logger.info({ topic: key, thread: topic.message_thread_id }, 'telegram topic made');
      return topic.message_thread_id;
    } catch (error) {
      if (troubleOf(error).kind === 'later') {
        logger.warn({ topic: key }, 'telegram did not answer while a topic was made; an empty second one may appear');
      }
      throw error;
    }
  }

  /** Where topics were switched off Telegram ignores the thread id, and the message lands in the main chat. */
  #landed(sent: Landed, asked: number | undefined): Sent {
    if (asked !== undefined && sent.message_thread_id !== asked) {
      this.#flatUntil = this.#parts.clock.now() + findingMs;
      this.#warnOnce('flat', 'the telegram group has no topics: alerts go to the main chat');
    }
    return { messageId: sent.message_id, threadId: sent.message_thread_id };
  }

  async #counted<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      this.limiter.note(this.#parts.clock.now());
      return result;
    } catch (error) {
      // Whatever was not clearly refused may have been counted.
      if (troubleOf(error).kind === 'later') this.limiter.note(this.#parts.clock.now());
      throw error;
    }
  }

  /** Changes what stands in the job's way, so that its next step can succeed; throws when nothing can. */
  async #recover(job: Job, trouble: SendTrouble): Promise<void> {
    const { clock, logger } = this.#parts;
    logger.debug({ trouble: trouble.kind, why: trouble.why, topic: job.topic }, 'telegram refused');
    if (trouble.kind === 'too-many') {
      this.limiter.pause(clock.now(), trouble.retryAfterMs);
      logger.warn({ chat: this.#parts.chat, ms: trouble.retryAfterMs }, 'telegram asks for a pause');
      return;
    }
    if (trouble.kind === 'later') throw new NotSentError('later', trouble.why);
    if (trouble.kind === 'chat-lost' || trouble.kind === 'bot-lost') throw new NotSentError('lost', trouble.why);
    job.recoveries += 1;
    if (job.recoveries > maxRecoveries) throw new NotSentError('refused', trouble.why);
    await this.#goAround(job, trouble);
  }

  async #goAround(job: Job, trouble: SendTrouble): Promise<void> {
    const now = this.#parts.clock.now();
    switch (trouble.kind) {
      case 'thread-gone':
        await this.#dropTopic(job);
        return;
      case 'thread-closed':
        await this.#reopen(job);
        return;
      case 'not-a-forum':
        this.#flatUntil = now + findingMs;
        this.#warnOnce('flat', 'the telegram group has no topics: alerts go to the main chat');
        return;
      case 'no-topic-right':
        this.#noTopicsUntil = now + findingMs;
        this.#warnOnce('right', 'the bot may not manage topics: make it an administrator with that right');
        return;
      case 'bad-icon':
        this.#icons.giveUp();
        return;
      case 'migrated':
        await this.#move(trouble.chatId);
        return;
      case 'no-files':
        sendWithoutFiles(job);
        this.#warnOnce('files', 'the bot may not send files: long lists come without their CSV file');
        return;
      case 'not-modified':
        passEdited(job);
        return;
      case 'message-gone':
        resendEdited(job);
        return;
      default:
        // Unparsable, or refused for a reason we do not know: once more without any markup.
        if (job.plain) throw new NotSentError('refused', trouble.why);
        job.plain = true;
    }
  }

  /** The topic was deleted: forgotten, so that the next step makes it again. */
  async #dropTopic(job: Job): Promise<void> {
    const { topics, logger } = this.#parts;
    const threadId = job.threadId === undefined ? await topics.find(this.#chatId, job.topic) : undefined;
    if (threadId === undefined || job.recoveries > 3) {
      job.general = true;
      return;
    }
    await topics.drop(this.#chatId, job.topic, threadId);
    logger.warn({ topic: job.topic, thread: threadId }, 'telegram topic is gone; it is made again');
  }

  /** A closed topic is opened again where the bot may; else the message goes to General. */
  async #reopen(job: Job): Promise<void> {
    const { api, topics } = this.#parts;
    const known = job.general ? undefined : await topics.find(this.#chatId, job.topic);
    const threadId = known === generalThread ? undefined : known;
    try {
      if (threadId === undefined) await this.#counted(api.reopenGeneralForumTopic(this.#chatId));
      else await this.#counted(api.reopenForumTopic(this.#chatId, threadId));
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.kind === 'later' || trouble.kind === 'too-many') return this.#recover(job, trouble);
      if (threadId === undefined) throw new NotSentError('lost', 'General is closed, and the bot may not open it');
      job.general = true;
      this.#warnOnce(`closed ${job.topic}`, 'a telegram topic is closed, and the bot may not open it');
    }
  }

  /** The group became a supergroup with another id; its topics are made anew. */
  async #move(chatId: string): Promise<void> {
    const { memory, chat, logger } = this.#parts;
    this.#chatId = chatId;
    await memory.set('moved', chat, chatId);
    logger.warn({ from: chat, to: chatId }, 'the telegram group has a new id: set TELEGRAM_CHAT_ID to it');
  }

  /** What must hold over a restart. A loss only costs a 429, so a failure does not stop the alerts. */
  async #saveLimits(): Promise<void> {
    const { memory, chat, logger } = this.#parts;
    await memory.set('limits', chat, JSON.stringify(this.limiter.state)).catch((err: unknown) => {
      logger.debug({ err }, 'telegram limits not saved');
    });
  }

  #warnOnce(what: string, message: string): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#parts.logger.warn({ chat: this.#parts.chat }, message);
  }
}

function parseState(text: string): BudgetState | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { sent, pausedAt, pausedUntil } = value as Record<string, unknown>;
  const times = Array.isArray(sent) ? sent.filter((at): at is number => typeof at === 'number') : [];
  return { sent: times, pausedAt: numberOr0(pausedAt), pausedUntil: numberOr0(pausedUntil) };
}

function numberOr0(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
