import { deleteTopic, post, type ChatState, type Person, type StoredMessage, type Topic } from './chat.ts';
import type { BotApiState } from './bot-api-state.ts';

/** What a person in the chat can do, or what can happen to the bot there. */
export type UserAction =
  | { act: 'say'; text: string; by?: number; threadId?: number; chat?: number }
  | { act: 'press'; messageId: number; button: string; by?: number; chat?: number }
  | { act: 'close-topic' | 'reopen-topic' | 'delete-topic'; threadId: number; chat?: number }
  | { act: 'rename-topic'; threadId: number; name: string; chat?: number }
  | { act: 'upgrade'; to: number; chat?: number }
  | { act: Change; chat?: number };

type Change =
  | 'close-general'
  | 'kick'
  | 'invite'
  | 'delete-chat'
  | 'topics-off'
  | 'topics-on'
  | 'take-topic-right'
  | 'give-topic-right'
  | 'take-send-right'
  | 'give-send-right';

/** Does it, and gives what a test may want to follow: the message said, or the callback query opened. */
export function applyUserAction(botState: BotApiState, act: UserAction): { messageId?: number; callbackId?: string } {
  const chat = chatFor(botState, act.chat);
  switch (act.act) {
    case 'say':
      return say(botState, chat, act);
    case 'press':
      return press(botState, chat, act);
    case 'close-topic':
    case 'reopen-topic':
      return close(botState, chat, act.threadId, act.act === 'close-topic');
    case 'delete-topic':
      deleteTopic(chat, topicOf(chat, act.threadId), botState.now());
      return {};
    case 'rename-topic':
      return renameTopic(botState, chat, act);
    case 'upgrade':
      upgrade(botState, chat, act.to);
      return {};
    default:
      change(chat, act.act);
      return {};
  }
}

function change(chat: ChatState, what: Change): void {
  const changes: Record<Change, () => void> = {
    'close-general': () => (chat.generalClosed = true),
    kick: () => (chat.bot.status = 'kicked'),
    invite: () => (chat.bot.status = 'administrator'),
    'delete-chat': () => (chat.deleted = true),
    'topics-off': () => (chat.isForum = false),
    'topics-on': () => (chat.isForum = true),
    'take-topic-right': () => (chat.bot.canManageTopics = false),
    'give-topic-right': () => (chat.bot.canManageTopics = true),
    'take-send-right': () => (chat.bot.canSend = false),
    'give-send-right': () => (chat.bot.canSend = true),
  };
  changes[what]();
}

function chatFor(botState: BotApiState, id: number | undefined): ChatState {
  const chat = id === undefined ? botState.chats[0] : botState.chats.find((chat) => chat.id === id);
  if (chat === undefined) throw new Error('no such chat');
  return chat;
}

function personFor(chat: ChatState, id: number | undefined): Person {
  const person = id === undefined ? chat.people[0] : chat.people.find((person) => person.id === id);
  if (person === undefined) throw new Error('no such person in this chat');
  return person;
}

function topicOf(chat: ChatState, threadId: number): Topic {
  const topic = chat.topics.find((topic) => topic.threadId === threadId && topic.deletedAt === undefined);
  if (topic === undefined) throw new Error('no such topic');
  return topic;
}

/** Posts a person's message; a bot in privacy mode gets only commands, an administrator gets every message. */
function say(botState: BotApiState, chat: ChatState, act: Extract<UserAction, { act: 'say' }>): { messageId: number } {
  const person = personFor(chat, act.by);
  const where = act.threadId === undefined ? {} : { threadId: act.threadId };
  const message = post(chat, { from: person.id, at: botState.now(), text: act.text, ...where });
  const command = /^\/[a-z0-9_]+(@[a-z0-9_]+)?/i.exec(act.text)?.[0];
  if (command !== undefined) message.entities = [{ type: 'bot_command', offset: 0, length: command.length }];
  if (command !== undefined || chat.bot.status === 'administrator' || chat.type === 'private')
    botState.updates.push({ message: botState.messageOf(chat, message) });
  return { messageId: message.id };
}

function press(
  botState: BotApiState,
  chat: ChatState,
  act: Extract<UserAction, { act: 'press' }>,
): { callbackId: string } {
  const person = personFor(chat, act.by);
  const message = chat.messages.find((message) => message.id === act.messageId);
  const data = message && buttonData(message, act.button);
  if (message === undefined || data === undefined) throw new Error('no such button');
  const callbackId = botState.createCallbackQuery();
  botState.updates.push({
    callback_query: {
      id: callbackId,
      from: botState.userOf(person),
      message: botState.messageOf(chat, message),
      chat_instance: String(chat.id),
      data,
    },
  });
  return { callbackId };
}

function buttonData(message: StoredMessage, button: string): string | undefined {
  return message.keyboard?.flat().find(({ text, callback_data }) => text === button || callback_data === button)
    ?.callback_data;
}

function close(botState: BotApiState, chat: ChatState, threadId: number, closed: boolean): { messageId: number } {
  topicOf(chat, threadId).closed = closed;
  return service(botState, chat, {
    threadId,
    text: '',
    service: closed ? 'forum_topic_closed' : 'forum_topic_reopened',
  });
}

function renameTopic(
  botState: BotApiState,
  chat: ChatState,
  { threadId, name }: { threadId: number; name: string },
): { messageId: number } {
  topicOf(chat, threadId).name = name;
  return service(botState, chat, { threadId, text: name, service: 'forum_topic_edited' });
}

/** A service message of a person, of which the bot gets an update; a deleted topic gives none. */
function service(
  botState: BotApiState,
  chat: ChatState,
  what: { threadId: number; text: string; service: string },
): { messageId: number } {
  const { id } = personFor(chat, undefined);
  const message = post(chat, { ...what, from: id, at: botState.now() });
  botState.updates.push({ message: botState.messageOf(chat, message) });
  return { messageId: message.id };
}

/** A group becomes a supergroup: the old id rejects with the new one, where messages go on. */
function upgrade(botState: BotApiState, chat: ChatState, to: number): void {
  botState.chats.push({ ...structuredClone(chat), id: to, type: 'supergroup' });
  chat.migratedTo = to;
}
