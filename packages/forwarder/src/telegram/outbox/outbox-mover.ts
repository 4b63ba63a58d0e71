import type { Queue } from '@shopee-webhook/store';
import type { Outbox } from '../../outbox.ts';
import { putBack } from './put-back.ts';

const consumer = 'mover';

/**
 * Moves what this process keeps on disk (its alarms, alerts from while Redis was away) into the outbox in Redis, where
 * the one sender finds it. Its id there keeps it from being moved twice by a crash between the two, or an answer of Redis that did not come.
 * Gives how many.
 */
export async function moveOutbox(local: Outbox, queue: Pick<Queue, 'enqueue'>): Promise<number> {
  const deliveries = await local.take(consumer, { max: 100, blockMs: 0 });
  for (const [index, delivery] of deliveries.entries()) {
    try {
      await queue.enqueue(delivery.payloadText, {
        enqueuedAt: delivery.metadata.enqueued_at,
        source: 'spool',
        digest: delivery.id,
      });
    } catch (error) {
      await putBack(local, consumer, deliveries.slice(index));
      throw error;
    }
    await local.settle(consumer, [{ delivery, outcome: { kind: 'ack' } }]);
  }
  return deliveries.length;
}
