import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { Clock } from '../clock.ts';
import { Limiter, type LimiterState } from './limiter.ts';
import type { StateStore } from '../state/state-store.ts';
import {
  sendPart,
  isNewMessage,
  skipUnchangedEdit,
  resendAsNew,
  sendWithoutFiles,
  type SentResult,
} from './send-part.ts';
import { classifySendError, type ClassifiedSendError } from './send-error.ts';
import { TopicIcons } from './topic-icons.ts';
import { getTopicStyle, type TopicKey } from './topic-styles.ts';
import type { Topics } from './topics.ts';
import type { OutgoingMessage, SentMessage } from '../dispatch/outgoing.ts';

/** A job that cannot go on now, or not at all; how far it came is in the job. */
export class SendError extends Error {
  override name = 'NotSentError';
  /** `later`: try again. `lost`: the chat takes nothing until somebody acts. `refused`: this message, for good. */
  readonly kind: 'later' | 'lost' | 'refused';

  constructor(kind: 'later' | 'lost' | 'refused', why: string) {
    super(why);
    this.kind = kind;
  }
}

/** A message is given up after so many attempts to find a place or a form for it. */
const maxFallbacks = 8;
/** What clients show as the id of General, which an operator may have written by hand. */
const generalThreadId = 1;
/** How long a finding about the group (no forum, no right) counts before it is asked again. */
const negativeCacheTtlMs = 10 * 60_000;

export interface ChatSenderDeps {
  api: Api;
  /** The chat as configured. */
  chat: string;
  topics: Topics;
  memory: StateStore;
  clock: Clock;
  logger: Logger;
}

/** Sends to one chat, one call at a time, and finds a way round what Telegram refuses. */
export class ChatSender {
  readonly limiter: Limiter;
  readonly #deps: ChatSenderDeps;
  #chatId: string;
  #noForumUntil = 0;
  #noTopicRightUntil = 0;
  readonly #icons: TopicIcons;
  #warned = new Set<string>();

  private constructor(parts: ChatSenderDeps, limiter: Limiter, chatId: string) {
    this.#deps = parts;
    this.limiter = limiter;
    this.#chatId = chatId;
    this.#icons = new TopicIcons(parts);
  }

  /** Goes on where the last sender of this chat stopped: its pause, its minute, its new id. */
  static async open(parts: ChatSenderDeps): Promise<ChatSender> {
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
  get topicsDisabled(): boolean {
    return this.#deps.clock.now() < Math.max(this.#noForumUntil, this.#noTopicRightUntil);
  }

  /**
   * The job's next step, which is at most one counted call: a new topic, one part, or a way round a refusal. True when
   * its last part is sent. Throws NotSentError.
   */
  async step(job: OutgoingMessage): Promise<boolean> {
    try {
      const part = job.parts[job.nextPart];
      if (part === undefined) return true;
      const threadId = isNewMessage(part) ? await this.#threadFor(job) : undefined;
      if (threadId === 'made') return false;
      const call = sendPart(this.#deps.api, this.#chatId, { job, part, threadId });
      job.sent.push(this.#recordSent(await this.#rateLimited(call), threadId));
      job.nextPart += 1;
      return job.nextPart === job.parts.length;
    } catch (error) {
      if (error instanceof SendError) throw error;
      await this.#handleError(job, classifySendError(error));
      return job.nextPart === job.parts.length;
    } finally {
      await this.#saveLimits();
    }
  }

  /** Asks Telegram whether the chat can be written to again. Throws NotSentError when not. */
  async probe(): Promise<void> {
    try {
      await this.#deps.api.getChat(this.#chatId);
    } catch (error) {
      const trouble = classifySendError(error);
      if (trouble.kind === 'migrated') await this.#migrate(trouble.chatId);
      else throw new SendError(trouble.kind === 'later' || trouble.kind === 'too-many' ? 'later' : 'lost', trouble.why);
    }
  }

  /** The thread to write to; undefined for the main chat; 'made' when this step made the topic. */
  async #threadFor(job: OutgoingMessage): Promise<number | 'made' | undefined> {
    const { topics } = this.#deps;
    if (job.toGeneralTopic || this.topicsDisabled) return undefined;
    if (job.threadId !== undefined) return job.threadId === 'general' ? undefined : job.threadId;
    const known = await topics.find(this.#chatId, job.topic);
    // Telegram knows General by no id: a message to thread 1 is refused.
    if (known !== undefined) return known === generalThreadId ? undefined : known;
    const made = await topics.findOrCreate(this.#chatId, job.topic, () => this.#createTopic(job.topic));
    if (made === undefined) throw new SendError('later', 'another process makes the topic');
    return 'made';
  }

  async #createTopic(key: TopicKey): Promise<number> {
    const { api, logger } = this.#deps;
    const { name, emoji, color } = getTopicStyle(key);
    const icon = await this.#icons.find(emoji);
    try {
      const topic = await this.#rateLimited(
        api.createForumTopic(this.#chatId, name, {
          icon_color: color,
          ...(icon !== undefined && { icon_custom_emoji_id: icon }),
        }),
      );
      logger.info({ topic: key, thread: topic.message_thread_id }, 'telegram topic made');
      return topic.message_thread_id;
    } catch (error) {
      if (classifySendError(error).kind === 'later') {
        logger.warn({ topic: key }, 'telegram did not answer while a topic was made; an empty second one may appear');
      }
      throw error;
    }
  }

  /** Where topics were switched off Telegram ignores the thread id, and the message lands in the main chat. */
  #recordSent(sent: SentResult, asked: number | undefined): SentMessage {
    if (asked !== undefined && sent.message_thread_id !== asked) {
      this.#noForumUntil = this.#deps.clock.now() + negativeCacheTtlMs;
      this.#warnOnce('flat', 'the telegram group has no topics: alerts go to the main chat');
    }
    return { messageId: sent.message_id, threadId: sent.message_thread_id };
  }

