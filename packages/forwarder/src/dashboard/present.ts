import { eventOf } from '@shopee-webhook/shopee';
import type { ActivityEntry } from '@shopee-webhook/store';
import type { EventRow, StepRow } from '../history/rows.ts';
import { StepName, type EventItem, type EventStep, type LiveStep } from './api-types.ts';

/** The history's row as the list shows it. */
export function eventItemOf(row: EventRow, nameOf: (shop: string | null) => string | null): EventItem {
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
    ...titleOf(code),
    shopName: nameOf(shop),
    notified: row.notified === 1,
    row: row.row,
    ackMs: row.ack_ms,
    handleMs: row.handle_ms,
    lastAt: row.last_at,
  };
}

/** How an event code is called. */
export function titleOf(code: number | null | undefined): { title: string; emoji: string } {
  if (code == null) return { title: 'Unknown event', emoji: '❔' };
  const { title, emoji } = eventOf(code);
  return { title, emoji };
}

export function eventStepOf({ at, step, ms, attempt, row, reason, error }: StepRow): EventStep {
  return { at, step: StepName.parse(step), ms, attempt, row, reason, error };
}

export function liveStepOf(entry: ActivityEntry): LiveStep {
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
