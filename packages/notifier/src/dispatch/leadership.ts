import { PeriodicTask, type Logger } from '@shopee-webhook/runtime';
import type { Lease } from '@shopee-webhook/store';
import type { Outbox } from '../outbox/outbox.ts';

/**
 * Runs the work while this process is the leader: renews the lock and the outbox lease, and aborts the work when the lock
 * is lost or the outbox is no longer active. Finally releases the lock.
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
  const run = async () => {
    try {
      await outbox.heartbeat?.(consumer);
      if (!isOpen() || !(await lease.renew())) lost.abort();
    } catch (error) {
      if (!lease.held) lost.abort();
      throw error;
    }
  };
  const beat = new PeriodicTask({ name: 'leadership', intervalMs: leaderLeaseMs / 3, run, logger });
  beat.start();
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    await beat.stop();
    // Both expire on their own when Redis is unavailable.
    await outbox.releaseConsumer?.(consumer).catch((err: unknown) => logger.debug({ err }, 'could not end lease'));
    await lease.release().catch((err: unknown) => logger.debug({ err }, 'could not release lock'));
  }
}
