import { orderSnOf, parsePush, type Push } from '@shopee-webhook/shopee';
import type { ActivityEntry, Delivery } from '@shopee-webhook/store';

/** A delivery with its push read. */
export interface ParsedEvent {
  delivery: Delivery;
  push: Push;
  orderSn: string | undefined;
  activity: ActivityEntry[];
}

/** The pushes of one order in a batch: they cost one fetch and one row. */
export interface OrderGroup {
  orderSn: string;
  events: ParsedEvent[];
}

/** Reads a delivery's push; throws NotAPushError. */
export function parseEvent(delivery: Delivery, now: number = Date.now()): ParsedEvent {
  const push = parsePush(delivery.payloadText);
  const event: ParsedEvent = { delivery, push, orderSn: orderSnOf(push), activity: [] };
  recordActivity(event, { step: 'taken', at: now });
  return event;
}

/** Notes what happened to the event; recorded together with the outcome. */
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
