import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time, as an argument, so that a test can set it. Intervals are measured by `monotonicMs`, which no correction of the system
 * clock changes; `wallMs` is for people and for other programs.
 */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
