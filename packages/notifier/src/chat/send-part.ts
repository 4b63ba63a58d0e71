import { InputFile, type Api } from 'grammy';
import { bold, plainText } from '../format/html.ts';
import type { OutgoingMessage, MessagePart } from '../messages/outgoing.ts';
import { getTopicStyle } from '../format/topic-styles.ts';

/** What Telegram says of a message: its id and, where it landed in a topic, that. */
export interface SentResult {
  message_id: number;
  message_thread_id?: number;
}

/** The one call that sends the message's next part, or changes a message that is there. */
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

/** Whether a part is a message of its own, or changes one that is there. */
export function isNewMessage(part: MessagePart): boolean {
  return part.kind === 'text' || part.kind === 'document';
}

/** The message says already what it should say. */
export function skipUnchangedEdit(message: OutgoingMessage): void {
  const part = message.parts[message.nextPart];
  if (part?.kind === 'edit' || part?.kind === 'keyboard') {
    message.sent.push({ messageId: part.messageId, threadId: undefined });
  }
  message.nextPart += 1;
}

/** The message that was to be edited is gone: its text is sent anew. */
export function resendAsNew(message: OutgoingMessage): void {
  message.parts = message.parts
    .map((part): MessagePart => (part.kind === 'edit' ? { kind: 'text', html: part.html } : part))
    .filter(({ kind }) => kind !== 'keyboard');
}

/** Files are not taken: the text that stands for them is sent. */
export function sendWithoutFiles(message: OutgoingMessage): void {
  message.parts = message.parts.map((part): MessagePart =>
    part.kind === 'document' ? { kind: 'text', html: part.alone } : part,
  );
}

/** In the main chat because its topic cannot be used: it says itself which topic it would be in. */
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
