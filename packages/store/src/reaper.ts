import { createChore, type Chore, type ChoreOptions } from './chore.ts';
import type { Queue } from './queue.ts';
import type { Returned } from './returns.ts';

const roundsBetweenAdoptions = 1_000;

/**
 * Gives back what dead consumers hold. With a lease of 15 s and a round every 2 s a message is in another's hand
 * at most 18 s after its consumer died.
 */
export function createReaper(
  queue: Queue,
  options: Partial<ChoreOptions> & { onReturned?: ((returned: Returned) => void) | undefined } = {},
): Chore {
  const { onReturned, ...rest } = options;
  let rounds = 0;
  const round = async () => {
    // At the start, and then about every half hour: it looks at all keys.
    if (rounds % roundsBetweenAdoptions === 0) await queue.adoptOrphans();
    rounds++;
    const returned = await queue.reap();
    if (returned.returned + returned.deadLettered > 0) onReturned?.(returned);
  };
  return createChore(round, { everyMs: 2_000, ...rest });
}
