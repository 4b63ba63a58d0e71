import { z } from 'zod';
import type { EventState } from './event-state.ts';

/** An event in the list. Times are ms since the epoch, durations ms. */
export interface EventRow {
  seq: number;
  id: string;
  at: number;
  code: number | null;
  shop: string | null;
  sn: string | null;
  /** Lost push, reconcile, backfill …; null = a push. */
  source: string | null;
  state: EventState;
  attempts: number;
  duplicates: number;
  notified: number;
  row: number | null;
  reason: string | null;
  error: string | null;
  ack_ms: number | null;
  handle_ms: number | null;
  last_at: number;
}

export interface StepRow {
  entry: string;
  at: number;
  step: string;
  ms: number | null;
  attempt: number | null;
  row: number | null;
  reason: string | null;
  error: string | null;
}

/** A push as this forwarder received it. */
export const ReceivedPush = z.object({
  /** The event's. */
  id: z.string(),
  at: z.number(),
  text: z.string(),
  /** The URL it was signed for; undefined when not verified. */
  url: z.string().optional(),
  signature: z.string().optional(),
  /** From the complete body to the response. */
  responseMs: z.number(),
});
export type ReceivedPush = z.infer<typeof ReceivedPush>;

/** Orders of one currency, summed. */
export interface SalesRow {
  currency: string;
  orders: number;
  cancelled: number;
  gross: number;
  net: number;
  netOrders: number;
}

/** An order as the list shows it. Times are ms since the epoch. */
export interface OrderRow {
  shop: string;
  sn: string;
  /** When it was placed; when its first event came, while that is not known. */
  at: number;
  status: string | null;
  currency: string | null;
  total: number | null;
  net: number | null;
  ship_by: number | null;
  in_sheet: 0 | 1;
  row: number | null;
}

export interface OrderTotalsRow {
  /** Null: orders that were not fetched yet. */
  currency: string | null;
  orders: number;
  /** Not in the sheet. */
  missing: number;
  gross: number;
  net: number;
  /** Neither canceled nor unpaid. */
  paidOrders: number;
  /** Those of them whose net is known: `net` is their sum. */
  netOrders: number;
}

export interface OrderFilter {
  shop?: string | undefined;
  status?: string | undefined;
  inSheet?: boolean | undefined;
  /** To be handed over before this time, ms: paid, and the carrier does not have them. */
  shipBefore?: number | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
}

export interface EventFilter {
  /** An event id, a prefix of order numbers, or words of the push. */
  search?: string | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  state?: EventState | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
}

export interface MinuteRow {
  /** Start of the bucket, ms. */
  at: number;
  received: number;
  duplicates: number;
  handled: number;
  failed: number;
  dead: number;
  notified: number;
  ackP50: number | null;
  ackP95: number | null;
  handleP50: number | null;
  handleP95: number | null;
  /** Gauges by name, averaged over the bucket. */
  gauges: Record<string, number>;
}
