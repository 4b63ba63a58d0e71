/**
 * One gate stands before each outside side that can fail on its own: a shop's API, a spreadsheet.
 *
 *   open ──a call failed──▶ closed ──its wait is over──▶ one probe is let through
 *    ▲                        ▲                                  │
 *    └──────── it worked ─────┼────────── it failed: wait twice as long (full jitter, 30 s at most)
 *
 * While it is closed nobody calls that side; its messages are parked and the other sides go on.
 */
export interface GateOptions {
  side: string;
  now?: () => number;
  random?: () => number;
  onClosed?: (gate: Gate, error: unknown) => void;
  onOpened?: (gate: Gate, closedMs: number) => void;
  /** The first call of this process that worked: what an earlier process parked need not wait any longer. */
  onFirstOk?: (gate: Gate) => void;
  /**
   * A side that is slow, not down, must not take every place in our hand: past this many messages, when the oldest
   * call is this old, further ones are parked.
   */
  congestion?: { messages: number; afterMs: number };
}

/** Leave to call the side once. One of the three is called when the call is over; further calls do nothing. */
export interface Pass {
  readonly probe: boolean;
  ok(): void;
  /** `retryAt`: the side's own word on when it may be asked again, ms epoch. */
  failed(error: unknown, retryAt?: number): void;
  /** The call did not happen, or told nothing about the side. */
  leave(): void;
}

const firstWaitMs = 1000;
const longestWaitMs = 30_000;
const longestParkMs = 900_000;
const congestedParkMs = 3000;

export class Gate {
  readonly side: string;
  readonly #options: GateOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  #closedSince: number | undefined;
  #opensAt = 0;
  #failures = 0;
  #probing = false;
  #hasWorked = false;
  /** Calls under way, oldest first. */
  readonly #underWay = new Map<symbol, { since: number; messages: number }>();
  #messagesUnderWay = 0;

  constructor(options: GateOptions) {
    this.side = options.side;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
  }

  /** When the outage began, ms epoch; undefined while the gate is open. */
  get closedSince(): number | undefined {
    return this.#closedSince;
  }

  /**
   * A pass to call the side for so many messages, or undefined while it is closed or congested. A closed gate's first
   * pass after its wait is the probe.
   */
  enter(messages = 1): Pass | undefined {
    if (this.#closedSince === undefined) return this.#isCongested() ? undefined : this.#pass(false, messages);
    if (this.#probing || this.#now() < this.#opensAt) return undefined;
    this.#probing = true;
    return this.#pass(true, messages);
  }

  /** Opens without a probe: someone else knows that the side is well (a shop was connected). */
  open(): void {
    if (this.#closedSince === undefined) return;
    const closedMs = this.#now() - this.#closedSince;
    this.#closedSince = undefined;
    this.#failures = 0;
    this.#probing = false;
    this.#options.onOpened?.(this, closedMs);
  }

  /** How long the gate stays closed before its next probe, ms. */
  waitMs(): number {
    return Math.max(0, this.#opensAt - this.#now());
  }

  /** How long the message of a failed call waits, ms: a little longer, so that another may probe, for it may be its own doing. */
  failedMs(): number {
    return this.waitMs() + 2 * firstWaitMs * this.#random();
  }

  /**
   * How long a message waits that was not let through, ms. It grows with the age of the oldest call, and with the outage
   * to 15 minutes, so that thousands of parked messages do not go round and round; when the gate opens they are hastened.
   */
  parkMs(): number {
    if (this.#closedSince === undefined)
      return Math.max(congestedParkMs, this.#oldestMs() / 2) * (0.5 + this.#random());
    const outageMs = this.#now() - this.#closedSince;
    const least = Math.max(this.waitMs(), firstWaitMs);
    return least + Math.min(outageMs / 2, longestParkMs) * (0.5 + this.#random() / 2);
  }

  #isCongested(): boolean {
    const { congestion } = this.#options;
    if (congestion === undefined || this.#messagesUnderWay < congestion.messages) return false;
    return this.#oldestMs() > congestion.afterMs;
  }

  /** How long the oldest call has been under way. */
  #oldestMs(): number {
    const [oldest] = this.#underWay.values();
    return oldest === undefined ? 0 : this.#now() - oldest.since;
  }

  #pass(probe: boolean, messages: number): Pass {
    const call = Symbol(this.side);
    this.#underWay.set(call, { since: this.#now(), messages });
    this.#messagesUnderWay += messages;
    const once = (act: () => void) => () => {
      if (!this.#underWay.delete(call)) return;
      this.#messagesUnderWay -= messages;
      act();
    };
    return {
      probe,
      // A call that began before the gate closed says nothing about the side now.
      ok: once(() => this.#worked(probe)),
      leave: once(() => {
        if (probe) this.#probing = false;
      }),
      failed: (error, retryAt) => once(() => this.#fail(probe, error, retryAt))(),
    };
  }

  #worked(probe: boolean): void {
    const isFirst = !this.#hasWorked;
    this.#hasWorked = true;
    if (probe) this.open();
    else if (isFirst) this.#options.onFirstOk?.(this);
  }

  #fail(probe: boolean, error: unknown, retryAt: number | undefined): void {
    if (probe) this.#probing = false;
    else if (this.#closedSince !== undefined) return;
    const now = this.#now();
    const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures);
    this.#failures += 1;
    // Half of the wait is fixed: a probe right after a failure would tell nothing new.
    this.#opensAt = Math.max(retryAt ?? 0, now + backoffMs * (0.5 + this.#random() / 2));
    if (this.#closedSince !== undefined) return;
    this.#closedSince = now;
    this.#options.onClosed?.(this, error);
  }
}
