import { badRequest, tooManyRequests } from './bot-error.ts';
import { ChatLimiter, groupLimits, type ChatLimits } from './chat-limiter.ts';
import { checkMembership, type ChatState, type Person, type StoredMessage } from './chat.ts';
import type { Params } from './params.ts';
import { Updates } from './updates.ts';

export interface BotUser {
  id: number;
  is_bot: true;
  first_name: string;
  username: string;
}

/** What tests count. */
export interface Counters {
  /** Calls by method, rejected ones included. */
  calls: Record<string, number>;
  /** Messages that the group counts towards its 20 a minute. */
  counted: number;
  /** Answers with 429. */
  rateLimited: number;
  /** Other rejections by their description. */
  rejected: Record<string, number>;
}

/** Everything the Bot API's methods work on. */
export class BotApiState {
  readonly bot: BotUser;
  readonly now: () => number;
  readonly updates: Updates;
  readonly counters: Counters = { calls: {}, counted: 0, rateLimited: 0, rejected: {} };
  /** Callback queries and what the bot answered. */
  readonly callbacks = new Map<string, string | undefined>();
  readonly files = new Map<string, Buffer>();
  chats: ChatState[];
  commands: unknown[] = [];
  readonly #limits: ChatLimits;
  readonly #limiters = new Map<number, ChatLimiter>();

  constructor(options: { bot: BotUser; chats: ChatState[]; now: () => number; limits?: Partial<ChatLimits> }) {
    this.bot = options.bot;
    this.chats = options.chats;
    this.now = options.now;
    this.updates = new Updates();
    this.#limits = { ...groupLimits, ...options.limits };
  }

  /** The chat a call names; throws when there is none or the bot is not in it. */
  chatOf(params: Params): ChatState {
    const id = params.text('chat_id');
    if (id === undefined || id === '') throw badRequest('chat_id is empty');
    const chat = this.chats.find((chat) => String(chat.id) === id);
    if (chat === undefined) throw badRequest('chat not found');
    checkMembership(chat);
    return chat;
  }

  /** Counts one message towards the chat's limits; throws the 429 when there are too many. */
  countMessage(chat: ChatState): void {
    let limiter = this.#limiters.get(chat.id);
    if (limiter === undefined) {
      // A private chat is not held to 20 a minute.
      const limits = chat.type === 'private' ? { ...this.#limits, perMinute: Infinity } : this.#limits;
      limiter = new ChatLimiter(limits);
      this.#limiters.set(chat.id, limiter);
    }
    const wait = limiter.acquire(this.now());
    if (wait > 0) throw tooManyRequests(wait);
    this.counters.counted += 1;
  }

  person(chat: ChatState, id: number): Person | undefined {
    return chat.people.find((person) => person.id === id);
  }

  /** A person pressed a button: the bot gets a callback query, which it may answer once. */
  createCallbackQuery(): string {
    const id = String(this.callbacks.size + 1);
    this.callbacks.set(id, undefined);
    return id;
  }

  /** Keeps what the bot answered; false when there is no such query. */
  recordCallbackResponse(id: string, text: string): boolean {
    if (!this.callbacks.has(id)) return false;
    this.callbacks.set(id, text);
    return true;
  }

  /** A stored message in the Bot API's form. */
  messageOf(chat: ChatState, message: StoredMessage): Record<string, unknown> {
    return {
      message_id: message.id,
      ...this.#senderOf(chat, message),
      chat: this.chatObject(chat),
      date: Math.floor(message.at / 1000),
      ...(message.editedAt !== undefined && { edit_date: Math.floor(message.editedAt / 1000) }),
      ...(message.threadId !== undefined && { message_thread_id: message.threadId, is_topic_message: true }),
      ...(message.service !== undefined && { [message.service]: {} }),
      ...(message.document === undefined
        ? message.service === undefined && { text: message.text }
        : {
            document: {
              file_id: message.document.fileId,
              file_unique_id: message.document.fileId.slice(-12),
              file_name: message.document.name,
              file_size: message.document.size,
            },
            ...(message.text !== '' && { caption: message.text }),
          }),
      ...(message.entities.length > 0 && {
        [message.document === undefined ? 'entities' : 'caption_entities']: message.entities,
      }),
      ...(message.keyboard !== undefined && { reply_markup: { inline_keyboard: message.keyboard } }),
    };
  }

  chatObject(chat: ChatState): Record<string, unknown> {
    return { id: chat.id, title: chat.title, type: chat.type, ...(chat.isForum && { is_forum: true }) };
  }

  userOf(person: Person): Record<string, unknown> {
    const { id, first_name, username } = person;
    return { id, is_bot: false, first_name, ...(username !== undefined && { username }) };
  }

  #senderOf(chat: ChatState, message: StoredMessage): Record<string, unknown> {
    if (message.from === 'bot') return { from: this.bot };
    const person = this.person(chat, message.from);
    if (person === undefined || person.anonymous === true) {
      const anonymous = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' };
      return { from: anonymous, sender_chat: this.chatObject(chat) };
    }
    return { from: this.userOf(person) };
  }
}
