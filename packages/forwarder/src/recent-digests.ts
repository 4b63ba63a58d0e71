/**
 * Digests of pushes that Redis accepted lately, for the time when Redis cannot be asked: a repeat that comes during an
 * outage is known. Two generations, swapped when one is full or old, so that its size is bounded.
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
    this.#now = options.now ?? Date.now;
    this.#bornAt = this.#now();
  }

  add(digest: string): void {
    if (this.#young.size >= this.#most || this.#now() - this.#bornAt > this.#maxAgeMs) {
      this.#old = this.#young;
      this.#young = new Set();
      this.#bornAt = this.#now();
    }
    this.#young.add(digest);
  }

  has(digest: string): boolean {
    return this.#young.has(digest) || this.#old.has(digest);
  }
}
