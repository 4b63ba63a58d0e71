import { createChore, type Chore, type ChoreOptions } from './chore.ts';
import type { Queue } from './queue.ts';

/** Renews the leases of this process' consumers, three times within a lease. */
export function createHeartbeat(queue: Queue, consumers: string[], options: Partial<ChoreOptions> = {}): Chore {
  return createChore(() => queue.heartbeat(consumers), { everyMs: Math.floor(queue.leaseMs / 3), ...options });
}
