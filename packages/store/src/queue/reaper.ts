import { PeriodicTask, systemClock, type PeriodicTaskOptions } from '@shopee-webhook/runtime';
import type { Queue } from './queue.ts';
import type { ReclaimResult } from './lease-reclaimer.ts';

export interface ReaperOptions extends Pick<PeriodicTaskOptions, 'logger'> {
  intervalMs?: number | undefined;
  onReclaimed?: ((reclaimed: ReclaimResult) => void) | undefined;
  /** Monotonic, ms. */
  clock?: (() => number) | undefined;
}

const ticksBetweenOrphanChecks = 4_000;
/** Less than that is a clock that was adjusted. */
const clockStepToleranceMs = 5_000;

/**
 * Requeues what dead consumers had in flight. With a lease of 15 s and a tick every half second, another consumer has a message
 * at most 16 s after its consumer died. After an outage of Redis, a suspension or a step of the server's clock it waits half a
 * lease first, in which live consumers renew theirs.
 */
export function createReaper(queue: Queue, options: ReaperOptions): PeriodicTask {
  const { onReclaimed, clock = systemClock.monotonicMs, intervalMs = 500, logger } = options;
  const graceMs = queue.leaseMs / 2;
  const longTickMs = Math.max(graceMs, intervalMs * 3);
  let ticks = 0;
  let last: { at: number; difference: number } | undefined;
  let waitUntil = 0;
  const run = async () => {
    // At the start, and then about every half hour.
    if (ticks % ticksBetweenOrphanChecks === 0) await queue.recoverOrphans();
    ticks++;
    const startedAt = clock();
    const difference = (await queue.now()) - startedAt;
    const hasGap = last !== undefined && startedAt - last.at > longTickMs;
    const hasStep = last !== undefined && Math.abs(difference - last.difference) > clockStepToleranceMs;
    if (hasGap || hasStep) waitUntil = startedAt + graceMs;
    last = { at: clock(), difference };
    if (last.at < waitUntil) return;
    const reclaimed = await queue.reap();
    last.at = clock();
    if (reclaimed.requeued + reclaimed.deadLettered > 0) onReclaimed?.(reclaimed);
  };
  return new PeriodicTask({ name: 'reaper', intervalMs, run, logger });
}
