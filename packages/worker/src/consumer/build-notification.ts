import { summarizeOrder } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import type { FetchedOrder } from '../orders/order-row.ts';
import type { ParsedEvent } from './parsed-event.ts';

/** Where an order's row stands, and what its status was before. */
export interface RowLocation {
  row?: { spreadsheetId: string; sheetId: number; row: number };
  previousStatus?: string | undefined;
}

/** Messages that our own jobs made; nobody wants a chat message for each order of a backfill. */
const sourcesWithoutNotification: readonly string[] = ['reconcile', 'backfill', 'refresh', 'payout'];

/** The Telegram notification of an event, with its order when one was fetched; undefined for silent ones. */
export function buildNotification(
  event: ParsedEvent,
  fetched?: FetchedOrder,
  location: RowLocation = {},
): EventNotification | undefined {
  const { delivery, push } = event;
  const source = delivery.metadata.source ?? 'push';
  if (sourcesWithoutNotification.includes(source)) return undefined;
  return {
    kind: 'event',
    messageId: delivery.id,
    code: push.code,
    ...(push.shopId === undefined ? {} : { shopId: push.shopId }),
    at: push.timestamp === undefined ? delivery.metadata.enqueued_at : push.timestamp * 1000,
    pushText: push.raw,
    source,
    ...(fetched === undefined ? {} : { order: toOrderSummary(fetched) }),
    ...(location.previousStatus === undefined ? {} : { previousStatus: location.previousStatus }),
    ...(location.row === undefined ? {} : { row: location.row }),
  };
}

function toOrderSummary({
  order,
  escrow,
  trackingNumbers = [],
}: FetchedOrder): NonNullable<EventNotification['order']> {
  return { ...summarizeOrder(order, escrow, { trackingNumbers }) };
}
