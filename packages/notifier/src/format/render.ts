import { getEventType } from '@shopee-webhook/shopee';
import { digestPart } from './digest.ts';
import { alertMessage } from './alert.ts';
import { eventMessage, type FormatContext } from './event.ts';
import { escapeLine, plainText, truncate } from './html.ts';
import { splitMessage } from './split.ts';
import type { Button, MessagePart, QueuedNotification } from '../messages/outgoing.ts';

const maxTextParts = 5;
/** What a part surely holds: a line that is cut may leave some of it empty. */
const maxPartChars = 3_500;

/** The message of one notification, in as many parts as it takes. */
export function singleParts({ content }: QueuedNotification, context: FormatContext): MessagePart[] {
  if (content.kind === 'alert') {
    return textParts(alertMessage(content.alert, context.ownZone()), content.alert.title);
  }
  if (content.kind === 'system') return content.message.parts;
  const { view } = content;
  return textParts(eventMessage(view, context), view.orderSn ?? getEventType(view.push.code).title);
}

/** A text as at most five messages; a longer one as its beginning in four, and all of it in a file. */
export function textParts(lines: readonly string[], title: string): MessagePart[] {
  const start = truncateLines(lines, maxTextParts * maxPartChars);
  const parts = start === lines ? splitMessage(lines, title) : [];
  if (start === lines && parts.length <= maxTextParts) return parts.map((html) => ({ kind: 'text', html }));
  const shown = splitMessage(truncateLines(lines, (maxTextParts - 1) * maxPartChars), title);
  const caption = `<i>Complete text · ${escapeLine(truncate(title, 40))}</i>`;
  return [
    ...shown.slice(0, maxTextParts - 1).map((html): MessagePart => ({ kind: 'text', html })),
    {
      kind: 'document',
      html: caption,
      fileName: 'complete-text.txt',
      content: plainText(lines.join('\n')),
      alone: `${caption}\nThe bot may not send files: see the dashboard.`,
    },
  ];
}

/** The first lines of a text, at most `max` visible characters; the same array when all of them fit. */
function truncateLines(lines: readonly string[], max: number): readonly string[] {
  let left = max;
  for (const [index, line] of lines.entries()) {
    const text = plainText(line);
    if (text.length > left) return [...lines.slice(0, index), escapeLine(truncate(text, Math.max(0, left - 1)) + '…')];
    left -= text.length + 1;
  }
  return lines;
}

export function digestParts(items: readonly QueuedNotification[], context: FormatContext): MessagePart[] {
  return [digestPart(items, context)];
}

/** The buttons for administrators; a button's data has at most 64 bytes. */
export function getButtons(items: readonly QueuedNotification[]): Button[][] {
  const [first] = items;
  if (first === undefined || items.length > 1) return [];
  if (first.content.kind === 'event') {
    const { code } = first.content.view.push;
    return [[{ text: 'Mute 1 h', data: `mute:${code}:1` }]];
  }
  if (first.content.kind === 'system') return first.content.message.buttons ?? [];
  const { alert } = first.content;
  if (alert.status === 'resolved') return [];
  const acknowledge = { text: 'Acknowledge', data: `ack:${alert.key.slice(0, 50)}` };
  if (alert.key.startsWith('dead-letters')) return [[acknowledge, { text: 'Replay all', data: 'replay:all' }]];
  return [[acknowledge]];
}
