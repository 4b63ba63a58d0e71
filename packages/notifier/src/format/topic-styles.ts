import { getEventType } from '@shopee-webhook/shopee';
import type { TopicKey } from '../messages/outgoing.ts';
import { getRenderer, type TopicColor } from './event-renderers.ts';

export interface TopicStyle {
  name: string;
  /** One of Telegram's own topic icons. */
  emoji: string;
  color: (typeof colors)[TopicColor];
}

const colors = {
  blue: 7322096,
  yellow: 16766590,
  violet: 13338331,
  green: 9367192,
  rose: 16749490,
  red: 16478047,
} as const satisfies Record<TopicColor, number>;

/** Name, icon and color of a topic; unknown codes get a plain one. */
export function getTopicStyle(key: TopicKey): TopicStyle {
  if (key === 'system') return { name: 'System', emoji: '🤖', color: colors.violet };
  if (key === 'ship-by') return { name: 'Ship soon', emoji: '🔥', color: colors.red };
  const code = Number(key);
  const event = getEventType(code);
  const [emoji, color] = getRenderer(code).topic ?? (event.urgent ? ['❗️', 'red'] : ['📁', 'blue']);
  return { name: event.title, emoji, color: colors[color] };
}
