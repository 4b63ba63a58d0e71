import { systemClock } from '@shopee-webhook/runtime';

export interface CircuitBreakerOptions {
  upstream: string;
  /** Monotonic, ms. */
  now?: () => number;
  random?: () => number;
  onOpened?: (breaker: CircuitBreaker, error: unknown) => void;
  onClosed?: (breaker: CircuitBreaker, openMs: number) => void;
  /** Called at the first successful call of this process: messages that an earlier process deferred need not wait. */
  onFirstSuccess?: (breaker: CircuitBreaker) => void;
  /**
   * A slow upstream must not occupy all in-flight slots: past this many messages, while the oldest call is older than
   * this, further messages are deferred.
   */
  congestion?: { messages: number; afterMs: number };
}

/** A permit for one call. One of the three methods is called when the call is over; further calls do nothing. */
export interface Permit {
  readonly isProbe: boolean;
  succeeded(): void;
  /** `retryAfterMs`: when the upstream may be called again by its own response. */
  failed(error: unknown, retryAfterMs?: number): void;
  /** The call was not made, or said nothing about the upstream. */
  release(): void;
}

const initialBackoffMs = 1000;
const maxBackoffMs = 30_000;
const maxDeferMs = 900_000;
const congestedDeferMs = 3000;

/**
 * The circuit breaker of one upstream that can fail on its own: a shop's API, a spreadsheet.
 *
 *   closed ──a call failed──▶ open ──backoff over──▶ half-open: one probe call
 *     ▲                        ▲                          │
 *     └────── it succeeded ────┴── it failed: twice the backoff, half of it jittered, 30 s at most
 *
 * While it is open nothing calls that upstream; its messages are deferred and the other upstreams go on. It is also a
 * bulkhead: past `congestion` a slow upstream takes no more of the messages in flight.
 *
 * Not opossum, which the forwarder uses for Redis: opossum wraps one function and decides by the share of failed calls.
 * Here the error decides (an order's own error says nothing about Shopee), an upstream names the time of the next probe
 * (Retry-After, the daily limit's reset), one call needs the permits of two breakers before it starts, and a deferred
 * message needs a due time that grows with the outage.
 */
export class CircuitBreaker {
  readonly upstream: string;
  readonly #options: CircuitBreakerOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  #openSince: number | undefined;
  #nextProbeAt = 0;
  #failures = 0;
  #probing = false;
  #hasSucceeded = false;
  /** Calls in flight, oldest first. */
  readonly #inFlight = new Map<symbol, { since: number; messages: number }>();
  #messagesInFlight = 0;

  constructor(options: CircuitBreakerOptions) {
    this.upstream = options.upstream;
    this.#options = options;
    this.#now = options.now ?? systemClock.monotonicMs;
    this.#random = options.random ?? Math.random;
  }

  /** How long the circuit breaker has been open, ms; undefined while it is closed. */
  get openMs(): number | undefined {
    return this.#openSince === undefined ? undefined : this.#now() - this.#openSince;
  }

  /**
   * A permit to call the upstream for this many messages, or undefined while it is open or congested. The first permit
   * after the backoff is the probe.
   */
  tryAcquire(messages = 1): Permit | undefined {
    if (this.#openSince === undefined) return this.#isCongested() ? undefined : this.#permit(false, messages);
    if (this.#probing || this.#now() < this.#nextProbeAt) return undefined;
    this.#probing = true;
    return this.#permit(true, messages);
  }

  /** Closes without a probe: the upstream is known to be healthy (a shop was connected). */
  close(): void {
    if (this.#openSince === undefined) return;
    const openMs = this.#now() - this.#openSince;
    this.#openSince = undefined;
    this.#failures = 0;
    this.#probing = false;
    this.#options.onClosed?.(this, openMs);
  }

  /** Time until the next probe, ms. */
  probeInMs(): number {
    return Math.max(0, this.#nextProbeAt - this.#now());
  }

  /** Retry delay for the message of a failed call, ms: past the next probe, which another message should make. */
  retryMs(): number {
    return this.probeInMs() + 2 * initialBackoffMs * this.#random();
  }

  /**
   * How long to defer a message that got no permit, ms. It grows with the age of the oldest call and with the outage, up
   * to 15 minutes, so that thousands of deferred messages do not cycle repeatedly; they are retried when it closes.
   */
  deferMs(): number {
    if (this.#openSince === undefined) return Math.max(congestedDeferMs, this.#oldestMs() / 2) * (0.5 + this.#random());
    const outageMs = this.#now() - this.#openSince;
    const least = Math.max(this.probeInMs(), initialBackoffMs);
    return least + Math.min(outageMs / 2, maxDeferMs) * (0.5 + this.#random() / 2);
  }

  #isCongested(): boolean {
    const { congestion } = this.#options;
    if (congestion === undefined || this.#messagesInFlight < congestion.messages) return false;
    return this.#oldestMs() > congestion.afterMs;
  }

  /** Age of the oldest call in flight, ms. */
  #oldestMs(): number {
    const [oldest] = this.#inFlight.values();
    return oldest === undefined ? 0 : this.#now() - oldest.since;
  }

  #permit(isProbe: boolean, messages: number): Permit {
    const call = Symbol(this.upstream);
    this.#inFlight.set(call, { since: this.#now(), messages });
    this.#messagesInFlight += messages;
    const once = (act: () => void) => () => {
      if (!this.#inFlight.delete(call)) return;
      this.#messagesInFlight -= messages;
      act();
    };
    return {
      isProbe,
      // A call that started before the breaker opened says nothing about the upstream now.
      succeeded: once(() => this.#onSuccess(isProbe)),
      release: once(() => {
        if (isProbe) this.#probing = false;
      }),
      failed: (error, retryAfterMs) => once(() => this.#onFailure(isProbe, error, retryAfterMs))(),
    };
  }

  #onSuccess(probe: boolean): void {
    const isFirst = !this.#hasSucceeded;
    this.#hasSucceeded = true;
    if (probe) this.close();
    else if (isFirst) this.#options.onFirstSuccess?.(this);
  }

  #onFailure(probe: boolean, error: unknown, retryAfterMs = 0): void {
    if (probe) this.#probing = false;
    else if (this.#openSince !== undefined) return;
    const now = this.#now();
    const backoffMs = Math.min(maxBackoffMs, initialBackoffMs * 2 ** this.#failures);
    this.#failures += 1;
    // Half of the backoff is fixed: a probe right after a failure would tell nothing new.
    this.#nextProbeAt = now + Math.max(retryAfterMs, backoffMs * (0.5 + this.#random() / 2));
    if (this.#openSince !== undefined) return;
    this.#openSince = now;
    this.#options.onOpened?.(this, error);
  }
}
