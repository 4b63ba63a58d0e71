import type { Delivery, Queue } from '@shopee-webhook/store';
import type { Outbox } from './outbox.ts';
import { requeue } from './requeue.ts';

const consumer = 'mover';

/**
 * Relays the outbox on disk (notifications from while Redis was unavailable) to the outbox in Redis, where
 * the one sender finds it. Its id deduplicates: a crash in between, or a lost response of Redis, relays it once.
 * Returns how many.
 */
export async function relayOutbox(local: Outbox, queue: Pick<Queue, 'enqueue'>): Promise<number> {
  const deliveries = await local.take(consumer, { max: 100, blockMs: 0 });
  let moved = 0;
  try {
    for (const delivery of deliveries) {
      await queue.enqueue(delivery.payloadText, {
        enqueuedAt: delivery.metadata.enqueued_at,
        source: 'spool',
        digest: delivery.id,
      });
      moved += 1;
    }
  } finally {
    await settle(local, deliveries, moved);
  }
  return deliveries.length;
}

/** Also when the disk is full: what stays in flight would be relayed only after a restart. */
async function settle(local: Outbox, deliveries: Delivery[], moved: number): Promise<void> {
  try {
    const done = deliveries.slice(0, moved).map((delivery) => ({ delivery, outcome: { kind: 'ack' as const } }));
    if (done.length > 0) await local.settle(consumer, done);
  } finally {
    await requeue(local, consumer, deliveries.slice(moved));
  }
}
