import type { Clock } from '@shopee-webhook/runtime';
import { orderSnOf, parsePush, type Push } from '@shopee-webhook/shopee';
import { Notification, type Delivery } from '@shopee-webhook/store';
import type { TelegramConfig } from '../config/config.ts';
import { getDigestMode } from '@shopee-webhook/runtime';
import { toEventView, type FormatContext } from '../format/event.ts';
import { isQuiet } from '../config/quiet-hours.ts';
import { getRenderer, isUrgent } from '../format/event-renderers.ts';
import type { Priority, QueuedNotification, TopicKey } from '../messages/outgoing.ts';

export interface RoutingDeps {
  config: TelegramConfig;
  context: FormatContext;
  clock: Clock;
}

/** Parses a notification and decides its chat, topic and priority. Throws when it is malformed. */
export function route(payloadText: string, delivery: Delivery | undefined, deps: RoutingDeps): QueuedNotification {
  const notification = Notification.parse(JSON.parse(payloadText));
  const { config } = deps;
  const enqueuedAt = delivery?.metadata.enqueued_at ?? notification.at;
  const since = deps.clock.monotonicMs() - Math.max(0, deps.clock.wallMs() - enqueuedAt);
  if (notification.kind === 'alert') {
    const topic: TopicKey = 'system';
    const priority: Priority = notification.severity === 'info' || notification.status === 'resolved' ? 2 : 0;
    const content = { kind: 'alert' as const, alert: notification };
    return {
      delivery,
      content,
      chat: config.chatId,
      topic,
      priority,
      digest: 'auto',
      orderThread: undefined,
      enqueuedAt,
      since,
    };
  }
  const push = parsePush(notification.pushText);
  const orderThread = config.mode === 'edit' ? getOrderThread(push, notification.shopId) : undefined;
  return {
    delivery,
    content: { kind: 'event', view: toEventView(notification, push, deps.context) },
    chat: getChat(config, notification.shopId),
    topic: orderThread === undefined ? `${push.code}` : '3',
    priority: isUrgent(push) ? 1 : 2,
    digest: getDigestMode(config.digest, push.code),
    orderThread,
    enqueuedAt,
    since,
  };
}

function getOrderThread(push: Push, shopId = ''): string | undefined {
  const sn = getRenderer(push.code).isOrderStep === true ? orderSnOf(push) : undefined;
  return sn === undefined ? undefined : `${shopId}|${sn}`;
}

function getChat(config: TelegramConfig, shopId: string | undefined): string {
  return (shopId === undefined ? undefined : config.shopChats.get(shopId)) ?? config.chatId;
}

/** Whether a message is silent: routine ones always, in quiet hours all but critical alerts. */
export function isSilent(items: readonly QueuedNotification[], { config, context, clock }: RoutingDeps): boolean {
  return items.every(({ content, priority }) => {
    if (priority === 2) return true;
    if (content.kind === 'alert' && content.alert.severity === 'critical') return false;
    return isQuiet(config.quiet, clock.wallMs(), content.kind === 'event' ? content.view.zone : context.ownZone());
  });
}

/** The push of an event; undefined for an alert. */
export function getPush({ content }: QueuedNotification): Push | undefined {
  return content.kind === 'event' ? content.view.push : undefined;
}
