import type { Logger, Clock } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import { Limiter, restoreState, shiftState, type LimiterState } from './limiter.ts';
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
import { getTopicStyle } from '../format/topic-styles.ts';
import type { TopicKey } from '../messages/outgoing.ts';
import type { Topics } from './topics.ts';
import type { OutgoingMessage, SentMessage } from '../messages/outgoing.ts';

/** A message that could not be sent; its progress is in the message. */
export class SendError extends Error {
  override name = 'SendError';
  /** `retryable`: try again. `unreachable`: the chat accepts nothing until somebody acts. `rejected`: this message, permanently. */
  readonly kind: 'retryable' | 'unreachable' | 'rejected';

  constructor(kind: 'retryable' | 'unreachable' | 'rejected', reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Fallbacks of place and form before a message is dead-lettered. */
const maxFallbacks = 8;
/** The id clients show for General; an operator may have entered it. */
const generalThreadId = 1;
/** How long "no forum" and "no permission" are cached. */
const negativeCacheTtlMs = 10 * 60_000;

export interface ChatSenderDeps {
  api: Api;
  /** The chat as configured. */
  chat: string;
  topics: Topics;
  store: StateStore;
  clock: Clock;
  logger: Logger;
}

/** Sends to one chat, one call at a time, and applies a fallback to what Telegram rejects. */
export class ChatSender {
  readonly limiter: Limiter;
  readonly #deps: ChatSenderDeps;
  #chatId: string;
  #noForumUntil = 0;
  #noTopicRightUntil = 0;
  readonly #icons: TopicIcons;
  #warned = new Set<string>();

  private constructor(deps: ChatSenderDeps, limiter: Limiter, chatId: string) {
    this.#deps = deps;
    this.limiter = limiter;
    this.#chatId = chatId;
    this.#icons = new TopicIcons(deps);
  }

  /** Restores what the last sender of this chat saved: its pause, its window, its new id. */
  static async open(deps: ChatSenderDeps): Promise<ChatSender> {
    const [saved, moved] = await Promise.all([deps.store.get('limits', deps.chat), deps.store.get('moved', deps.chat)]);
    const { clock } = deps;
    const state = saved === undefined ? undefined : parseState(saved);
    const restored = state && shiftState(restoreState(state, clock.wallMs()), clock.wallMs(), clock.monotonicMs());
    return new ChatSender(deps, new Limiter(undefined, restored), moved ?? deps.chat);
  }

  /** The chat's current id: a group upgraded to a supergroup has a new one. */
  get chatId(): string {
    return this.#chatId;
  }

  /** Whether topics are known to be unusable. */
  get topicsDisabled(): boolean {
    return this.#deps.clock.monotonicMs() < Math.max(this.#noForumUntil, this.#noTopicRightUntil);
  }

  /**
   * The message's next step, at most one counted call: a new topic, one part, or a fallback. True when
   * its last part is sent. Throws SendError.
   */
  async step(message: OutgoingMessage): Promise<boolean> {
    try {
      const part = message.parts[message.nextPart];
      if (part === undefined) return true;
      const threadId = isNewMessage(part) ? await this.#threadFor(message) : undefined;
      if (threadId === 'created') return false;
      const call = sendPart(this.#deps.api, this.#chatId, { message, part, threadId });
      message.sent.push(this.#recordSent(await this.#rateLimited(call), threadId));
      message.nextPart += 1;
      return message.nextPart === message.parts.length;
    } catch (error) {
      if (error instanceof SendError) throw error;
      await this.#handleError(message, classifySendError(error));
      return message.nextPart === message.parts.length;
    } finally {
      await this.#saveLimits();
    }
  }

  /** Checks whether the chat is reachable again. Throws SendError when not. */
  async probe(): Promise<void> {
    try {
      await this.#deps.api.getChat(this.#chatId);
    } catch (error) {
      const failure = classifySendError(error);
      if (failure.kind === 'migrated') await this.#migrate(failure.chatId);
      else
        throw new SendError(
          failure.kind === 'retryable' || failure.kind === 'rate-limited' ? 'retryable' : 'unreachable',
          failure.reason,
        );
    }
  }

  /** The thread to send to; undefined for the main chat; 'created' when this step created the topic. */
  async #threadFor(message: OutgoingMessage): Promise<number | 'created' | undefined> {
    const { topics } = this.#deps;
    if (message.toGeneralTopic || this.topicsDisabled) return undefined;
    if (message.threadId !== undefined) return message.threadId === 'general' ? undefined : message.threadId;
    const known = await topics.find(this.#chatId, message.topic);
    // General has no thread id: a message to thread 1 is rejected.
    if (known !== undefined) return known === generalThreadId ? undefined : known;
    const made = await topics.findOrCreate(this.#chatId, message.topic, () => this.#createTopic(message.topic));
    if (made === undefined) throw new SendError('retryable', 'another process is creating the topic');
    return 'created';
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
      logger.info({ topic: key, thread: topic.message_thread_id }, 'forum topic created');
      return topic.message_thread_id;
    } catch (error) {
      if (classifySendError(error).kind === 'retryable') {
        logger.warn({ topic: key }, 'no response while creating a forum topic; an empty duplicate may appear');
      }
      throw error;
    }
  }

  /** Where topics were turned off Telegram ignores the thread id, and the message lands in the main chat. */
  #recordSent(sent: SentResult, requested: number | undefined): SentMessage {
    if (requested !== undefined && sent.message_thread_id !== requested) {
      this.#noForumUntil = this.#deps.clock.monotonicMs() + negativeCacheTtlMs;
      this.#warnOnce('flat', 'the telegram group has no topics; sending to the main chat');
    }
    return { messageId: sent.message_id, threadId: sent.message_thread_id };
  }

  async #rateLimited<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      this.limiter.record(this.#deps.clock.monotonicMs());
      return result;
    } catch (error) {
      // Anything not clearly rejected may have been counted.
      if (classifySendError(error).kind === 'retryable') this.limiter.record(this.#deps.clock.monotonicMs());
      throw error;
    }
  }

  /** Applies a fallback so that the next step can succeed; throws when there is none. */
  async #handleError(message: OutgoingMessage, failure: ClassifiedSendError): Promise<void> {
    const { clock, logger } = this.#deps;
    logger.debug({ failure: failure.kind, reason: failure.reason, topic: message.topic }, 'telegram rejected a call');
    if (failure.kind === 'rate-limited') {
      this.limiter.pause(clock.monotonicMs(), failure.retryAfterMs);
      logger.warn({ chat: this.#deps.chat, ms: failure.retryAfterMs }, 'telegram rate-limited the chat');
      return;
    }
    if (failure.kind === 'retryable') throw new SendError('retryable', failure.reason);
    if (failure.kind === 'chat-unreachable' || failure.kind === 'bot-unauthorized')
      throw new SendError('unreachable', failure.reason);
    message.fallbackCount += 1;
    if (message.fallbackCount > maxFallbacks) throw new SendError('rejected', failure.reason);
    await this.#applyFallback(message, failure);
  }

  async #applyFallback(message: OutgoingMessage, failure: ClassifiedSendError): Promise<void> {
    const now = this.#deps.clock.monotonicMs();
    switch (failure.kind) {
      case 'thread-deleted':
        await this.#dropTopic(message);
        return;
      case 'thread-closed':
        await this.#reopen(message);
        return;
      case 'not-a-forum':
        this.#noForumUntil = now + negativeCacheTtlMs;
        this.#warnOnce('flat', 'the telegram group has no topics; sending to the main chat');
        return;
      case 'no-topic-permission':
        this.#noTopicRightUntil = now + negativeCacheTtlMs;
        this.#warnOnce('right', 'the bot may not manage topics: make it an administrator with that permission');
        return;
      case 'bad-icon':
        this.#icons.disable();
        return;
      case 'migrated':
        await this.#migrate(failure.chatId);
        return;
      case 'no-files':
        sendWithoutFiles(message);
        this.#warnOnce('files', 'the bot may not send files; long lists are sent without their CSV file');
        return;
      case 'not-modified':
        skipUnchangedEdit(message);
        return;
      case 'message-deleted':
        resendAsNew(message);
        return;
      default:
        // Invalid markup or an unknown reason: retry once as plain text.
        if (message.asPlainText) throw new SendError('rejected', failure.reason);
        message.asPlainText = true;
    }
  }

  /** The topic was deleted: removed, so that the next step creates it again. */
  async #dropTopic(message: OutgoingMessage): Promise<void> {
    const { topics, logger } = this.#deps;
    const threadId = message.threadId === undefined ? await topics.find(this.#chatId, message.topic) : undefined;
    if (threadId === undefined || message.fallbackCount > 3) {
      message.toGeneralTopic = true;
      return;
    }
    await topics.remove(this.#chatId, message.topic, threadId);
    logger.warn({ topic: message.topic, thread: threadId }, 'forum topic deleted; creating it again');
  }

  /** Reopens a closed topic where the bot may; else the message goes to General. */
  async #reopen(message: OutgoingMessage): Promise<void> {
    const { api, topics } = this.#deps;
    const isGeneral = message.toGeneralTopic || message.threadId === 'general';
    const known = isGeneral ? undefined : (message.threadId ?? (await topics.find(this.#chatId, message.topic)));
    const threadId = known === generalThreadId || known === 'general' ? undefined : known;
    try {
      if (threadId === undefined) await this.#rateLimited(api.reopenGeneralForumTopic(this.#chatId));
      else await this.#rateLimited(api.reopenForumTopic(this.#chatId, threadId));
    } catch (error) {
      const failure = classifySendError(error);
      if (failure.kind === 'retryable' || failure.kind === 'rate-limited') return this.#handleError(message, failure);
      if (failure.kind === 'migrated' || failure.kind === 'thread-deleted') return this.#handleError(message, failure);
      // Somebody has reopened it meanwhile.
      if (failure.kind === 'topic-not-modified' && message.fallbackCount <= 3) return;
      if (threadId === undefined)
        throw new SendError('unreachable', 'General is closed, and the bot may not reopen it');
      message.toGeneralTopic = true;
      this.#warnOnce(`closed ${message.topic}`, 'a forum topic is closed, and the bot may not reopen it');
    }
  }

  /** The group was upgraded to a supergroup with a new id; its topics are created again. */
  async #migrate(chatId: string): Promise<void> {
    const { store, chat, logger } = this.#deps;
    this.#chatId = chatId;
    await store.set('moved', chat, chatId);
    logger.warn({ from: chat, to: chatId }, 'the telegram group has a new id; set TELEGRAM_CHAT_ID to it');
  }

  /** Saves the limiter over a restart. Losing it costs one 429 at most, so a failure stops nothing. */
  async #saveLimits(): Promise<void> {
    const { store, chat, clock, logger } = this.#deps;
    const state = shiftState(this.limiter.state, clock.monotonicMs(), clock.wallMs());
    await store.set('limits', chat, JSON.stringify(state)).catch((err: unknown) => {
      logger.debug({ err }, 'could not save telegram limits');
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
