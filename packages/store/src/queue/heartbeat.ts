import { PeriodicTask, type PeriodicTaskOptions } from '@shopee-webhook/runtime';
import type { Queue } from './queue.ts';

/** Renews the leases of this process' consumers, three times within a lease. */
export function createHeartbeat(
  queue: Queue,
  consumers: string[],
  { logger }: Pick<PeriodicTaskOptions, 'logger'>,
): PeriodicTask {
  const run = () => queue.heartbeat(consumers);
  return new PeriodicTask({ name: 'heartbeat', intervalMs: Math.floor(queue.leaseMs / 3), run, logger });
}
