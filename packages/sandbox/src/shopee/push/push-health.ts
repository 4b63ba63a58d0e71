/** Shopee's names for how an app's pushes fare. */
export type PushStatus = 'Normal' | 'Warning' | 'Suspended';

const minute = 60_000;

/**
 * Counts tries over the last 6 hours and judges as guide 18 says: with more than 600, under 70 % success is a warning
 * and under 30 % ends the subscription. That tries (not pushes) count is our reading of it.
 */
export class PushHealth {
  readonly #windowMs: number;
  readonly #minimum: number;
  readonly #now: () => number;
  #minutes: { minute: number; total: number; succeeded: number }[] = [];
  #suspendedAt: number | undefined;

  constructor(options: { now: () => number; windowMs?: number; minimum?: number }) {
    this.#now = options.now;
    this.#windowMs = options.windowMs ?? 6 * 60 * minute;
    this.#minimum = options.minimum ?? 600;
  }

  record(succeeded: boolean): void {
    const current = Math.floor(this.#now() / minute);
    let last = this.#minutes.at(-1);
    if (last?.minute !== current) {
      last = { minute: current, total: 0, succeeded: 0 };
      this.#minutes.push(last);
    }
    last.total += 1;
    if (succeeded) last.succeeded += 1;
    const { total, rate } = this.rate();
    if (total > this.#minimum && rate < 0.3) this.#suspendedAt ??= this.#now();
  }

  /** Tries and the part of them that succeeded, over the window. */
  rate(): { total: number; rate: number } {
    const oldest = (this.#now() - this.#windowMs) / minute;
    this.#minutes = this.#minutes.filter((entry) => entry.minute >= oldest);
    const total = this.#minutes.reduce((sum, entry) => sum + entry.total, 0);
    const succeeded = this.#minutes.reduce((sum, entry) => sum + entry.succeeded, 0);
    return { total, rate: total === 0 ? 1 : succeeded / total };
  }

  status(): PushStatus {
    if (this.#suspendedAt !== undefined) return 'Suspended';
    const { total, rate } = this.rate();
    return total > this.#minimum && rate < 0.7 ? 'Warning' : 'Normal';
  }

  /** Unix seconds; undefined when not suspended. */
  get suspendedTime(): number | undefined {
    return this.#suspendedAt === undefined ? undefined : Math.floor(this.#suspendedAt / 1000);
  }

  suspend(): void {
    this.#suspendedAt = this.#now();
  }

  /** The app subscribed again: the rate starts fresh. */
  reset(): void {
    this.#minutes = [];
    this.#suspendedAt = undefined;
  }
}
