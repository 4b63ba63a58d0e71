import type { Logger } from '@shopee-webhook/runtime';

import type { RowRef } from '../rows/write-journal.ts';

export interface MissingRowReporterDeps {
  /** Has them fetched again. Resolves with the keys that must be reported again; all of them when it rejects. */
  requestRows: (tab: string, keys: string[]) => Promise<readonly string[]>;
  logger: Logger;
  now: () => number;
  /** Before those are reported again, ms; then twice as long each time, up to a quarter of an hour. */
  initialPauseMs: number;
}

interface MissingBatch {
  tab: string;
  keys: readonly string[];
  /** Infinity while it is being reported. */
  reportAt: number;
  pauseMs: number;
  since: number;
}

const maxPauseMs = 900_000;
/** While some are left nothing that was written counts as settled, so that a restart would look at all of it again. */
const maxAgeMs = 86_400_000;

/** Rows that are gone and must be fetched from Shopee again, until somebody took them on, or a day has passed. */
export class MissingRowReporter {
  readonly #deps: MissingRowReporterDeps;
  readonly #batches = new Set<MissingBatch>();

  constructor(options: MissingRowReporterDeps) {
    this.#deps = options;
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0;
  }

  /** When `report` has something to do, ms epoch. */
  get nextReportAt(): number {
    return Math.min(Infinity, ...[...this.#batches].map(({ reportAt }) => reportAt));
  }

  keys(): RowRef[] {
    return [...this.#batches].flatMap(({ tab, keys }) => keys.map((key) => ({ tab, key })));
  }

  add(rows: readonly RowRef[]): void {
    const { now, initialPauseMs: pauseMs } = this.#deps;
    for (const [tab, ones] of Map.groupBy(rows, (row) => row.tab)) {
      const keys = [...new Set(ones.map(({ key }) => key))];
      this.#batches.add({ tab, keys, reportAt: now(), pauseMs, since: now() });
    }
  }

  /** Reports what is due. Never rejects. */
  async report(): Promise<void> {
    const { now, logger } = this.#deps;
    const due = [...this.#batches].filter(({ reportAt }) => reportAt <= now());
    for (const loss of due) loss.reportAt = Infinity;
    for (const loss of due) {
      loss.keys = await this.#request(loss);
      const isOver = now() - loss.since >= maxAgeMs;
      if (isOver || loss.keys.length === 0) this.#batches.delete(loss);
      if (isOver && loss.keys.length > 0) logger.error({ tab: loss.tab, keys: loss.keys }, 'missing rows given up');
      loss.reportAt = now() + loss.pauseMs;
      loss.pauseMs = Math.min(2 * loss.pauseMs, maxPauseMs);
    }
  }

  async #request({ tab, keys }: MissingBatch): Promise<readonly string[]> {
    const { requestRows, logger } = this.#deps;
    try {
      return await requestRows(tab, [...keys]);
    } catch (err) {
      logger.error({ err, rows: keys.length }, 'missing rows not reported');
      return keys;
    }
  }
}
