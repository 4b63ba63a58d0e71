import type { Logger } from '@shopee-webhook/runtime';
import { createPeriodicTask, type Lease } from '@shopee-webhook/store';
import type { Outbox } from '../outbox/outbox.ts';

/**
 * Works while we are the one sender: renews the lock and the lease on what is in hand, and ends the work when the lock
 * is lost or another outbox has its turn. In the end gives the lock up.
 */
export async function runWhileLeader(
  parts: {
    lease: Lease;
    outbox: Outbox;
    consumer: string;
    logger: Logger;
    isOpen: () => boolean;
    leaderLeaseMs: number;
  },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { lease, outbox, consumer, logger, isOpen, leaderLeaseMs } = parts;
  const lost = new AbortController();
  const renewal = async () => {
    await outbox.heartbeat?.(consumer);
    if (!isOpen() || !(await lease.renew())) lost.abort();
  };
  const beat = createPeriodicTask(renewal, {
    intervalMs: leaderLeaseMs / 3,
    onError: (err) => {
      if (err !== undefined && !lease.held) lost.abort();
    },
  });
  beat.start();
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    await beat.stop();
    // Both end by themselves when Redis is away.
    await outbox.releaseConsumer?.(consumer).catch((err: unknown) => logger.debug({ err }, 'lease not ended'));
    await lease.release().catch((err: unknown) => logger.debug({ err }, 'lock not released'));
  }
}
