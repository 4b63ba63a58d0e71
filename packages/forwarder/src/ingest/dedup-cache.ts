import { performance } from 'node:perf_hooks';

/**
 * Digests of pushes that Redis accepted lately, for the time when Redis cannot be asked: a repeat that comes during an
 * outage is known. Two generations, swapped when one is full or old, so that its size is bounded. A digest is known for
 * twice the age at most: a later push with the same data is a new event, which nothing else would keep.
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
    this.#now = options.now ?? (() => performance.now());
    this.#rotatedAt = this.#now();
  }

  /** Remembers a digest; one that is known already does not grow younger. */
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
    // From when it was due, so that what is old goes in time although nobody asked for long.
    while (this.#now() - this.#rotatedAt >= this.#maxAgeMs) this.#rotate(this.#rotatedAt + this.#maxAgeMs);
  }

  #rotate(at: number): void {
    this.#previous = this.#current;
    this.#current = new Set();
    this.#rotatedAt = at;
  }
}
