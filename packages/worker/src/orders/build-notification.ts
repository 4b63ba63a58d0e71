import { summarizeOrder } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import type { FetchedOrder } from './order-source.ts';
import type { ParsedEvent } from './parsed-event.ts';

/** The location of an order's row, and its previous status. */
export interface RowLocation {
  row?: { spreadsheetId: string; sheetId: number; row: number };
  previousStatus?: string | undefined;
}

/** Messages of our own jobs: a backfill must not send a chat message per order. */
const sourcesWithoutNotification: readonly string[] = ['reconcile', 'backfill', 'refresh', 'payout'];

/** The Telegram notification of an event, with its order if one was fetched; undefined for our own jobs. */
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
