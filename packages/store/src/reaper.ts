import { createChore, type Chore, type ChoreOptions } from './chore.ts';
import type { Queue } from './queue.ts';
import type { Returned } from './returns.ts';

export interface ReaperOptions extends Partial<ChoreOptions> {
  onReturned?: ((returned: Returned) => void) | undefined;
  /** A clock that never goes back, ms. */
  clock?: (() => number) | undefined;
}

const roundsBetweenAdoptions = 4_000;

/**
 * Gives back what dead consumers hold. With a lease of 15 s and a round every half second a message is in another's
 * hand at most 16 s after its consumer died. After a time without Redis, or asleep, it waits half a lease: the others could
 * not say that they are alive either, and do so first.
 */
export function createReaper(queue: Queue, options: ReaperOptions = {}): Chore {
  const { onReturned, clock = () => performance.now(), everyMs = 500, onTrouble } = options;
  const patienceMs = queue.leaseMs / 2;
  const longRoundMs = Math.max(patienceMs, everyMs * 3);
  let rounds = 0;
  let lastRound: number | undefined;
  let waitUntil = 0;
  const round = async () => {
    if (lastRound !== undefined && clock() - lastRound > longRoundMs) waitUntil = clock() + patienceMs;
    // At the start, and then about every half hour: it looks at all keys.
    if (rounds % roundsBetweenAdoptions === 0) await queue.adoptOrphans();
    rounds++;
    const returned = await (clock() < waitUntil ? queue.now().then(() => nothing) : queue.reap());
    lastRound = clock();
    if (returned.returned + returned.deadLettered > 0) onReturned?.(returned);
  };
  return createChore(round, { everyMs, onTrouble });
}

const nothing: Returned = { returned: 0, deadLettered: 0 };
