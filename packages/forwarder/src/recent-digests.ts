import { performance } from 'node:perf_hooks';

/**
 * Digests of pushes that Redis accepted lately, for the time when Redis cannot be asked: a repeat that comes during an
 * outage is known. Two generations, swapped when one is full or old, so that its size is bounded. A digest is known for
 * twice the age at most: a later push with the same data is a new event, which nothing else would keep.
 */
export class RecentDigests {
  readonly #most: number;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #young = new Set<string>();
  #old = new Set<string>();
  #bornAt: number;

  constructor(options: { most?: number; maxAgeMs?: number; now?: () => number } = {}) {
    this.#most = options.most ?? 20_000;
    this.#maxAgeMs = options.maxAgeMs ?? 3 * 3_600_000;
    // A clock that is set back would make digests known for longer.
    this.#now = options.now ?? (() => performance.now());
    this.#bornAt = this.#now();
  }

  /** Remembers a digest; one that is known already does not grow younger. */
  add(digest: string): void {
    if (this.has(digest)) return;
    if (this.#young.size >= this.#most) this.#begin(this.#now());
    this.#young.add(digest);
  }

  has(digest: string): boolean {
    this.#age();
    return this.#young.has(digest) || this.#old.has(digest);
  }

  #age(): void {
    // From when it was due, so that what is old goes in time although nobody asked for long.
    while (this.#now() - this.#bornAt >= this.#maxAgeMs) this.#begin(this.#bornAt + this.#maxAgeMs);
  }

  #begin(at: number): void {
    this.#old = this.#young;
    this.#young = new Set();
    this.#bornAt = at;
  }
}
