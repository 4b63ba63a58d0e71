import type { Outbox } from '../../outbox.ts';

/** What a chat that is lost for days may leave in the outbox; some 20 MB of Redis' memory. */
const maxWaiting = 50_000;
const atOnce = 200;

/**
 * Throws away the oldest notifications while far too many wait for a chat that cannot be reached: they must not fill
 * the Redis that the pushes need. The events themselves are in the sheet and on the dashboard. Gives how many.
 */
export async function shedOldest(outbox: Outbox, consumer: string, signal: AbortSignal): Promise<number> {
  const depth = (await outbox.depth?.()) ?? 0;
  if (depth <= maxWaiting) return 0;
  const deliveries = await outbox.take(consumer, { max: Math.min(atOnce, depth - maxWaiting), blockMs: 1, signal });
  await outbox.settle(
    consumer,
    deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' } })),
  );
  return deliveries.length;
}
