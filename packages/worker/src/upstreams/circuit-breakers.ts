import { UpstreamUnavailableError } from './errors.ts';
import { CircuitBreaker, type CircuitBreakerOptions, type Permit } from './circuit-breaker.ts';

/** Reason of a message that met an open circuit breaker; in Redis it is followed by the upstream's name. */
export const deferredReason = 'deferred';

export interface CircuitBreakersOptions extends Omit<CircuitBreakerOptions, 'upstream' | 'congestion'> {
  /** Maximum messages in flight of the worker; one slow upstream may occupy only its share. */
  maxMessages?: number;
}

/** A call to Shopee takes a quarter of a second; a write waits for its flush and for the quota. */
const congestedAfterMs = { shopee: 3000, sheet: 30_000 };
const maxShareOfOneUpstream = 0.6;

function congestionLimit(upstream: string, maxMessages: number): { messages: number; afterMs: number } {
  const afterMs = upstream.startsWith('sheet:') ? congestedAfterMs.sheet : congestedAfterMs.shopee;
  return { messages: Math.max(1, Math.floor(maxMessages * maxShareOfOneUpstream)), afterMs };
}

/** One circuit breaker per upstream, created on first use. */
export class CircuitBreakers {
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #options: CircuitBreakersOptions;

  constructor(options: CircuitBreakersOptions = {}) {
    this.#options = options;
  }

  get(upstream: string): CircuitBreaker {
    const known = this.#breakers.get(upstream);
    if (known !== undefined) return known;
    const { maxMessages, ...options } = this.#options;
    const congestion = maxMessages === undefined ? {} : { congestion: congestionLimit(upstream, maxMessages) };
    const breaker = new CircuitBreaker({ ...options, upstream, ...congestion });
    this.#breakers.set(upstream, breaker);
    return breaker;
  }

  /** Open circuit breakers, for health and metrics. */
  open(): CircuitBreaker[] {
    return [...this.#breakers.values()].filter((breaker) => breaker.openMs !== undefined);
  }

  /**
   * A permit from each of two circuit breakers. Throws UpstreamUnavailableError with the time to defer the message when
   * one of them is open or congested; no permit is then held.
   */
  acquireBoth([first, second]: readonly [CircuitBreaker, CircuitBreaker], messages = 1): [Permit, Permit] {
    const permit = first.tryAcquire(messages);
    if (permit === undefined) throw deferred(first);
    const other = second.tryAcquire(messages);
    if (other !== undefined) return [permit, other];
    permit.release();
    throw deferred(second);
  }
}

function deferred(breaker: CircuitBreaker): UpstreamUnavailableError {
  return new UpstreamUnavailableError(breaker.upstream, deferredReason, { retryAfterMs: breaker.deferMs() });
}

/** The upstream name of a shop's API. */
export function shopUpstream(shopId: string): string {
  return `shopee:${shopId}`;
}

/** The upstream name of a spreadsheet. */
export function sheetUpstream(spreadsheetId: string): string {
  return `sheet:${spreadsheetId}`;
}
