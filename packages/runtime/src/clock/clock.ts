import { setTimeout as delay } from 'node:timers/promises';

/**
 * The two clocks that all code tells time by, as an argument where a test sets them. An interval is measured by `monotonicMs`,
 * which no correction of the system clock changes; `wallMs` may step either way, and is for people and for other programs.
 */
export interface Clock {
  /** Milliseconds since the process started, so another process's say nothing; never goes back. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Resolves after `ms`, or earlier, without an error, when the signal is aborted. Keeps no process alive. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { ref: false, ...(signal !== undefined && { signal }) });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
