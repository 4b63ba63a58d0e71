import { createPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from './periodic-task.ts';
import type { Queue } from './queue.ts';

/** Renews the leases of this process' consumers, three times within a lease. */
export function createHeartbeat(
  queue: Queue,
  consumers: string[],
  options: Partial<PeriodicTaskOptions> = {},
): PeriodicTask {
  return createPeriodicTask(() => queue.heartbeat(consumers), {
    intervalMs: Math.floor(queue.leaseMs / 3),
    ...options,
  });
}
