/**
 * One gate stands before each outside side that can fail on its own: a shop's API, a spreadsheet.
 *
 *   open ──a call failed──▶ closed ──its wait is over──▶ one probe is let through
 *    ▲                        ▲                                  │
 *    └──────── it worked ─────┼────────── it failed: wait twice as long (full jitter, 30 s at most)
 *
 * While it is closed nobody calls that side; its messages are parked and the other sides go on.
 */
export interface CircuitBreakerOptions {
  upstream: string;
  now?: () => number;
  random?: () => number;
  onOpened?: (gate: CircuitBreaker, error: unknown) => void;
  onClosed?: (gate: CircuitBreaker, closedMs: number) => void;
  /** The first call of this process that worked: what an earlier process parked need not wait any longer. */
  onFirstSuccess?: (gate: CircuitBreaker) => void;
  /**
   * A side that is slow, not down, must not take every place in our hand: past this many messages, when the oldest
   * call is this old, further ones are parked.
   */
  congestion?: { messages: number; afterMs: number };
}

/** Leave to call the side once. One of the three is called when the call is over; further calls do nothing. */
export interface Permit {
  readonly isProbe: boolean;
  succeeded(): void;
  /** `retryAt`: the side's own word on when it may be asked again, ms epoch. */
  failed(error: unknown, retryAt?: number): void;
  /** The call did not happen, or told nothing about the side. */
  release(): void;
}

const initialBackoffMs = 1000;
const maxBackoffMs = 30_000;
const maxDeferMs = 900_000;
const congestedDeferMs = 3000;

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
  /** Calls under way, oldest first. */
  readonly #inFlight = new Map<symbol, { since: number; messages: number }>();
  #messagesInFlight = 0;

  constructor(options: CircuitBreakerOptions) {
    this.upstream = options.upstream;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
  }

  /** When the outage began, ms epoch; undefined while the gate is open. */
  get openSince(): number | undefined {
    return this.#openSince;
  }

  /**
   * A pass to call the side for so many messages, or undefined while it is closed or congested. A closed gate's first
   * pass after its wait is the probe.
   */
  tryAcquire(messages = 1): Permit | undefined {
    if (this.#openSince === undefined) return this.#isCongested() ? undefined : this.#permit(false, messages);
    if (this.#probing || this.#now() < this.#nextProbeAt) return undefined;
    this.#probing = true;
    return this.#permit(true, messages);
  }

  /** Opens without a probe: someone else knows that the side is well (a shop was connected). */
  close(): void {
    if (this.#openSince === undefined) return;
    const openMs = this.#now() - this.#openSince;
    this.#openSince = undefined;
    this.#failures = 0;
    this.#probing = false;
    this.#options.onClosed?.(this, openMs);
  }

  /** How long the gate stays closed before its next probe, ms. */
  probeInMs(): number {
    return Math.max(0, this.#nextProbeAt - this.#now());
  }

  /** How long the message of a failed call waits, ms: a little longer, so that another may probe, for it may be its own doing. */
  retryMs(): number {
    return this.probeInMs() + 2 * initialBackoffMs * this.#random();
  }

  /**
   * How long a message waits that was not let through, ms. It grows with the age of the oldest call, and with the outage
   * to 15 minutes, so that thousands of parked messages do not go round and round; when the gate opens they are hastened.
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

  /** How long the oldest call has been under way. */
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
      // A call that began before the gate closed says nothing about the side now.
      succeeded: once(() => this.#onSuccess(isProbe)),
      release: once(() => {
        if (isProbe) this.#probing = false;
      }),
      failed: (error, retryAt) => once(() => this.#onFailure(isProbe, error, retryAt))(),
    };
  }

  #onSuccess(probe: boolean): void {
    const isFirst = !this.#hasSucceeded;
    this.#hasSucceeded = true;
    if (probe) this.close();
    else if (isFirst) this.#options.onFirstSuccess?.(this);
  }

  #onFailure(probe: boolean, error: unknown, retryAt: number | undefined): void {
    if (probe) this.#probing = false;
    else if (this.#openSince !== undefined) return;
    const now = this.#now();
    const backoffMs = Math.min(maxBackoffMs, initialBackoffMs * 2 ** this.#failures);
    this.#failures += 1;
    // Half of the wait is fixed: a probe right after a failure would tell nothing new.
    this.#nextProbeAt = Math.max(retryAt ?? 0, now + backoffMs * (0.5 + this.#random() / 2));
    if (this.#openSince !== undefined) return;
    this.#openSince = now;
    this.#options.onOpened?.(this, error);
  }
}
