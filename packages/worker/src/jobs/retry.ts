import { setTimeout as sleep } from 'node:timers/promises';
import { classifyShopError } from '../upstreams/classify-outage.ts';

export interface RetryOptions {
  signal: AbortSignal;
  /** Before the first repeat, ms; then twice as long each time, up to half a minute. */
  initialBackoffMs?: number;
  /** Calls in all; what names its own time, as the daily limit does, is waited for however often. */
  maxAttempts?: number;
  now?: () => number;
}

const maxBackoffMs = 30_000;
/** These do not pass by themselves. */
const permanentReasons = new Set(['not-authorized', 'operator-must-act', 'unknown-shop']);

/** Whether a person must act before Shopee serves this shop again. */
export function needsOperator(error: unknown): boolean {
  return permanentReasons.has(classifyShopError(error)?.reason ?? '');
}

/** Makes a call again while Shopee is in trouble that passes: a run of hours must not end with one answer that is torn. */
export async function retryTransient<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, initialBackoffMs = 500, maxAttempts = 8, now = Date.now } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const outage = classifyShopError(error, now());
      const isTransient = outage !== undefined && !permanentReasons.has(outage.reason) && !signal.aborted;
      if (!isTransient || (outage.retryAt === undefined && attempt >= maxAttempts)) throw error;
      const waitMs =
        outage.retryAt === undefined
          ? Math.min(maxBackoffMs, initialBackoffMs * 2 ** (attempt - 1))
          : Math.max(0, outage.retryAt - now());
      // The signal ends the wait; the next look at it ends the run.
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
