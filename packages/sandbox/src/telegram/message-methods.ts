import { randomUUID } from 'node:crypto';
import { badRequest } from './bot-error.ts';
import { post, threadFor, type ChatState, type StoredMessage } from './chat.ts';
import { formattedText } from './formatted-text.ts';
import { keyboardOf, type Params } from './params.ts';
import type { BotApiState } from './bot-api-state.ts';

const notModified =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content ' +
  'and reply markup of the message';

/** The Bot API's methods about messages. */
export const messageMethods = {
  sendMessage(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    const formatted = formattedText(params.text('text') ?? '', params.text('parse_mode'), 4096, 'message');
    if (formatted.text === '') throw badRequest('message text is empty');
    const place = placeOf(botState, chat, params);
    botState.countMessage(chat);
    return botState.messageOf(chat, post(chat, { ...place, ...formatted, ...modeOf(params), at: botState.now() }));
  },

  sendDocument(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    const caption = formattedText(params.text('caption') ?? '', params.text('parse_mode'), 1024, 'message caption');
    const field = params.text('document') ?? '';
    const upload = params.uploads.get(field.startsWith('attach://') ? field.slice('attach://'.length) : 'document');
    const known = botState.files.get(field);
    if (upload === undefined && known === undefined) {
      throw badRequest(
        field === '' ? 'there is no document in the request' : 'wrong file identifier/HTTP URL specified',
      );
    }
    const bytes = upload?.bytes ?? known ?? Buffer.alloc(0);
    if (bytes.length === 0) throw badRequest('file must be non-empty');
    if (bytes.length > 50_000_000) throw badRequest('file is too big');
    const place = placeOf(botState, chat, params);
    botState.countMessage(chat);
    const fileId = known === undefined ? `file-${randomUUID()}` : field;
    botState.files.set(fileId, bytes);
    const document = { fileId, name: upload?.name ?? 'file', size: bytes.length };
    return botState.messageOf(
      chat,
      post(chat, { ...place, ...caption, ...modeOf(params), document, at: botState.now() }),
    );
  },

  editMessageText(botState: BotApiState, params: Params) {
    const { chat, message } = editable(botState, params);
    const formatted = formattedText(params.text('text') ?? '', params.text('parse_mode'), 4096, 'message');
    if (formatted.text === '') throw badRequest('message text is empty');
    if (message.document !== undefined) throw badRequest('there is no text in the message to edit');
    const keyboard = keyboardOf(params);
    const same = (key: 'text' | 'entities') => JSON.stringify(message[key]) === JSON.stringify(formatted[key]);
    if (same('text') && same('entities') && JSON.stringify(keyboard) === JSON.stringify(message.keyboard)) {
      throw badRequest(notModified);
    }
    botState.countMessage(chat);
    Object.assign(message, formatted, { edits: message.edits + 1, editedAt: botState.now() });
    setKeyboard(message, keyboard);
    return botState.messageOf(chat, message);
  },

  editMessageReplyMarkup(botState: BotApiState, params: Params) {
    const { chat, message } = editable(botState, params);
    const keyboard = keyboardOf(params);
    if (JSON.stringify(keyboard) === JSON.stringify(message.keyboard)) throw badRequest(notModified);
    botState.countMessage(chat);
    message.editedAt = botState.now();
    setKeyboard(message, keyboard);
    return botState.messageOf(chat, message);
  },

  deleteMessage(botState: BotApiState, params: Params) {
    const chat = botState.chatOf(params);
    const id = params.integer('message_id');
    if (!chat.messages.some((message) => message.id === id)) throw badRequest('message to delete not found');
    chat.messages = chat.messages.filter((message) => message.id !== id);
    return true;
  },
};

function placeOf(botState: BotApiState, chat: ChatState, params: Params) {
  if (!chat.bot.canSend) throw badRequest('not enough rights to send text messages to the chat');
  const threadId = threadFor(chat, params.integer('message_thread_id'), botState.now());
  const replyTo = replyOf(chat, params);
  const keyboard = keyboardOf(params);
  return {
    from: 'bot' as const,
    silent: params.flag('disable_notification'),
    ...(threadId !== undefined && { threadId }),
    ...(replyTo !== undefined && { replyTo }),
    ...(keyboard !== undefined && { keyboard }),
  };
}

function replyOf(chat: ChatState, params: Params): number | undefined {
  const reply = params.json('reply_parameters');
  if (typeof reply !== 'object' || reply === null) return undefined;
  const { message_id: id, allow_sending_without_reply: optional } = reply as Record<string, unknown>;
  if (chat.messages.some((message) => message.id === id)) return Number(id);
  if (optional === true) return undefined;
  throw badRequest('message to be replied not found');
}

function modeOf(params: Params): { parseMode?: string } {
  const parseMode = params.text('parse_mode');
  return parseMode === undefined ? {} : { parseMode };
}

function editable(botState: BotApiState, params: Params): { chat: ChatState; message: StoredMessage } {
  const chat = botState.chatOf(params);
  const id = params.integer('message_id');
  if (id === undefined) throw badRequest('message identifier is not specified');
  const message = chat.messages.find((message) => message.id === id);
  if (message === undefined) throw badRequest('message to edit not found');
  if (message.from !== 'bot' || message.service !== undefined) throw badRequest("message can't be edited");
  return { chat, message };
}

function setKeyboard(message: StoredMessage, keyboard: StoredMessage['keyboard']): void {
  if (keyboard === undefined) delete message.keyboard;
  else message.keyboard = keyboard;
}
