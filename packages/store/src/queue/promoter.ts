import { createPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from './periodic-task.ts';
import type { Queue } from './queue.ts';

const batchSize = 1_000;

/** Moves due retries back to the queue, at each tick all of them. */
export function createPromoter(queue: Queue, options: Partial<PeriodicTaskOptions> = {}): PeriodicTask {
  const tick = async () => {
    let moved = batchSize;
    while (moved === batchSize) moved = await queue.promoteDue(batchSize);
  };
  return createPeriodicTask(tick, { intervalMs: 500, ...options });
}
