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

export function statusLabel(status: string): string {
  const mark = statusMarks[status];
  return mark === undefined ? status : `${mark} ${status}`;
}
