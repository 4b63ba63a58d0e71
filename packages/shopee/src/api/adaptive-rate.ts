/** Calls a second: where to begin, and how far it may fall and rise. */
export interface RateLimits {
  startPerSecond: number;
  minPerSecond: number;
  maxPerSecond: number;
}

/** Callers wait in memory meanwhile, so it is bounded, whatever Shopee names. */
const maxPauseMs = 60_000;

/** A token bucket that adapts (AIMD): halved when Shopee says "too many", raised by one call a second per second of full use. Times are monotonic. */
export class AdaptiveTokenBucket {
  readonly #limits: RateLimits;
  #perSecond: number;
  #tokens: number;
  #filledAt: number;
  #pausedUntil = 0;
  #backedOffAt = Number.NEGATIVE_INFINITY;
  #consecutiveBackOffs = 0;

  constructor(limits: RateLimits, now: number) {
    this.#limits = limits;
    this.#perSecond = limits.startPerSecond;
    this.#tokens = this.#capacity();
    this.#filledAt = now;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** When a call may go out, ms; `reserve` tokens stay behind for calls that matter more. */
  availableAt(now: number, reserve = 0): number {
    this.#refill(now);
    const missing = 1 + reserve - this.#tokens;
    const filled = missing <= 0 ? now : now + Math.ceil((missing * 1000) / this.#perSecond);
    return Math.max(filled, this.#pausedUntil);
  }

  takeToken(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** A call succeeded. */
  increase(): void {
    this.#consecutiveBackOffs = 0;
    this.#perSecond = Math.min(this.#limits.maxPerSecond, this.#perSecond + 1 / this.#perSecond);
  }

  /** A call that began at `startedAt` was one too many. Those in flight together count as one. */
  backOff(startedAt: number, now: number, retryAfterMs?: number): void {
    if (startedAt <= this.#backedOffAt) return;
    this.#backedOffAt = now;
    this.#consecutiveBackOffs += 1;
    this.#perSecond = Math.max(this.#limits.minPerSecond, this.#perSecond / 2);
    this.#tokens = 0;
    this.#filledAt = now;
    const pauseMs = retryAfterMs ?? 500 * 2 ** this.#consecutiveBackOffs;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(maxPauseMs, pauseMs));
  }

  #refill(now: number): void {
    const gained = (Math.max(0, now - this.#filledAt) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#capacity(), this.#tokens + gained);
    this.#filledAt = Math.max(now, this.#filledAt);
  }

  /** One second's worth, and never less than one call beside the reserve. */
  #capacity(): number {
    return Math.max(2, this.#perSecond);
  }
}
