import type { Priority } from '../routing/priority.ts';

/** What one chat takes, below Telegram's 20 messages a minute and one a second for a group. */
export interface RateLimits {
  perMinute: number;
  /** How much of `perMinute` only more urgent messages may use: our alerts have all of it. */
  reserved: Record<Priority, number>;
  gapMs: number;
}

export const groupLimits: RateLimits = { perMinute: 18, reserved: { 0: 0, 1: 6, 2: 8 }, gapMs: 1_000 };

/** As kept over a restart: times in ms of Telegram's answers, and when and until when Telegram told us to be silent. */
export interface LimiterState {
  sent: number[];
  pausedAt: number;
  pausedUntil: number;
}

const windowMs = 60_000;

/**
 * Spends one chat's budget: sends, edits and new topics alike, over all topics of a group. Counts from the moment of
 * the answer, which is never before Telegram counted, so that Telegram's minute is over when ours is.
 */
export class Limiter {
  readonly #limits: RateLimits;
  #sent: number[] = [];
  #pausedAt = 0;
  #pausedUntil = 0;

  constructor(limits: RateLimits = groupLimits, state?: LimiterState) {
    this.#limits = limits;
    if (state === undefined) return;
    this.#sent = state.sent;
    this.#pausedAt = state.pausedAt;
    this.#pausedUntil = state.pausedUntil;
  }

  get state(): LimiterState {
    return { sent: this.#sent, pausedAt: this.#pausedAt, pausedUntil: this.#pausedUntil };
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** How many messages of a priority a minute has room for. */
  perMinute(priority: Priority): number {
    return this.#limits.perMinute - this.#limits.reserved[priority];
  }

  /** ms until a message of this priority may go; 0: now. */
  waitMs(now: number, priority: Priority): number {
    this.#adjustClock(now);
    const sent = this.#sent.filter((at) => at > now - windowMs);
    const gap = (sent.at(-1) ?? -Infinity) + this.#limits.gapMs;
    const over = sent.length - this.perMinute(priority);
    // With `over + 1` of them out of the window there is room again.
    const room = over < 0 ? 0 : (sent[over] ?? 0) + windowMs;
    return Math.max(0, gap - now, room - now, this.#pausedUntil - now);
  }

  /** One more was sent, or may have been. */
  record(now: number): void {
    this.#adjustClock(now);
    this.#sent = [...this.#sent.filter((at) => at > now - windowMs), now];
  }

  /** Telegram said 429: the whole chat is silent for so long, for whoever goes on is silenced longer. */
  pause(now: number, ms: number): void {
    this.#adjustClock(now);
    if (now + ms <= this.#pausedUntil) return;
    this.#pausedAt = now;
    this.#pausedUntil = now + ms;
  }

  /** Times to come are those of a clock that was set back since: they say nothing of the last minute. */
  #adjustClock(now: number): void {
    this.#sent = this.#sent.filter((at) => at <= now);
    if (this.#pausedAt <= now) return;
    this.#pausedUntil += now - this.#pausedAt;
    this.#pausedAt = now;
  }
}
