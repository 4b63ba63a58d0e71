import { systemClock } from '@shopee-webhook/runtime';

/**
 * Digests of pushes that Redis accepted lately, for when Redis is unavailable: a repeat during an outage is recognized. Two
 * generations, rotated when one is full or old, bound its size. A digest is known for twice the age at most: a later push
 * with the same data is a new event, which nothing else would persist. Not lru-cache: two sets need no entry with a time for each.
 */
export class DedupCache {
  readonly #maxEntries: number;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #rotatedAt: number;

  constructor(options: { maxEntries?: number; maxAgeMs?: number; now?: () => number } = {}) {
    this.#maxEntries = options.maxEntries ?? 20_000;
    this.#maxAgeMs = options.maxAgeMs ?? 3 * 3_600_000;
    // A clock that is set back would make digests known for longer.
    this.#now = options.now ?? systemClock.monotonicMs;
    this.#rotatedAt = this.#now();
  }

  /** Adds a digest; one that is known already keeps its age. */
  add(digest: string): void {
    if (this.has(digest)) return;
    if (this.#current.size >= this.#maxEntries) this.#rotate(this.#now());
    this.#current.add(digest);
  }

  has(digest: string): boolean {
    this.#expire();
    return this.#current.has(digest) || this.#previous.has(digest);
  }

  #expire(): void {
    // From when it was due, so that old digests expire in time although nobody asked for long.
    while (this.#now() - this.#rotatedAt >= this.#maxAgeMs) this.#rotate(this.#rotatedAt + this.#maxAgeMs);
  }

  #rotate(at: number): void {
    this.#previous = this.#current;
    this.#current = new Set();
    this.#rotatedAt = at;
  }
}
