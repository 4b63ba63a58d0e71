import { setTimeout as sleep } from 'node:timers/promises';
import { shopOutageOf } from '../outages/side-outages.ts';

export interface PatienceOptions {
  signal: AbortSignal;
  /** Before the first repeat, ms; then twice as long each time, up to half a minute. */
  firstWaitMs?: number;
  /** Calls in all; what names its own time, as the daily limit does, is waited for however often. */
  tries?: number;
  now?: () => number;
}

const longestWaitMs = 30_000;
/** These do not pass by themselves. */
const lasting = new Set(['not-authorized', 'operator-must-act', 'unknown-shop']);

/** Whether a person must act before Shopee serves this shop again. */
export function isLasting(error: unknown): boolean {
  return lasting.has(shopOutageOf(error)?.why ?? '');
}

/** Makes a call again while Shopee is in trouble that passes: a run of hours must not end with one answer that is torn. */
export async function patiently<T>(call: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { signal, firstWaitMs = 500, tries = 8, now = Date.now } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const outage = shopOutageOf(error, now());
      const passes = outage !== undefined && !lasting.has(outage.why) && !signal.aborted;
      if (!passes || (outage.retryAt === undefined && attempt >= tries)) throw error;
      const waitMs =
        outage.retryAt === undefined
          ? Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1))
          : Math.max(0, outage.retryAt - now());
      // The signal ends the wait; the next look at it ends the run.
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
