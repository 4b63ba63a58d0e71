import type { Priority } from '../messages/outgoing.ts';

/** Limits of one chat, below Telegram's 20 messages a minute and one a second for a group. */
export interface RateLimits {
  perMinute: number;
  /** How much of `perMinute` is reserved for more urgent messages; alerts may use all of it. */
  reserved: Record<Priority, number>;
  gapMs: number;
}

export const groupLimits: RateLimits = { perMinute: 18, reserved: { 0: 0, 1: 6, 2: 8 }, gapMs: 1_000 };

/** Response times, and start and end of Telegram's rate-limit pause, by the monotonic clock. */
export interface LimiterState {
  sent: number[];
  pausedAt: number;
  pausedUntil: number;
}

const windowMs = 60_000;

/**
 * Sliding-window limiter of one chat: sends, edits and new topics, over all topics of a group. Counts from the moment of
 * the response, which is never before Telegram counted, so Telegram's minute ends no later than ours.
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

  /** Messages of this priority per minute. */
  perMinute(priority: Priority): number {
    return this.#limits.perMinute - this.#limits.reserved[priority];
  }

  /** ms until a message of this priority may be sent; 0: now. */
  waitMs(now: number, priority: Priority): number {
    const sent = this.#sent.filter((at) => at > now - windowMs);
    const gap = (sent.at(-1) ?? -Infinity) + this.#limits.gapMs;
    const over = sent.length - this.perMinute(priority);
    // There is capacity again once `over + 1` of them left the window.
    const room = over < 0 ? 0 : (sent[over] ?? 0) + windowMs;
    return Math.max(0, gap - now, room - now, this.#pausedUntil - now);
  }

  /** Counts a message that was sent, or may have been. */
  record(now: number): void {
    this.#sent = [...this.#sent.filter((at) => at > now - windowMs), now];
  }

  /** Pauses the whole chat after a 429: sending on would lengthen it. */
  pause(now: number, ms: number): void {
    if (now + ms <= this.#pausedUntil) return;
    this.#pausedAt = now;
    this.#pausedUntil = now + ms;
  }
}

/** The state by another clock, which shows `to` when the first shows `from`. */
export function shiftState({ sent, pausedAt, pausedUntil }: LimiterState, from: number, to: number): LimiterState {
  const shift = to - from;
  return { sent: sent.map((at) => at + shift), pausedAt: pausedAt + shift, pausedUntil: pausedUntil + shift };
}

/** A saved state; times in the future predate a clock step back: they count as now, and the pause keeps its length. */
export function restoreState({ sent, pausedAt, pausedUntil }: LimiterState, now: number): LimiterState {
  const early = Math.max(0, pausedAt - now);
  return { sent: sent.filter((at) => at <= now), pausedAt: pausedAt - early, pausedUntil: pausedUntil - early };
}