  async #rateLimited<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      this.limiter.record(this.#deps.clock.now());
      return result;
    } catch (error) {
      // Whatever was not clearly refused may have been counted.
      if (classifySendError(error).kind === 'later') this.limiter.record(this.#deps.clock.now());
      throw error;
    }
  }

  /** Changes what stands in the job's way, so that its next step can succeed; throws when nothing can. */
  async #handleError(job: OutgoingMessage, trouble: ClassifiedSendError): Promise<void> {
    const { clock, logger } = this.#deps;
    logger.debug({ trouble: trouble.kind, why: trouble.why, topic: job.topic }, 'telegram refused');
    if (trouble.kind === 'too-many') {
      this.limiter.pause(clock.now(), trouble.retryAfterMs);
      logger.warn({ chat: this.#deps.chat, ms: trouble.retryAfterMs }, 'telegram asks for a pause');
      return;
    }
    if (trouble.kind === 'later') throw new SendError('later', trouble.why);
    if (trouble.kind === 'chat-lost' || trouble.kind === 'bot-lost') throw new SendError('lost', trouble.why);
    job.fallbackCount += 1;
    if (job.fallbackCount > maxFallbacks) throw new SendError('refused', trouble.why);
    await this.#applyFallback(job, trouble);
  }

  async #applyFallback(job: OutgoingMessage, trouble: ClassifiedSendError): Promise<void> {
    const now = this.#deps.clock.now();
    switch (trouble.kind) {
      case 'thread-gone':
        await this.#dropTopic(job);
        return;
      case 'thread-closed':
        await this.#reopen(job);
        return;
      case 'not-a-forum':
        this.#noForumUntil = now + negativeCacheTtlMs;
        this.#warnOnce('flat', 'the telegram group has no topics: alerts go to the main chat');
        return;
      case 'no-topic-right':
        this.#noTopicRightUntil = now + negativeCacheTtlMs;
        this.#warnOnce('right', 'the bot may not manage topics: make it an administrator with that right');
        return;
      case 'bad-icon':
        this.#icons.disable();
        return;
      case 'migrated':
        await this.#migrate(trouble.chatId);
        return;
      case 'no-files':
        sendWithoutFiles(job);
        this.#warnOnce('files', 'the bot may not send files: long lists come without their CSV file');
        return;
      case 'not-modified':
        skipUnchangedEdit(job);
        return;
      case 'message-gone':
        resendAsNew(job);
        return;
      default:
        // Unparsable, or refused for a reason we do not know: once more without any markup.
        if (job.asPlainText) throw new SendError('refused', trouble.why);
        job.asPlainText = true;
    }
  }

  /** The topic was deleted: forgotten, so that the next step makes it again. */
  async #dropTopic(job: OutgoingMessage): Promise<void> {
    const { topics, logger } = this.#deps;
    const threadId = job.threadId === undefined ? await topics.find(this.#chatId, job.topic) : undefined;
    if (threadId === undefined || job.fallbackCount > 3) {
      job.toGeneralTopic = true;
      return;
    }
    await topics.remove(this.#chatId, job.topic, threadId);
    logger.warn({ topic: job.topic, thread: threadId }, 'telegram topic is gone; it is made again');
  }

  /** A closed topic is opened again where the bot may; else the message goes to General. */
  async #reopen(job: OutgoingMessage): Promise<void> {
    const { api, topics } = this.#deps;
    const known = job.toGeneralTopic ? undefined : await topics.find(this.#chatId, job.topic);
    const threadId = known === generalThreadId ? undefined : known;
    try {
      if (threadId === undefined) await this.#rateLimited(api.reopenGeneralForumTopic(this.#chatId));
      else await this.#rateLimited(api.reopenForumTopic(this.#chatId, threadId));
    } catch (error) {
      const trouble = classifySendError(error);
      if (trouble.kind === 'later' || trouble.kind === 'too-many') return this.#handleError(job, trouble);
      if (threadId === undefined) throw new SendError('lost', 'General is closed, and the bot may not open it');
      job.toGeneralTopic = true;
      this.#warnOnce(`closed ${job.topic}`, 'a telegram topic is closed, and the bot may not open it');
    }
  }

  /** The group became a supergroup with another id; its topics are made anew. */
  async #migrate(chatId: string): Promise<void> {
    const { memory, chat, logger } = this.#deps;
    this.#chatId = chatId;
    await memory.set('moved', chat, chatId);
    logger.warn({ from: chat, to: chatId }, 'the telegram group has a new id: set TELEGRAM_CHAT_ID to it');
  }

  /** What must hold over a restart. A loss only costs a 429, so a failure does not stop the alerts. */
  async #saveLimits(): Promise<void> {
    const { memory, chat, logger } = this.#deps;
    await memory.set('limits', chat, JSON.stringify(this.limiter.state)).catch((err: unknown) => {
      logger.debug({ err }, 'telegram limits not saved');
    });
  }

  #warnOnce(what: string, message: string): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#deps.logger.warn({ chat: this.#deps.chat }, message);
  }
}

function parseState(text: string): LimiterState | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { sent, pausedAt, pausedUntil } = value as Record<string, unknown>;
  const times = Array.isArray(sent) ? sent.filter((at): at is number => typeof at === 'number') : [];
  return { sent: times, pausedAt: numberOr0(pausedAt), pausedUntil: numberOr0(pausedUntil) };
}

function numberOr0(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
