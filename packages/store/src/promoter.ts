import { createChore, type Chore, type ChoreOptions } from './chore.ts';
import type { Queue } from './queue.ts';

const chunk = 1_000;

/** Moves due retries back into the line, all that are due at each round. */
export function createPromoter(queue: Queue, options: Partial<ChoreOptions> = {}): Chore {
  const round = async () => {
    let moved = chunk;
    while (moved === chunk) moved = await queue.promote(chunk);
  };
  return createChore(round, { everyMs: 500, ...options });
}
