/** Google recommends at most 2 MB a request; 1.5 MB leaves room for what the estimate misses. */
const maxBytes = 1_500_000;
const maxRows = 2000;
const minRows = 50;

/** How much goes into one flush: halved when Google takes too long, and grown again while it does not. */
export class FlushSize {
  #rows = maxRows;

  get limits(): { maxRows: number; maxBytes: number } {
    return { maxRows: this.#rows, maxBytes: (maxBytes * this.#rows) / maxRows };
  }

  /** Google timed out or broke off: "exercise caution when batching large updates as this might trigger a timeout". */
  shrink(): void {
    this.#rows = Math.max(minRows, Math.floor(this.#rows / 2));
  }

  grow(): void {
    this.#rows = Math.min(maxRows, Math.ceil(this.#rows * 1.25));
  }
}
