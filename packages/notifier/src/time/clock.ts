import { setTimeout as sleep } from 'node:timers/promises';

/** The notifier's two clocks; a test's may run faster. Wall time is for people and outside services only: it may step. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** ms, for intervals: never steps. */
  monotonic(): number;
  /** Resolves after `ms`, or earlier, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { ref: false, ...(signal !== undefined && { signal }) });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
