import { createPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from './periodic-task.ts';
import type { Queue } from './queue.ts';
import type { ReclaimResult } from './lease-reclaimer.ts';

export interface ReaperOptions extends Partial<PeriodicTaskOptions> {
  onReclaimed?: ((returned: ReclaimResult) => void) | undefined;
  /** A clock that never goes back, ms. */
  clock?: (() => number) | undefined;
}

const ticksBetweenOrphanScans = 4_000;

/**
 * Gives back what dead consumers hold. With a lease of 15 s and a round every half second a message is in another's
 * hand at most 16 s after its consumer died. After a time without Redis, or asleep, it waits half a lease: the others could
 * not say that they are alive either, and do so first.
 */
export function createReaper(queue: Queue, options: ReaperOptions = {}): PeriodicTask {
  const { onReclaimed, clock = () => performance.now(), intervalMs = 500, onError } = options;
  const graceMs = queue.leaseMs / 2;
  const longTickMs = Math.max(graceMs, intervalMs * 3);
  let ticks = 0;
  let lastTick: number | undefined;
  let waitUntil = 0;
  const tick = async () => {
    if (lastTick !== undefined && clock() - lastTick > longTickMs) waitUntil = clock() + graceMs;
    // At the start, and then about every half hour: it looks at all keys.
    if (ticks % ticksBetweenOrphanScans === 0) await queue.recoverOrphans();
    ticks++;
    const reclaimed = await (clock() < waitUntil ? queue.now().then(() => nothing) : queue.reap());
    lastTick = clock();
    if (reclaimed.requeued + reclaimed.deadLettered > 0) onReclaimed?.(reclaimed);
  };
  return createPeriodicTask(tick, { intervalMs, onError });
}

const nothing: ReclaimResult = { requeued: 0, deadLettered: 0 };
