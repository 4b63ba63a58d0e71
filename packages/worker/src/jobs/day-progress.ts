/** A day of orders: complete when all of its pages are listed and written. */
export interface Day {
  /** Its end, unix seconds. */
  to: number;
  /** Orders listed so far. */
  orders: number;
  listed: boolean;
  writing: number;
}

/** The days of a backfill in progress, in order, and their pages that are being written. */
export class DayProgress {
  readonly #days: Day[] = [];
  readonly #pages = new Set<Promise<void>>();
  readonly #maxPages: number;
  readonly #onDayDone: (day: Day) => void;
  #failure: { error: unknown } | undefined;

  /** `onDayDone` is called with each completed day, in order. */
  constructor(options: { maxPages: number; onDayDone: (day: Day) => void }) {
    this.#maxPages = options.maxPages;
    this.#onDayDone = options.onDayDone;
  }

  begin(to: number): Day {
    const day = { to, orders: 0, listed: false, writing: 0 };
    this.#days.push(day);
    return day;
  }

  /** Resolves when one more page may be written. Rejects with a page's error. */
  async hasCapacity(): Promise<void> {
    while (this.#pages.size >= this.#maxPages) await Promise.race(this.#pages);
    this.#throwFailure();
  }

  add(day: Day, page: Promise<void>): void {
    day.writing += 1;
    const written = () => {
      day.writing -= 1;
      this.#reportDone();
    };
    // The day of a failed page never completes, nor does any after it.
    const complete = page
      .then(written, (error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#pages.delete(complete));
    this.#pages.add(complete);
  }

  /** Marks the day's listing as complete. */
  listed(day: Day): void {
    day.listed = true;
    this.#reportDone();
  }

  /** Resolves when no page is being written. Rejects with a page's error. */
  async ended(): Promise<void> {
    await Promise.all(this.#pages);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #reportDone(): void {
    const open = this.#days.findIndex(({ listed, writing }) => !listed || writing > 0);
    for (const day of this.#days.splice(0, open < 0 ? this.#days.length : open)) this.#onDayDone(day);
  }
}
