import { setTimeout as sleep } from 'node:timers/promises';
import { classifyShopError } from '../upstreams/classify-outage.ts';

export interface RetryOptions {
  signal: AbortSignal;
  /** Delay before the first retry, ms; doubles each time, up to half a minute. */
  initialBackoffMs?: number;
  /** Maximum calls; an outage that names its end, as the daily limit does, is waited for regardless. */
  maxAttempts?: number;
}

const maxBackoffMs = 30_000;
/** These do not resolve by themselves. */
const permanentReasons = new Set(['not-authorized', 'operator-must-act', 'unknown-shop']);

/** Whether an operator must act before Shopee serves this shop again. */
export function needsOperator(error: unknown): boolean {
  return permanentReasons.has(classifyShopError(error)?.reason ?? '');
}

/**
 * Retries a call during transient outages of Shopee: a run of hours must not end with one torn response. Not p-retry: the error
 * itself says whether to wait, and until when.
 */
export async function retryTransient<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, initialBackoffMs = 500, maxAttempts = 8 } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const outage = classifyShopError(error);
      const isTransient = outage !== undefined && !permanentReasons.has(outage.reason) && !signal.aborted;
      if (!isTransient || (outage.retryAfterMs === undefined && attempt >= maxAttempts)) throw error;
      const waitMs = outage.retryAfterMs ?? Math.min(maxBackoffMs, initialBackoffMs * 2 ** (attempt - 1));
      // The signal ends the wait; the check below ends the run.
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
