import { UpstreamUnavailableError } from '../consumer/errors.ts';
import { CircuitBreaker, type CircuitBreakerOptions, type Permit } from './circuit-breaker.ts';

/** Why a message waits that met a closed gate; its reason in Redis is this word and the side's name. */
export const deferredReason = 'parked';

export interface CircuitBreakersOptions extends Omit<CircuitBreakerOptions, 'upstream' | 'congestion'> {
  /** Messages that the worker holds at most; one slow side gets no more than its share of them. */
  maxMessages?: number;
}

/** A call to Shopee takes a quarter of a second; a flush is waited for, and its quota too. */
const congestedAfterMs = { shopee: 3000, sheet: 30_000 };
const maxShareOfOneUpstream = 0.6;

function congestionLimit(side: string, maxMessages: number): { messages: number; afterMs: number } {
  const afterMs = side.startsWith('sheet:') ? congestedAfterMs.sheet : congestedAfterMs.shopee;
  return { messages: Math.max(1, Math.floor(maxMessages * maxShareOfOneUpstream)), afterMs };
}

/** The gates of all sides that were called so far, made on first use. */
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
    const gate = new CircuitBreaker({ ...options, upstream, ...congestion });
    this.#breakers.set(upstream, gate);
    return gate;
  }

  /** Those that are closed now, for health and metrics. */
  open(): CircuitBreaker[] {
    return [...this.#breakers.values()].filter((gate) => gate.openSince !== undefined);
  }

  /**
   * A pass for each of two gates. Throws SideUnavailableError, with the time for which the message is parked, when one
   * of them is closed; nobody's pass is used up then.
   */
  acquireBoth([first, second]: readonly [CircuitBreaker, CircuitBreaker], messages = 1): [Permit, Permit] {
    const pass = first.tryAcquire(messages);
    if (pass === undefined) throw deferred(first);
    const other = second.tryAcquire(messages);
    if (other !== undefined) return [pass, other];
    pass.release();
    throw deferred(second);
  }
}

function deferred(breaker: CircuitBreaker): UpstreamUnavailableError {
  return new UpstreamUnavailableError(breaker.upstream, deferredReason, { retryAfterMs: breaker.deferMs() });
}

/** The name of a shop's side. */
export function shopUpstream(shopId: string): string {
  return `shopee:${shopId}`;
}

/** The name of a spreadsheet's side. */
export function sheetUpstream(spreadsheetId: string): string {
  return `sheet:${spreadsheetId}`;
}
