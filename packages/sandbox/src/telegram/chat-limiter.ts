/** What a chat tolerates; the defaults are Telegram's published ones for a group. */
export interface ChatLimits {
  /** Messages in any window of a minute, topic creations and edits included. */
  perMinute: number;
  /** Messages a second that are tolerated for long. */
  perSecond: number;
  /** Messages that may come at once before `perSecond` counts. */
  burst: number;
}

/** Telegram's FAQ: 20 messages a minute to one group, about one a second, short bursts tolerated. */
export const groupLimits: ChatLimits = { perMinute: 20, perSecond: 1, burst: 3 };

const windowMs = 60_000;

/** Counts one chat's messages. What goes over is rejected with the seconds to wait, and calling on makes them more. */
export class ChatLimiter {
  readonly #limits: ChatLimits;
  #sent: number[] = [];
  #tokens: number;
  #refilledAt = 0;
  #coolUntil = 0;

  constructor(limits: ChatLimits) {
    this.#limits = limits;
    this.#tokens = limits.burst;
  }

  /** Counts a message at `now` (ms). Returns the seconds of a 429's `retry_after`, or 0 when it may pass. */
  acquire(now: number): number {
    if (now < this.#coolUntil) {
      // Calls that keep coming during a 429 lengthen the cool-down.
      this.#coolUntil += 1000;
      return seconds(this.#coolUntil - now);
    }
    this.#sent = this.#sent.filter((at) => at > now - windowMs);
    this.#tokens = Math.min(
      this.#limits.burst,
      this.#tokens + ((now - this.#refilledAt) / 1000) * this.#limits.perSecond,
    );
    this.#refilledAt = now;
    const oldest = this.#sent[0];
    if (oldest !== undefined && this.#sent.length >= this.#limits.perMinute) return this.#cool(now, oldest + windowMs);
    if (this.#tokens < 1) return this.#cool(now, now + ((1 - this.#tokens) / this.#limits.perSecond) * 1000);
    this.#tokens -= 1;
    this.#sent.push(now);
    return 0;
  }

  #cool(now: number, until: number): number {
    this.#coolUntil = until;
    return seconds(until - now);
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
