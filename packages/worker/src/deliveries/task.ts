import { orderSnOf, parsePush, type Push } from '@shopee-webhook/shopee';
import type { ActivityStep, Delivery } from '@shopee-webhook/store';

/** A delivery with its push read. */
export interface Task {
  delivery: Delivery;
  push: Push;
  orderSn: string | undefined;
  steps: ActivityStep[];
}

/** The pushes of one order in a batch: they cost one fetch and one row. */
export interface OrderGroup {
  orderSn: string;
  tasks: Task[];
}

/** Reads a delivery's push; throws NotAPushError. */
export function taskOf(delivery: Delivery, now: number = Date.now()): Task {
  const push = parsePush(delivery.payloadText);
  const task: Task = { delivery, push, orderSn: orderSnOf(push), steps: [] };
  addStep(task, { step: 'taken', at: now });
  return task;
}

/** Notes what happened to the event; recorded together with the outcome. */
export function addStep(task: Task, step: Omit<ActivityStep, 'id'>): void {
  const { delivery, push, orderSn } = task;
  task.steps.push({
    id: delivery.id,
    code: push.code,
    attempt: delivery.attempt,
    ...(push.shopId === undefined ? {} : { shop: push.shopId }),
    ...(orderSn === undefined ? {} : { sn: orderSn }),
    ...step,
  });
}
