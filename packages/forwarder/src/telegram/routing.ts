import { orderSnOf, parsePush, type Push } from '@shopee-webhook/shopee';
import { Notification, type Delivery } from '@shopee-webhook/store';
import type { TelegramConfig } from './config.ts';
import { digestModeOf } from './digest-plan.ts';
import { viewOf, type FormatContext } from './format/event.ts';
import { tierOf } from './format/urgency.ts';
import { isQuiet } from './quiet-hours.ts';
import type { TopicKey } from './chat/topic-specs.ts';
import type { Waiting } from './waiting.ts';

export interface RoutingParts {
  config: TelegramConfig;
  context: FormatContext;
}

/** Codes that tell of an order's way: with TELEGRAM_MODE=edit they share the order's one message. */
const orderWay = new Set([3, 4, 15, 30, 47]);

/** Reads a notification and decides where it goes and how urgent it is. Throws when it cannot be read. */
export function route(payloadText: string, delivery: Delivery | undefined, parts: RoutingParts): Waiting {
  const notification = Notification.parse(JSON.parse(payloadText));
  const { config } = parts;
  const since = delivery?.metadata.enqueued_at ?? notification.at;
  if (notification.kind === 'alarm') {
    const topic: TopicKey = 'system';
    const tier = tierOf(notification, undefined);
    const content = { kind: 'alarm' as const, alarm: notification };
    return { delivery, content, chat: config.chatId, topic, tier, digest: 'auto', follows: undefined, since };
  }
  const push = parsePush(notification.pushText);
  const follows = config.mode === 'edit' && orderWay.has(push.code) ? orderSnOf(push) : undefined;
  return {
    delivery,
    content: { kind: 'event', view: viewOf(notification, push, parts.context) },
    chat: chatOf(config, notification.shopId),
    topic: follows === undefined ? `${push.code}` : '3',
    tier: tierOf(notification, push),
    digest: digestModeOf(config.digest, push.code),
    follows,
    since,
  };
}

function chatOf(config: TelegramConfig, shopId: string | undefined): string {
  return (shopId === undefined ? undefined : config.shopChats.get(shopId)) ?? config.chatId;
}

/** Whether a message comes without a sound: routine ones always, in quiet hours all but our critical alarms. */
export function isSilent(items: readonly Waiting[], { config, context }: RoutingParts, now: number): boolean {
  return items.every(({ content, tier }) => {
    if (tier === 2) return true;
    if (content.kind === 'alarm' && content.alarm.severity === 'critical') return false;
    return isQuiet(config.quiet, now, content.kind === 'event' ? content.view.zone : context.ownZone());
  });
}

/** The push of an event; undefined for an alarm. */
export function pushOf({ content }: Waiting): Push | undefined {
  return content.kind === 'event' ? content.view.push : undefined;
}
