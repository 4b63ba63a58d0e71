import type { Delivery, Settlement } from '@shopee-webhook/store';
import type { Outbox } from './outbox.ts';

/** Requeues what was not sent, unchanged, without counting a delivery. */
export async function requeue(outbox: Outbox, consumer: string, deliveries: Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  if (outbox.requeue !== undefined) await outbox.requeue(consumer, deliveries);
  else await outbox.settle(consumer, deliveries.map(toUncountedRetry));
}

function toUncountedRetry(delivery: Delivery): Settlement {
  const outcome = { kind: 'retry' as const, delayMs: 0, reason: 'not-sent', error: '', countsAsFailure: false };
  return { delivery, outcome };
}
