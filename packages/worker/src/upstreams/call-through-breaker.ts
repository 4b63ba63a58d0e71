import { UpstreamUnavailableError } from '../consumer/errors.ts';
import type { CircuitBreaker, Permit } from './circuit-breaker.ts';

/** What an error says about the side that was called. */
export interface Outage {
  /** A word for statistics: `outage`, `rate-limit`, `unknown-shop`… */
  reason: string;
  /** ms epoch. */
  retryAt?: number | undefined;
}

/**
 * Makes a call behind its gate and tells the gate how it went. An outage becomes a SideUnavailableError that says when
 * to come back; any other error passes as it is and says nothing about the side.
 */
export async function callThroughBreaker<T>(
  {
    gate: breaker,
    pass: permit,
    outageOf: classify,
  }: { gate: CircuitBreaker; pass: Permit; outageOf: (error: unknown) => Outage | undefined },
  call: () => Promise<T>,
): Promise<T> {
  try {
    const result = await call();
    permit.succeeded();
    return result;
  } catch (error) {
    const outage = classify(error);
    if (outage === undefined) throw error;
    permit.failed(error, outage.retryAt);
    throw new UpstreamUnavailableError(breaker.upstream, outage.reason, {
      retryAfterMs: breaker.retryMs(),
      cause: error,
    });
  }
}
