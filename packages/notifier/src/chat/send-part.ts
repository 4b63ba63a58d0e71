import { InputFile, type Api } from 'grammy';
import { bold, plainText } from '../format/html.ts';
import type { OutgoingMessage, MessagePart } from '../messages/outgoing.ts';
import { getTopicStyle } from '../format/topic-styles.ts';

/** Telegram's response: the message id and its thread, if any. */
export interface SentResult {
  message_id: number;
  message_thread_id?: number;
}

/** Sends the message's next part, or edits an existing message: one call. */
export async function sendPart(
  api: Api,
  chatId: string,
  next: { message: OutgoingMessage; part: MessagePart; threadId: number | undefined },
): Promise<SentResult> {
  const { message, part, threadId } = next;
  const html = needsTopicLabel(next) ? `${bold(`[${getTopicStyle(message.topic).name}]`)}\n${part.html}` : part.html;
  const text = message.asPlainText ? plainText(html) : html;
  const isLast = message.nextPart === message.parts.length - 1;
  const markup = isLast && message.buttons.length > 0 ? { reply_markup: toKeyboard(message) } : {};
  const form = message.asPlainText ? {} : { parse_mode: 'HTML' as const };
  const preview = { link_preview_options: { is_disabled: true } };
  const thread = threadId === undefined ? {} : { message_thread_id: threadId };
  const place = { disable_notification: message.silent, ...thread, ...markup, ...form };
  switch (part.kind) {
    case 'text':
      return api.sendMessage(chatId, text, { ...place, ...preview, ...toReplyParameters(part.replyTo) });
    case 'document':
      return api.sendDocument(chatId, new InputFile(Buffer.from(part.content), part.fileName), {
        ...place,
        caption: text,
      });
    case 'edit':
      await api.editMessageText(chatId, part.messageId, text, { ...preview, ...markup, ...form });
      return { message_id: part.messageId };
    case 'keyboard':
      await api.editMessageReplyMarkup(chatId, part.messageId, markup);
      return { message_id: part.messageId };
  }
}

/** Whether a part is a new message rather than an edit. */
export function isNewMessage(part: MessagePart): boolean {
  return part.kind === 'text' || part.kind === 'document';
}

/** Telegram says the message is not modified: counts as sent. */
export function skipUnchangedEdit(message: OutgoingMessage): void {
  const part = message.parts[message.nextPart];
  if (part?.kind === 'edit' || part?.kind === 'keyboard') {
    message.sent.push({ messageId: part.messageId, threadId: undefined });
  }
  message.nextPart += 1;
}

/** The message to edit was deleted: its text is sent as a new one. */
export function resendAsNew(message: OutgoingMessage): void {
  message.parts = message.parts
    .map((part): MessagePart => (part.kind === 'edit' ? { kind: 'text', html: part.html } : part))
    .filter(({ kind }) => kind !== 'keyboard');
}

/** Files are not allowed: their text alternative is sent. */
export function sendWithoutFiles(message: OutgoingMessage): void {
  message.parts = message.parts.map((part): MessagePart =>
    part.kind === 'document' ? { kind: 'text', html: part.alone } : part,
  );
}

/** Sent to the main chat because its topic is unusable, so the message names the topic. */
function needsTopicLabel({
  message,
  part,
  threadId,
}: {
  message: OutgoingMessage;
  part: MessagePart;
  threadId: number | undefined;
}): boolean {
  return isNewMessage(part) && threadId === undefined && message.nextPart === 0 && message.threadId !== 'general';
}

function toReplyParameters(messageId: number | undefined) {
  if (messageId === undefined) return {};
  return { reply_parameters: { message_id: messageId, allow_sending_without_reply: true } };
}

function toKeyboard(message: OutgoingMessage) {
  return {
    inline_keyboard: message.buttons.map((row) => row.map(({ text, data }) => ({ text, callback_data: data }))),
  };
}
