import { badRequest } from './bot-error.ts';
import { deleteTopic, mayManageTopics, post, type ChatState, type Topic } from './chat.ts';
import { iconStickers } from './icon-stickers.ts';
import type { Params } from './params.ts';
import type { BotApiState } from './bot-api-state.ts';

const colors = [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

/** The Bot API's methods about forum topics. */
export const topicMethods = {
  getForumTopicIconStickers: () => iconStickers,

  createForumTopic(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    checkForum(chat, 'not enough rights to create a topic');
    const name = cleanName(params.text('name'));
    const iconColor = params.integer('icon_color') ?? 7_322_096;
    if (!colors.includes(iconColor)) throw badRequest('invalid icon color specified');
    const iconEmojiId = iconOf(params);
    botState.countMessage(chat);
    const message = post(chat, { from: 'bot', at: botState.now(), text: '', service: 'forum_topic_created' });
    message.threadId = message.id;
    const topic: Topic = {
      threadId: message.id,
      name,
      iconColor,
      ...(iconEmojiId !== undefined && { iconEmojiId }),
      closed: false,
      createdByBot: true,
    };
    chat.topics.push(topic);
    return {
      message_thread_id: topic.threadId,
      name,
      icon_color: iconColor,
      ...(iconEmojiId !== undefined && { icon_custom_emoji_id: iconEmojiId }),
    };
  },

  editForumTopic(botState: BotApiState, params: Params) {
    const { chat, topic } = topicOf(botState, params);
    const name = params.text('name');
    const icon = iconOf(params);
    if ((name === undefined || name === topic.name) && (icon === undefined || icon === topic.iconEmojiId)) {
      throw badRequest('TOPIC_NOT_MODIFIED');
    }
    botState.countMessage(chat);
    if (name !== undefined && name !== '') topic.name = cleanName(name);
    if (icon !== undefined) topic.iconEmojiId = icon;
    post(chat, {
      threadId: topic.threadId,
      from: 'bot',
      at: botState.now(),
      text: topic.name,
      service: 'forum_topic_edited',
    });
    return true;
  },

  closeForumTopic: (botState: BotApiState, params: Params) => setClosed(botState, params, true),

  reopenForumTopic: (botState: BotApiState, params: Params) => setClosed(botState, params, false),

  deleteForumTopic(botState: BotApiState, params: Params) {
    const { chat, topic } = topicOf(botState, params);
    deleteTopic(chat, topic, botState.now());
    return true;
  },

  reopenGeneralForumTopic(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    checkForum(chat, 'not enough rights to close or open the topic');
    if (!chat.generalClosed) throw badRequest('TOPIC_NOT_MODIFIED');
    chat.generalClosed = false;
    return true;
  },
};

function checkForum(chat: ChatState, right: string): void {
  if (!chat.isForum) throw badRequest('the chat is not a forum');
  if (!mayManageTopics(chat)) throw badRequest(right);
}

/** Longer names are trimmed to 128 without a word, and white space is collapsed. */
function cleanName(name: string | undefined): string {
  const cleaned = Array.from((name ?? '').replace(/\s+/g, ' ').trim())
    .slice(0, 128)
    .join('');
  if (cleaned === '') throw badRequest('title must be non-empty');
  return cleaned;
}

function iconOf(params: Params): string | undefined {
  const id = params.text('icon_custom_emoji_id');
  if (id === undefined || id === '') return undefined;
  if (!iconStickers.some((sticker) => sticker.custom_emoji_id === id)) throw badRequest('DOCUMENT_INVALID');
  return id;
}

function topicOf(
  botState: BotApiState,
  params: Params,
  right = 'not enough rights to edit the topic',
): { chat: ChatState; topic: Topic } {
  const chat = botState.chatOf(params);
  checkForum(chat, right);
  const threadId = params.integer('message_thread_id');
  const topic = chat.topics.find((topic) => topic.threadId === threadId);
  if (topic === undefined) throw badRequest('message thread not found');
  if (topic.deletedAt !== undefined) {
    throw badRequest(botState.now() - topic.deletedAt < 60_000 ? 'TOPIC_DELETED' : 'message thread not found');
  }
  return { chat, topic };
}

function setClosed(botState: BotApiState, params: Params, closed: boolean): boolean {
  const { chat, topic } = topicOf(botState, params, 'not enough rights to close or open the topic');
  if (topic.closed === closed) throw badRequest('TOPIC_NOT_MODIFIED');
  botState.countMessage(chat);
  topic.closed = closed;
  const service = closed ? 'forum_topic_closed' : 'forum_topic_reopened';
  post(chat, { threadId: topic.threadId, from: 'bot', at: botState.now(), text: '', service });
  return true;
}
