import { getEventType, type Push } from '@shopee-webhook/shopee';
import type { Notification } from '@shopee-webhook/store';

const urgentStatuses: Record<number, readonly string[]> = {
  3: ['IN_CANCEL', 'CANCELLED', 'TO_RETURN', 'RETRY_SHIP'],
  15: ['FAILED'],
  25: ['FAILED'],
  30: [
    'LOGISTICS_PICKUP_RETRY',
    'LOGISTICS_PICKUP_FAILED',
    'LOGISTICS_DELIVERY_FAILED',
    'LOGISTICS_REQUEST_CANCELED',
    'LOGISTICS_COD_REJECTED',
    'LOGISTICS_LOST',
  ],
};

/** Whether somebody has to act: cancellations, returns, penalties, violations, failed documents, failed deliveries. */
export function isUrgent(push: Push): boolean {
  const status = push.data['status'] ?? push.data['fulfillment_status'];
  const statuses = urgentStatuses[push.code];
  if (statuses !== undefined) return typeof status === 'string' && statuses.includes(status);
  return getEventType(push.code).urgent;
}

/** 0 our own alerts, 1 events that need action, 2 everything else: the order in which a chat's budget is spent. */
export type Priority = 0 | 1 | 2;

export function priorityOf(notification: Notification, push: Push | undefined): Priority {
  if (notification.kind === 'alert')
    return notification.severity === 'info' || notification.status === 'resolved' ? 2 : 0;
  return push !== undefined && isUrgent(push) ? 1 : 2;
}
