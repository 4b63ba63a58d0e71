import { badRequest } from './bot-error.ts';
import { mayManageTopics, type ChatState, type Person } from './chat.ts';
import type { Params } from './params.ts';
import type { World } from './world.ts';

/** The Bot API's methods about the bot, its chats and its updates. */
export const chatMethods = {
  getMe: (world: World) => ({
    ...world.bot,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),

  getChat(world: World, params: Params) {
    const chat = world.chatOf(params);
    return { ...world.chatObject(chat), permissions: { can_send_messages: true }, accent_color_id: 0 };
  },

  getChatMember(world: World, params: Params) {
    const chat = world.chatOf(params);
    const id = params.integer('user_id');
    if (id === world.bot.id) return botMember(world, chat);
    const person = id === undefined ? undefined : world.person(chat, id);
    if (person === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
    return memberOf(world, person);
  },

  getChatAdministrators(world: World, params: Params) {
    const chat = world.chatOf(params);
    if (chat.type === 'private') throw badRequest('there are no administrators in the private chat');
    const people = chat.people.filter((person) => person.status !== 'member').map((person) => memberOf(world, person));
    return chat.bot.status === 'administrator' ? [...people, botMember(world, chat)] : people;
  },

  answerCallbackQuery(world: World, params: Params) {
    const id = params.text('callback_query_id') ?? '';
    if (!world.answerCallback(id, params.text('text') ?? '')) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return true;
  },

  getUpdates(world: World, params: Params) {
    const timeoutMs = (params.integer('timeout') ?? 0) * 1000;
    return world.updates.take({
      offset: params.integer('offset') ?? 0,
      limit: params.integer('limit') ?? 100,
      timeoutMs,
    });
  },

  deleteWebhook: () => true,

  getWebhookInfo: () => ({ url: '', has_custom_certificate: false, pending_update_count: 0 }),

  setMyCommands(world: World, params: Params) {
    const commands = params.json('commands');
    if (!Array.isArray(commands)) throw badRequest("can't parse BotCommand: expected an Array of BotCommand");
    world.commands = commands as unknown[];
    return true;
  },

  getMyCommands: (world: World) => world.commands,

  leaveChat(world: World, params: Params) {
    world.chatOf(params).bot.status = 'left';
    return true;
  },
};

function memberOf(world: World, person: Person): Record<string, unknown> {
  return { user: world.userOf(person), status: person.status, is_anonymous: person.anonymous === true };
}

function botMember(world: World, chat: ChatState): Record<string, unknown> {
  const { status } = chat.bot;
  const rights = status === 'administrator' && { can_manage_topics: mayManageTopics(chat), can_be_edited: false };
  return { user: world.bot, status, ...rights };
}
