import { getEventType } from '@shopee-webhook/shopee';

/** The topic of a message: an event code, or one of our own. */
export type TopicKey = `${number}` | 'system' | 'ship-by';

export interface TopicStyle {
  name: string;
  /** One of Telegram's own topic icons. */
  emoji: string;
  /** One of the six colors that Telegram allows. */
  color: TopicColor;
}

type TopicColor = 7322096 | 16766590 | 13338331 | 9367192 | 16749490 | 16478047;
const colors = {
  blue: 7322096,
  yellow: 16766590,
  violet: 13338331,
  green: 9367192,
  rose: 16749490,
  red: 16478047,
} as const;
type Color = keyof typeof colors;

const topicStyles: Record<number, [emoji: string, colour: Color]> = {
  1: ['✅', 'green'],
  2: ['❗️', 'red'],
  3: ['🛒', 'blue'],
  4: ['🚚', 'blue'],
  5: ['📰', 'violet'],
  6: ['❗️', 'red'],
  7: ['🛍', 'rose'],
  8: ['📈', 'yellow'],
  9: ['🎉', 'rose'],
  10: ['💬', 'green'],
  11: ['🎬', 'violet'],
  12: ['‼️', 'red'],
  13: ['👑', 'violet'],
  15: ['🖨', 'yellow'],
  16: ['👮‍♂️', 'red'],
  20: ['📝', 'yellow'],
  21: ['🚂', 'yellow'],
  22: ['💰', 'yellow'],
  23: ['📆', 'blue'],
  24: ['🚗', 'blue'],
  25: ['📁', 'yellow'],
  28: ['⁉️', 'red'],
  29: ['💸', 'rose'],
  30: ['🛃', 'blue'],
  36: ['🧮', 'yellow'],
  37: ['🏁', 'blue'],
  38: ['📺', 'violet'],
  47: ['✍️', 'blue'],
};

/** Name, icon and color of a topic; unknown codes get a plain one. */
export function getTopicStyle(key: TopicKey): TopicStyle {
  if (key === 'system') return { name: 'System', emoji: '🤖', color: colors.violet };
  if (key === 'ship-by') return { name: 'Ship soon', emoji: '🔥', color: colors.red };
  const code = Number(key);
  const event = getEventType(code);
  const [emoji, colour] = topicStyles[code] ?? (event.urgent ? ['❗️', 'red'] : ['📁', 'blue']);
  return { name: event.title, emoji, color: colors[colour] };
}
