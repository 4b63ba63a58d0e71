import { PeriodicTask, type PeriodicTaskOptions } from '@shopee-webhook/runtime';
import type { Queue } from './queue.ts';

const batchSize = 1_000;

/** Moves due retries back to the queue, at each tick all of them. */
export function createPromoter(queue: Queue, { logger }: Pick<PeriodicTaskOptions, 'logger'>): PeriodicTask {
  const run = async () => {
    let moved = batchSize;
    while (moved === batchSize) moved = await queue.promoteDue(batchSize);
  };
  return new PeriodicTask({ name: 'promoter', intervalMs: 500, run, logger });
}
