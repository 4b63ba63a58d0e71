import { InputFile, type Api } from 'grammy';
import { bold, plainText } from '../format/html.ts';
import type { OutgoingMessage, MessagePart } from '../dispatch/outgoing.ts';
import { getTopicStyle } from './topic-styles.ts';

/** What Telegram says of a message: its id and, where it landed in a topic, that. */
export interface SentResult {
  message_id: number;
  message_thread_id?: number;
}

/** The one call that sends the job's next part, or changes a message that is there. */
export async function sendPart(
  api: Api,
  chatId: string,
  next: { job: OutgoingMessage; part: MessagePart; threadId: number | undefined },
): Promise<SentResult> {
  const { job, part, threadId } = next;
  const html = needsTopicLabel(next) ? `${bold(`[${getTopicStyle(job.topic).name}]`)}\n${part.html}` : part.html;
  const text = job.asPlainText ? plainText(html) : html;
  const isLast = job.nextPart === job.parts.length - 1;
  const markup = isLast && job.buttons.length > 0 ? { reply_markup: toKeyboard(job) } : {};
  const form = job.asPlainText ? {} : { parse_mode: 'HTML' as const };
  const preview = { link_preview_options: { is_disabled: true } };
  const thread = threadId === undefined ? {} : { message_thread_id: threadId };
  const place = { disable_notification: job.silent, ...thread, ...markup, ...form };
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
export function skipUnchangedEdit(job: OutgoingMessage): void {
  const part = job.parts[job.nextPart];
  if (part?.kind === 'edit' || part?.kind === 'keyboard') {
    job.sent.push({ messageId: part.messageId, threadId: undefined });
  }
  job.nextPart += 1;
}

/** The message that was to be edited is gone: its text is sent anew. */
export function resendAsNew(job: OutgoingMessage): void {
  job.parts = job.parts
    .map((part): MessagePart => (part.kind === 'edit' ? { kind: 'text', html: part.html } : part))
    .filter(({ kind }) => kind !== 'keyboard');
}

/** Files are not taken: the text that stands for them is sent. */
export function sendWithoutFiles(job: OutgoingMessage): void {
  job.parts = job.parts.map((part): MessagePart =>
    part.kind === 'document' ? { kind: 'text', html: part.alone } : part,
  );
}

/** In the main chat because its topic cannot be used: it says itself which topic it would be in. */
function needsTopicLabel({
  job,
  part,
  threadId,
}: {
  job: OutgoingMessage;
  part: MessagePart;
  threadId: number | undefined;
}): boolean {
  return isNewMessage(part) && threadId === undefined && job.nextPart === 0 && job.threadId !== 'general';
}

function toReplyParameters(messageId: number | undefined) {
  if (messageId === undefined) return {};
  return { reply_parameters: { message_id: messageId, allow_sending_without_reply: true } };
}

function toKeyboard(job: OutgoingMessage) {
  return { inline_keyboard: job.buttons.map((row) => row.map(({ text, data }) => ({ text, callback_data: data }))) };
}
