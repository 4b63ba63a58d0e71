import type { BreakerReport } from '@shopee-webhook/contracts';
import { type Clock, systemClock } from '@shopee-webhook/runtime';
import CircuitBreaker from 'opossum';

export interface BreakerOptions {
  /** How long one call may take. */
  timeoutMs?: number;
  /** How long it stays open before one call is let through to see; longer when it opens again soon after it closed. */
  resetMs?: number;
  /** Called with each change between open and closed; half-open is only a probe. */
  onChange?: (state: 'open' | 'closed', reason: string) => void;
  clock?: Clock;
}

/** The breaker is not closed: the call was not made. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError';
}

/** A call that did not come back in time. */
class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** So many turns of the event loop for replies that came while this process stood still. */
const turns = 3;

/** Closed for so long, it counts as steady. */
const resetWindowMs = 30_000;
/** The pause before a probe grows to at most so many times its length. */
const maxResetFactor = 8;

type Work = () => Promise<unknown>;

/**
 * Circuit breaker around Redis: closed while Redis is healthy. It opens when half of the calls in 10 s failed, or at the
 * first timeout when nothing has succeeded since that call began: after a busy spell the failures of a dead Redis would be
 * a minority for seconds. While it is not closed no call is made but the probe's, so that no request waits for a dead Redis.
 */
export class RedisBreaker {
  readonly #circuit: CircuitBreaker<[Work]>;
  readonly #counts = { opens: 0, failures: 0, timeouts: 0, rejected: 0 };
  readonly #timeoutMs: number;
  readonly #resetMs: number;
  readonly #onStateChange: BreakerOptions['onChange'];
  readonly #clock: Clock;
  /** opossum reads them at each opening. */
  readonly #settings: CircuitBreaker.Options & { resetTimeout: number };
  /** By the monotonic clock, as the time of the last change that counts here; people see the wall clock's. */
  #lastSuccessAt = -Infinity;
  #changedAt = -Infinity;
  #lastChangeAt: number | undefined;
  #isOpen = false;
  #reason = '';

  constructor({ timeoutMs = 500, resetMs = 1_000, onChange, clock = systemClock }: BreakerOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#resetMs = resetMs;
    this.#onStateChange = onChange;
    this.#clock = clock;
    this.#settings = {
      // Its own would blame Redis for a stall of this process.
      timeout: false,
      resetTimeout: resetMs,
      errorThresholdPercentage: 50,
      rollingCountTimeout: 10_000,
      rollingCountBuckets: 10,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    };
    this.#circuit = new CircuitBreaker((work: Work) => withDeadline(work(), timeoutMs), this.#settings);
    this.#listen();
  }

  get state(): BreakerReport['state'] {
    if (this.#circuit.closed) return 'closed';
    return this.#circuit.halfOpen ? 'half-open' : 'open';
  }

  /** Why it opened last. */
  get reason(): string {
    return this.#reason;
  }

  /** Makes the call if the breaker is closed. Rejects with BreakerOpenError, with the call's error, or when it takes too long. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#circuit.closed) {
      this.#counts.rejected += 1;
      throw new BreakerOpenError('Redis is unavailable');
    }
    return (await this.#circuit.fire(work)) as T;
  }

  /** When half-open: makes one call, which closes the breaker or opens it for another while. Never rejects. */
  async probe(work: () => Promise<unknown>): Promise<void> {
    if (!this.#circuit.halfOpen) return;
    // A failure is counted and handled by the breaker itself.
    await this.#circuit.fire(work).catch(() => undefined);
  }

  /** Opens at once: it is known that Redis is unavailable. */
  trip(reason: string): void {
    this.#reason = reason;
    this.#circuit.open();
  }

  report(): BreakerReport {
    const at = this.#lastChangeAt;
    return { state: this.state, ...this.#counts, lastChangeAt: at === undefined ? null : new Date(at).toISOString() };
  }

  /** Ends its timers. */
  close(): void {
    this.#circuit.shutdown();
  }

  #listen(): void {
    this.#circuit.on('success', () => {
      this.#lastSuccessAt = this.#clock.monotonicMs();
      if (!this.#isOpen && this.#lastSuccessAt - this.#changedAt > resetWindowMs)
        this.#settings.resetTimeout = this.#resetMs;
    });
    this.#circuit.on('failure', (error) => {
      this.#reason = error.message;
      if (!(error instanceof DeadlineError)) {
        this.#counts.failures += 1;
        return;
      }
      this.#counts.timeouts += 1;
      if (this.#lastSuccessAt < this.#clock.monotonicMs() - this.#timeoutMs) this.#circuit.open();
    });
    this.#circuit.on('open', () => this.#onChange(true));
    this.#circuit.on('close', () => {
      // A Redis that takes one write and fails at the next is tried less and less often: each change is an alert.
      this.#settings.resetTimeout = Math.min(this.#settings.resetTimeout * 2, this.#resetMs * maxResetFactor);
      this.#onChange(false);
    });
  }

  #onChange(isOpen: boolean): void {
    if (this.#isOpen === isOpen) return;
    this.#isOpen = isOpen;
    this.#changedAt = this.#clock.monotonicMs();
    this.#lastChangeAt = this.#clock.wallMs();
    if (isOpen) this.#counts.opens += 1;
    this.#onStateChange?.(isOpen ? 'open' : 'closed', this.#reason);
  }
}

/**
 * Settles as `work` does, or rejects with DeadlineError after `ms`. The reply of a call may lie unread in the socket while
 * this process is busy: when the time is up, what came is read first, then the call is judged.
 */
async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    afterPolls(turns, () => reject(new DeadlineError(`no reply within ${String(ms)} ms`)));
  }, ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An immediate runs after the event loop has polled for what came in. */
function afterPolls(count: number, then: () => void): void {
  setImmediate(() => (count > 1 ? afterPolls(count - 1, then) : then()));
}
