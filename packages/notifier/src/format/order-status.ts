import type { EventView } from '../messages/event-view.ts';
import { bold, escapeLine } from './html.ts';

/** Marks of Shopee's statuses; unknown ones have none. */
const statusMarks: Record<string, string> = {
  UNPAID: '🕓',
  PENDING: '🕓',
  READY_TO_SHIP: '🟡',
  PROCESSED: '🔵',
  RETRY_SHIP: '🟠',
  SHIPPED: '🚚',
  TO_CONFIRM_RECEIVE: '📬',
  COMPLETED: '✅',
  IN_CANCEL: '🟥',
  CANCELLED: '❌',
  TO_RETURN: '↩️',
};

/** A status with its mark. */
export function statusLabel(status: string): string {
  const mark = statusMarks[status];
  return mark === undefined ? status : `${mark} ${status}`;
}

/** `READY_TO_SHIP → SHIPPED`, or the status alone when no earlier one is known. */
export function previousStatusLine({ status, previousStatus }: EventView): string[] {
  if (status === undefined) return [];
  const now = bold(statusLabel(status));
  return [previousStatus === undefined ? now : `${escapeLine(statusLabel(previousStatus))} → ${now}`];
}
