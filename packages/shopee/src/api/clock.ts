import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time, as an argument for tests; a service's own clock fits. Intervals are monotonic: a clock that steps neither holds calls
 * up nor lets them out.
 */
export interface ApiClock {
  readonly monotonicMs: () => number;
  /** For the times that Shopee names and is named. */
  readonly wallMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** As this package stands alone, it has the system's two clocks in this file, like `runtime` for all others. */
export const systemClock: ApiClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms) => delay(ms),
};
