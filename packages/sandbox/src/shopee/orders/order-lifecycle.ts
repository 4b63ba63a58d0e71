import { documentPush, packagePushes, stockPush, trackingPushes } from './order-pushes.ts';
import type { OrderContent } from './order-content.ts';
import type { OrderRecord, OrderStatus, PushBody, ReturnRecord } from './order-record.ts';

/** One step of an order's life. */
export interface Step {
  status: OrderStatus;
  /** Sets what else changes; the record has its new update_time already. */
  apply?: (record: OrderRecord, content: OrderContent) => void;
  /** The pushes after the one that reports the status. */
  pushes?: (record: OrderRecord, content: OrderContent) => PushBody[];
}

const paid: Step = {
  status: 'READY_TO_SHIP',
  apply: (record) => {
    if (record.payTime === 0) record.payTime = record.updateTime;
  },
};

const arranged: Step = {
  status: 'PROCESSED',
  apply: (record) => {
    record.arrangedTime = record.updateTime;
  },
  pushes: (record, content) => [
    ...trackingPushes(record, content),
    ...packagePushes(record, content, 'LOGISTICS_REQUEST_CREATED'),
    documentPush(record, content),
  ],
};

const pickedUp: Step = {
  status: 'SHIPPED',
  apply: (record) => {
    record.pickupTime = record.updateTime;
  },
  pushes: (record, content) => packagePushes(record, content, 'LOGISTICS_PICKUP_DONE'),
};

const delivered: Step = {
  status: 'TO_CONFIRM_RECEIVE',
  apply: (record, content) => {
    // Cash on delivery is paid at the door, after the pick-up.
    if (content.cod) record.payTime = record.updateTime;
  },
  pushes: (record, content) => packagePushes(record, content, 'LOGISTICS_DELIVERY_DONE'),
};

const received: Step = {
  status: 'COMPLETED',
  apply: (record) => {
    record.scenario = 'NORMAL';
  },
};

/** An order is cancelled for good; stock of a promotion comes back. */
export const cancelled: Step = {
  status: 'CANCELLED',
  pushes: (record, content) => stockPush(record, content, 'cancel_order'),
};

/** The carrier could not deliver it. */
export const undelivered: Step = {
  status: 'CANCELLED',
  pushes: (record, content) => packagePushes(record, content, 'LOGISTICS_DELIVERY_FAILED'),
};

/** The carrier lost it. */
export const lost: Step = {
  status: 'CANCELLED',
  pushes: (record, content) => packagePushes(record, content, 'LOGISTICS_LOST'),
};

/** The carrier could not pick the parcel up. */
export const pickupFailed: Step = {
  status: 'RETRY_SHIP',
  pushes: (record, content) => packagePushes(record, content, 'LOGISTICS_PICKUP_RETRY'),
};

/** What comes next when all goes well; nothing after COMPLETED and CANCELLED, and TO_RETURN ends with its return. */
export const nextSteps: Partial<Record<OrderStatus, Step>> = {
  UNPAID: paid,
  PENDING: paid,
  READY_TO_SHIP: arranged,
  RETRY_SHIP: arranged,
  PROCESSED: pickedUp,
  SHIPPED: delivered,
  TO_CONFIRM_RECEIVE: received,
  IN_CANCEL: cancelled,
};

/** What follows a return's status until the money is back. */
export const nextReturnStatus: Partial<Record<ReturnRecord['status'], ReturnRecord['status']>> = {
  REQUESTED: 'ACCEPTED',
  ACCEPTED: 'PROCESSING',
  PROCESSING: 'CLOSED',
  JUDGING: 'PROCESSING',
  SELLER_DISPUTE: 'JUDGING',
};

export const cancellable: ReadonlySet<OrderStatus> = new Set([
  'UNPAID',
  'PENDING',
  'READY_TO_SHIP',
  'PROCESSED',
  'RETRY_SHIP',
]);

export const returnable: ReadonlySet<OrderStatus> = new Set(['SHIPPED', 'TO_CONFIRM_RECEIVE', 'COMPLETED']);

/** By when the seller has to ship. */
export function shipByOf(record: OrderRecord, content: OrderContent): number {
  const from = record.payTime === 0 || content.cod ? record.createTime : record.payTime;
  return from + content.daysToShip * 86_400 + record.extension;
}
