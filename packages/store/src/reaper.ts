import { createChore, type Chore, type ChoreOptions } from './chore.ts';
import type { Queue, Returned } from './queue.ts';

/**
 * Gives back what dead consumers hold. With a lease of 15 s and a round every 2 s a message is in another's hand
 * at most 18 s after its consumer died.
 */
export function createReaper(
  queue: Queue,
  options: Partial<ChoreOptions> & { onReturned?: (returned: Returned) => void } = {},
): Chore {
  const { onReturned, ...rest } = options;
  const round = async () => {
    const returned = await queue.reap();
    if (returned.returned + returned.deadLettered > 0) onReturned?.(returned);
  };
  return createChore(round, { everyMs: 2_000, ...rest });
}
