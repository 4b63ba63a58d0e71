import { UpstreamUnavailableError } from './errors.ts';
import type { CircuitBreaker, Permit } from './circuit-breaker.ts';

/** What an error says about the upstream that was called. */
export interface Outage {
  /** A code for statistics: `outage`, `rate-limit`, `unknown-shop`… */
  reason: string;
  /** By the upstream's own response, ms. */
  retryAfterMs?: number | undefined;
}

/**
 * Makes a call and reports its result to the circuit breaker. An outage becomes an UpstreamUnavailableError that names
 * the time of the next attempt; any other error is rethrown and says nothing about the upstream.
 */
export async function callThroughBreaker<T>(
  {
    breaker,
    permit,
    classify,
  }: { breaker: CircuitBreaker; permit: Permit; classify: (error: unknown) => Outage | undefined },
  call: () => Promise<T>,
): Promise<T> {
  try {
    const result = await call();
    permit.succeeded();
    return result;
  } catch (error) {
    const outage = classify(error);
    if (outage === undefined) throw error;
    permit.failed(error, outage.retryAfterMs);
    throw new UpstreamUnavailableError(breaker.upstream, outage.reason, {
      retryAfterMs: breaker.retryMs(),
      cause: error,
    });
  }
}
