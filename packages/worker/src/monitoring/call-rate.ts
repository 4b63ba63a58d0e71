import { systemClock } from '@shopee-webhook/runtime';

const spanSeconds = 60;

/** Counts the calls of the last 60 s, by kind. */
export class CallRate<Kind extends string> {
  readonly #now: () => number;
  readonly #seconds = new Map<number, Map<Kind, number>>();

  constructor(now: () => number = systemClock.monotonicMs) {
    this.#now = now;
  }

  add(kind: Kind): void {
    const second = Math.floor(this.#now() / 1000);
    let counts = this.#seconds.get(second);
    if (counts === undefined) {
      counts = new Map();
      this.#seconds.set(second, counts);
      for (const old of this.#seconds.keys()) if (old <= second - spanSeconds) this.#seconds.delete(old);
    }
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }

  count(kind: Kind): number {
    const oldest = Math.floor(this.#now() / 1000) - spanSeconds;
    let sum = 0;
    for (const [second, counts] of this.#seconds) if (second > oldest) sum += counts.get(kind) ?? 0;
    return sum;
  }
}
