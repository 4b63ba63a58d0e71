import { getEventType, type Push } from '@shopee-webhook/shopee';
import type { EventView } from '../messages/event-view.ts';
import { chatLines, redactChat } from './chat-message.ts';
import { previousStatusLine, statusLabel } from './order-status.ts';

/** One of the six colors that Telegram allows for topics. */
export type TopicColor = 'blue' | 'yellow' | 'violet' | 'green' | 'rose' | 'red';

/** How an event code is shown on Telegram; what is left out takes the default. */
export interface EventRenderer {
  /** Icon (one of Telegram's topic icons) and color of its topic. */
  topic?: readonly [emoji: string, color: TopicColor];
  /** Statuses that need action; without them the code's own `urgent` decides. */
  urgentStatuses?: readonly string[];
  /** With TELEGRAM_MODE=edit: a step in its order's one message. */
  isOrderStep?: boolean;
  /** The short label in digests and order messages, instead of the status or title. */
  label?: (view: EventView) => string | undefined;
  /** Lines below the title. */
  headline?: (view: EventView) => string[];
  /** Lines before the data. */
  details?: (view: EventView) => string[];
  /** Fields that these lines already show. */
  shownFields?: readonly string[];
  /** The data without what a buyer wrote. */
  redact?: (data: Record<string, unknown>) => Record<string, unknown>;
}

/** The renderers by event code: a rich text for a code is one entry here. Codes without an entry are shown as data. */
const renderers: Readonly<Record<number, EventRenderer>> = {
  1: { topic: ['✅', 'green'] },
  2: { topic: ['❗️', 'red'] },
  3: {
    topic: ['🛒', 'blue'],
    urgentStatuses: ['IN_CANCEL', 'CANCELLED', 'TO_RETURN', 'RETRY_SHIP'],
    isOrderStep: true,
    label: ({ status }) => (status === undefined ? undefined : statusLabel(status)),
    headline: previousStatusLine,
    shownFields: ['status'],
  },
  4: { topic: ['🚚', 'blue'], isOrderStep: true },
  5: { topic: ['📰', 'violet'] },
  6: { topic: ['❗️', 'red'] },
  7: { topic: ['🛍', 'rose'] },
  8: { topic: ['📈', 'yellow'] },
  9: { topic: ['🎉', 'rose'] },
  10: { topic: ['💬', 'green'], details: chatLines, redact: redactChat },
  11: { topic: ['🎬', 'violet'] },
  12: { topic: ['‼️', 'red'] },
  13: { topic: ['👑', 'violet'] },
  15: { topic: ['🖨', 'yellow'], urgentStatuses: ['FAILED'], isOrderStep: true },
  16: { topic: ['👮‍♂️', 'red'] },
  20: { topic: ['📝', 'yellow'] },
  21: { topic: ['🚂', 'yellow'] },
  22: { topic: ['💰', 'yellow'] },
  23: { topic: ['📆', 'blue'] },
  24: { topic: ['🚗', 'blue'] },
  25: { topic: ['📁', 'yellow'], urgentStatuses: ['FAILED'] },
  28: { topic: ['⁉️', 'red'] },
  29: { topic: ['💸', 'rose'] },
  30: {
    topic: ['🛃', 'blue'],
    urgentStatuses: [
      'LOGISTICS_PICKUP_RETRY',
      'LOGISTICS_PICKUP_FAILED',
      'LOGISTICS_DELIVERY_FAILED',
      'LOGISTICS_REQUEST_CANCELED',
      'LOGISTICS_COD_REJECTED',
      'LOGISTICS_LOST',
    ],
    isOrderStep: true,
  },
  36: { topic: ['🧮', 'yellow'] },
  37: { topic: ['🏁', 'blue'] },
  38: { topic: ['📺', 'violet'] },
  47: { topic: ['✍️', 'blue'], isOrderStep: true },
};

/** How this event code is shown. */
export function getRenderer(code: number): EventRenderer {
  return renderers[code] ?? {};
}

/** Whether somebody has to act: cancellations, returns, penalties, violations, failed documents, failed deliveries. */
export function isUrgent({ code, data }: Push): boolean {
  const { urgentStatuses } = getRenderer(code);
  if (urgentStatuses === undefined) return getEventType(code).urgent;
  const status = data['status'] ?? data['fulfillment_status'];
  return typeof status === 'string' && urgentStatuses.includes(status);
}

/** The short label of an event: its status, else its title. */
export function shortLabel(view: EventView): string {
  const { code, data } = view.push;
  const label = getRenderer(code).label?.(view);
  if (label !== undefined) return label;
  const own = data['status'] ?? data['fulfillment_status'] ?? data['action'] ?? data['booking_status'];
  return typeof own === 'string' && own !== '' ? own : getEventType(code).title;
}
