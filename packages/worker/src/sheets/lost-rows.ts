import type { Logger } from '@shopee-webhook/runtime';
import type { Tab } from '../columns.ts';
import type { RowName } from './key-memory.ts';

export interface LostRowsOptions {
  /** Has them fetched again. Resolves with the keys that must be told again; all of them when it rejects. */
  tell: (tab: Tab, keys: string[]) => Promise<readonly string[]>;
  logger: Logger;
  now: () => number;
  /** Before those are told again, ms; then twice as long each time, up to a quarter of an hour. */
  firstPauseMs: number;
}

interface Loss {
  tab: Tab;
  keys: readonly string[];
  /** Infinity while it is being told. */
  tellAt: number;
  pauseMs: number;
  since: number;
}

const longestPauseMs = 900_000;
/** While some are left nothing that was written counts as settled, so that a restart would look at all of it again. */
const longestMs = 86_400_000;

/** Rows that are gone and must be fetched from Shopee again, until somebody took them on, or a day has passed. */
export class LostRows {
  readonly #options: LostRowsOptions;
  readonly #losses = new Set<Loss>();

  constructor(options: LostRowsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#losses.size === 0;
  }

  /** When `tell` has something to do, ms epoch. */
  get tellAt(): number {
    return Math.min(Infinity, ...[...this.#losses].map(({ tellAt }) => tellAt));
  }

  names(): RowName[] {
    return [...this.#losses].flatMap(({ tab, keys }) => keys.map((key) => ({ tab, key })));
  }

  add(rows: readonly RowName[]): void {
    const { now, firstPauseMs: pauseMs } = this.#options;
    for (const [tab, ones] of Map.groupBy(rows, (row) => row.tab)) {
      const keys = [...new Set(ones.map(({ key }) => key))];
      this.#losses.add({ tab, keys, tellAt: now(), pauseMs, since: now() });
    }
  }

  /** Tells what is due. Never rejects. */
  async tell(): Promise<void> {
    const { now, logger } = this.#options;
    const due = [...this.#losses].filter(({ tellAt }) => tellAt <= now());
    for (const loss of due) loss.tellAt = Infinity;
    for (const loss of due) {
      loss.keys = await this.#left(loss);
      const isOver = now() - loss.since >= longestMs;
      if (isOver || loss.keys.length === 0) this.#losses.delete(loss);
      if (isOver && loss.keys.length > 0) logger.error({ tab: loss.tab, keys: loss.keys }, 'missing rows given up');
      loss.tellAt = now() + loss.pauseMs;
      loss.pauseMs = Math.min(2 * loss.pauseMs, longestPauseMs);
    }
  }

  async #left({ tab, keys }: Loss): Promise<readonly string[]> {
    const { tell, logger } = this.#options;
    try {
      return await tell(tab, [...keys]);
    } catch (err) {
      logger.error({ err, rows: keys.length }, 'missing rows not reported');
      return keys;
    }
  }
}
