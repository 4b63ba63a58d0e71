import { badRequest, forbidden } from './bot-error.ts';
import type { Entity } from './html-parser.ts';
import type { Button } from './params.ts';

export interface Person {
  id: number;
  first_name: string;
  username?: string;
  status: 'creator' | 'administrator' | 'member';
  /** An anonymous administrator speaks as the group itself. */
  anonymous?: boolean;
}

export interface Topic {
  threadId: number;
  name: string;
  iconColor: number;
  iconEmojiId?: string;
  closed: boolean;
  /** ms; deleted topics stay listed so that the page can say so. */
  deletedAt?: number;
  createdByBot: boolean;
}

export interface StoredMessage {
  id: number;
  /** Absent in General, in groups that are no forum and in private chats. */
  threadId?: number;
  from: 'bot' | number;
  /** ms */
  at: number;
  text: string;
  entities: Entity[];
  parseMode?: string;
  silent: boolean;
  replyTo?: number;
  keyboard?: Button[][];
  document?: { fileId: string; name: string; size: number };
  service?: string;
  edits: number;
  editedAt?: number;
}

/** One chat as the fake keeps it; plain data, so that it can be saved and restored. */
export interface ChatState {
  id: number;
  title: string;
  type: 'private' | 'group' | 'supergroup';
  isForum: boolean;
  bot: {
    status: 'administrator' | 'member' | 'kicked' | 'left';
    canManageTopics: boolean;
    canSend: boolean;
  };
  people: Person[];
  topics: Topic[];
  generalClosed: boolean;
  messages: StoredMessage[];
  nextMessageId: number;
  migratedTo?: number;
  deleted: boolean;
  /** As older servers do: a thread id in a group without topics is an error, and not ignored. */
  rejectsThreads: boolean;
}

/** What may be said of a chat when the fake is made; the rest takes a forum's usual values. */
export type ChatOptions = Partial<Omit<ChatState, 'bot'>> & { id: number; bot?: Partial<ChatState['bot']> };

const people: Person[] = [
  { id: 1001, first_name: 'Ana', username: 'ana_owner', status: 'creator' },
  { id: 1002, first_name: 'Budi', username: 'budi_admin', status: 'administrator' },
  { id: 1003, first_name: 'Citra', username: 'citra', status: 'member' },
];

export function createChat(options: ChatOptions): ChatState {
  return {
    title: 'Shop alerts',
    type: 'supergroup',
    isForum: true,
    people: structuredClone(people),
    topics: [],
    generalClosed: false,
    messages: [],
    nextMessageId: 2,
    deleted: false,
    rejectsThreads: false,
    ...options,
    bot: { status: 'administrator', canManageTopics: true, canSend: true, ...options.bot },
  };
}

/** Throws what the server throws when the bot is out of the chat or the chat has become another. */
export function checkMembership(chat: ChatState): void {
  if (chat.migratedTo !== undefined) {
    throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.migratedTo });
  }
  const kind = chat.type === 'supergroup' ? 'supergroup' : 'group';
  if (chat.deleted) throw forbidden('the group chat was deleted');
  if (chat.bot.status === 'kicked') {
    throw forbidden(chat.type === 'private' ? 'bot was blocked by the user' : `bot was kicked from the ${kind} chat`);
  }
  if (chat.bot.status === 'left') throw forbidden(`bot is not a member of the ${kind} chat`);
}

export function mayManageTopics(chat: ChatState): boolean {
  return chat.bot.status === 'administrator' && chat.bot.canManageTopics;
}

/** For a minute after its deletion a topic is rejected by another word than later. */
const deletedCacheMs = 60_000;

/**
 * Where a message with `threadId` would land: the topic's thread id, or undefined for the main chat. Throws as the
 * server does when the topic is gone, closed or General's own id.
 */
export function threadFor(chat: ChatState, threadId: number | undefined, now: number): number | undefined {
  if (threadId === undefined || threadId === 0) {
    if (chat.isForum && chat.generalClosed && !mayManageTopics(chat)) throw badRequest('TOPIC_CLOSED');
    return undefined;
  }
  if (!chat.isForum) {
    if (chat.rejectsThreads) throw badRequest('message thread not found');
    return undefined;
  }
  const topic = chat.topics.find((topic) => topic.threadId === threadId);
  if (topic === undefined) throw badRequest('message thread not found');
  if (topic.deletedAt !== undefined) {
    throw badRequest(now - topic.deletedAt < deletedCacheMs ? 'TOPIC_DELETED' : 'message thread not found');
  }
  if (topic.closed && !mayManageTopics(chat) && !topic.createdByBot) throw badRequest('TOPIC_CLOSED');
  return topic.threadId;
}

/** Puts a message into the chat and gives it its number. */
export function post(
  chat: ChatState,
  message: Omit<StoredMessage, 'id' | 'edits' | 'entities' | 'silent'> & Partial<StoredMessage>,
): StoredMessage {
  const stored: StoredMessage = { entities: [], silent: false, edits: 0, ...message, id: chat.nextMessageId };
  chat.nextMessageId += 1;
  chat.messages.push(stored);
  return stored;
}

/** Deletes a topic with its messages, as a person or the bot does. */
export function deleteTopic(chat: ChatState, topic: Topic, now: number): void {
  topic.deletedAt = now;
  chat.messages = chat.messages.filter((message) => message.threadId !== topic.threadId);
}
