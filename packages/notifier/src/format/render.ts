import { getEventType } from '@shopee-webhook/shopee';
import { digestPart } from './digest.ts';
import { alertMessage } from './alert.ts';
import { eventMessage, type FormatContext } from './event.ts';
import { splitMessage } from './split.ts';
import type { Button, MessagePart, QueuedNotification } from '../messages/outgoing.ts';

/** The message of one notification, in as many parts as it takes. */
export function singleParts({ content }: QueuedNotification, context: FormatContext): MessagePart[] {
  if (content.kind === 'alert') {
    return textParts(alertMessage(content.alert, context.ownZone()), content.alert.title);
  }
  if (content.kind === 'system') return content.message.parts;
  const { view } = content;
  return textParts(eventMessage(view, context), view.orderSn ?? getEventType(view.push.code).title);
}

export function textParts(lines: readonly string[], title: string): MessagePart[] {
  return splitMessage(lines, title).map((html) => ({ kind: 'text', html }));
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
