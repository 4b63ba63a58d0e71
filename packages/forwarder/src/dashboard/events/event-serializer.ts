import { getEventType } from '@shopee-webhook/shopee';
import type { StoredActivityEntry } from '@shopee-webhook/store';
import type { EventRow, StepRow } from '@shopee-webhook/history';
import {
  ActivityType,
  type EventItem,
  type EventStep,
  type LiveActivity,
} from '@shopee-webhook/contracts/dashboard-api';

/** The history's row as the list shows it. */
export function toEventItem(row: EventRow, nameOf: (shop: string | null) => string | null): EventItem {
  const { seq, id, at, code, shop, sn, state, attempts, duplicates, reason, error } = row;
  return {
    seq,
    id,
    at,
    code,
    shop,
    sn,
    state,
    attempts,
    duplicates,
    reason,
    error,
    ...eventTitle(code),
    shopName: nameOf(shop),
    notified: row.notified === 1,
    row: row.row,
    responseMs: row.ack_ms,
    processingMs: row.handle_ms,
    lastAt: row.last_at,
  };
}

/** How an event code is called. */
export function eventTitle(code: number | null | undefined): { title: string; emoji: string } {
  if (code == null) return { title: 'Unknown event', emoji: '❔' };
  const { title, emoji } = getEventType(code);
  return { title, emoji };
}

export function toEventStep({ at, step, ms, attempt, row, reason, error }: StepRow): EventStep {
  return { at, step: ActivityType.parse(step), ms, attempt, row, reason, error };
}

export function toLiveStep(entry: StoredActivityEntry): LiveActivity {
  const { id, at, step, ms, attempt, row, reason, error, code, shop, sn } = entry;
  return {
    id,
    at,
    step,
    ms: ms ?? null,
    attempt: attempt ?? null,
    row: row ?? null,
    reason: reason ?? null,
    error: error ?? null,
    code: code ?? null,
    shop: shop ?? null,
    sn: sn ?? null,
  };
}
