import { eventOf } from '@shopee-webhook/shopee';
import { digestPart } from './digest.ts';
import { alarmMessage } from './alarm.ts';
import { eventMessage, type FormatContext } from './event.ts';
import { splitMessage } from './split.ts';
import type { Button, Part, Waiting } from '../waiting.ts';

/** The message of one notification, in as many parts as it takes. */
export function singleParts({ content }: Waiting, context: FormatContext): Part[] {
  if (content.kind === 'alarm') {
    return textParts(alarmMessage(content.alarm, context.ownZone()), content.alarm.title);
  }
  if (content.kind === 'notice') return content.notice.parts;
  const { view } = content;
  return textParts(eventMessage(view, context), view.orderSn ?? eventOf(view.push.code).title);
}

export function textParts(lines: readonly string[], title: string): Part[] {
  return splitMessage(lines, title).map((html) => ({ kind: 'text', html }));
}

export function digestParts(items: readonly Waiting[], context: FormatContext): Part[] {
  return [digestPart(items, context)];
}

/** What an administrator can do about it, where buttons are on; a button's data has at most 64 bytes. */
export function buttonsOf(items: readonly Waiting[]): Button[][] {
  const [first] = items;
  if (first === undefined || items.length > 1) return [];
  if (first.content.kind === 'event') {
    const { code } = first.content.view.push;
    return [[{ text: 'Mute 1 h', data: `mute:${code}:1` }]];
  }
  if (first.content.kind === 'notice') return first.content.notice.buttons ?? [];
  const { alarm } = first.content;
  if (alarm.phase === 'end') return [];
  const acknowledge = { text: 'Acknowledge', data: `ack:${alarm.key.slice(0, 50)}` };
  if (alarm.key.startsWith('dead-letters')) return [[acknowledge, { text: 'Replay all', data: 'replay:all' }]];
  return [[acknowledge]];
}
