import { systemClock } from '@shopee-webhook/runtime';
import { orderSnOf, parsePush, type Push } from '@shopee-webhook/shopee';
import type { ActivityEntry, Delivery, Notification } from '@shopee-webhook/store';

/** A delivery with its push parsed, once for the whole process. */
export interface ParsedEvent {
  delivery: Delivery;
  push: Push;
  orderSn: string | undefined;
  activity: ActivityEntry[];
}

/** The events of one order in a batch: they cost one fetch and one row. */
export interface OrderGroup {
  orderSn: string;
  events: ParsedEvent[];
}

/** The result of one delivery. `activity` is recorded together with its outcome. */
export type HandlerResult =
  | { kind: 'done'; notification?: Notification | undefined; activity?: ActivityEntry[] }
  | { kind: 'failed'; error: unknown; activity?: ActivityEntry[] };

/** Parses a delivery's push; throws MalformedPushError. */
export function parseEvent(delivery: Delivery): ParsedEvent {
  const push = parsePush(delivery.payloadText);
  const event: ParsedEvent = { delivery, push, orderSn: orderSnOf(push), activity: [] };
  recordActivity(event, { step: 'taken', at: systemClock.wallMs() });
  return event;
}

/** Adds an activity entry of the event. */
export function recordActivity(event: ParsedEvent, entry: Omit<ActivityEntry, 'id'>): void {
  const { delivery, push, orderSn } = event;
  event.activity.push({
    id: delivery.id,
    code: push.code,
    attempt: delivery.attempt,
    ...(push.shopId === undefined ? {} : { shop: push.shopId }),
    ...(orderSn === undefined ? {} : { sn: orderSn }),
    ...entry,
  });
}
