import { badRequest } from './bot-error.ts';
import { mayManageTopics, type ChatState, type Person } from './chat.ts';
import type { Params } from './params.ts';
import type { BotApiState } from './bot-api-state.ts';

/** The Bot API's methods about the bot, its chats and its updates. */
export const chatMethods = {
  getMe: (botState: BotApiState) => ({
    ...botState.bot,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  }),

  getChat(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    return { ...botState.chatObject(chat), permissions: { can_send_messages: true }, accent_color_id: 0 };
  },

  getChatMember(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    const id = params.integer('user_id');
    if (id === botState.bot.id) return botMember(botState, chat);
    const person = id === undefined ? undefined : botState.person(chat, id);
    if (person === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
    return memberOf(botState, person);
  },

  getChatAdministrators(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    if (chat.type === 'private') throw badRequest('there are no administrators in the private chat');
    const people = chat.people
      .filter((person) => person.status !== 'member')
      .map((person) => memberOf(botState, person));
    return chat.bot.status === 'administrator' ? [...people, botMember(botState, chat)] : people;
  },

  answerCallbackQuery(botState: BotApiState, params: Params) {
    const id = params.text('callback_query_id') ?? '';
    if ((params.text('text') ?? '').length > 200) throw badRequest('MESSAGE_TOO_LONG');
    if (!botState.recordCallbackResponse(id, params.text('text') ?? '')) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    return true;
  },

  getUpdates(botState: BotApiState, params: Params) {
    const timeoutMs = (params.integer('timeout') ?? 0) * 1000;
    return botState.updates.take({
      offset: params.integer('offset') ?? 0,
      limit: params.integer('limit') ?? 100,
      timeoutMs,
    });
  },

  deleteWebhook: () => true,

  getWebhookInfo: () => ({ url: '', has_custom_certificate: false, pending_update_count: 0 }),

  setMyCommands(botState: BotApiState, params: Params) {
    const commands = params.json('commands');
    if (!Array.isArray(commands)) throw badRequest("can't parse BotCommand: expected an Array of BotCommand");
    if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
    for (const { command, description } of commands as Record<string, unknown>[]) {
      if (!/^[a-z0-9_]{1,32}$/.test(String(command))) throw badRequest('BOT_COMMAND_INVALID');
      if (!/^.{1,256}$/su.test(String(description))) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    botState.commands = commands as unknown[];
    return true;
  },

  getMyCommands: (botState: BotApiState) => botState.commands,

  leaveChat(botState: BotApiState, params: Params) {
    botState.chatOf(params).bot.status = 'left';
    return true;
  },
};

function memberOf(botState: BotApiState, person: Person): Record<string, unknown> {
  return { user: botState.userOf(person), status: person.status, is_anonymous: person.anonymous === true };
}

function botMember(botState: BotApiState, chat: ChatState): Record<string, unknown> {
  const { status } = chat.bot;
  const rights = status === 'administrator' && { can_manage_topics: mayManageTopics(chat), can_be_edited: false };
  return { user: botState.bot, status, ...rights };
}
