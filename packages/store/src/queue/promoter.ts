import { createPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from './periodic-task.ts';
import type { Queue } from './queue.ts';

const batchSize = 1_000;

/** Moves due retries back into the line, all that are due at each round. */
export function createPromoter(queue: Queue, options: Partial<PeriodicTaskOptions> = {}): PeriodicTask {
  const tick = async () => {
    let moved = batchSize;
    while (moved === batchSize) moved = await queue.promoteDue(batchSize);
  };
  return createPeriodicTask(tick, { intervalMs: 500, ...options });
}
