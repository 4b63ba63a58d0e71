import type { Logger } from '@shopee-webhook/runtime';
import type { SheetRow, Tab } from '../columns.ts';
import { audit, type AuditParts } from './audit.ts';
import { Checkpoint } from './checkpoint.ts';
import type { GoogleError } from './google-errors.ts';
import type { Placed } from './guard.ts';
import { ReadCells } from './read-cells.ts';
import type { TabState } from './tab-state.ts';
import type { WriterTimes } from './writer-times.ts';

export interface AftercareParts extends AuditParts {
  logger: Logger;
  now: () => number;
  times: WriterTimes;
  /** Takes rows that must be written again. */
  again: (rows: readonly SheetRow[]) => void;
  /** Hears of rows that are gone and whose values we no longer have. */
  missing: (tab: Tab, keys: string[]) => void;
}

/** Whatever the checks after a write do not see is found within that time: undone deletions, copied rows. */
const auditEveryMs = 3_600_000;

/** A write that Google may still apply: until then the newest values of its rows are kept. */
interface LateWrite {
  dueAt: number;
  checkpoint: Checkpoint;
  newest: Map<string, SheetRow>;
}

/** Looks after what was written, and mends what a user's edit or a late write has done to it. */
export class Aftercare {
  readonly #parts: AftercareParts;
  #checkpoint: Checkpoint | undefined;
  #verifyAt = 0;
  #late: LateWrite[] = [];
  #auditAt: number;

  constructor(parts: AftercareParts) {
    this.#parts = parts;
    this.#auditAt = parts.now() + auditEveryMs;
  }

  /** The checkpoint that the next guard, or else `verify`, has to look at. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** When `verify` and `auditDue` have something to do. */
  get verifyAt(): number {
    return this.#checkpoint === undefined ? Infinity : this.#verifyAt;
  }

  get auditAt(): number {
    return Math.min(this.#auditAt, ...this.#late.map(({ dueAt }) => dueAt));
  }

  wrote(placed: readonly Placed[], cellsOf: ReadonlyMap<TabState, ReadCells>): void {
    this.#remember(new Checkpoint(placed, cellsOf, 'written'));
    for (const { newest } of this.#late) {
      for (const { row } of placed) if (newest.has(rowId(row))) newest.set(rowId(row), row);
    }
  }

  /** The write failed and may have been applied all the same. */
  maybeWrote(placed: readonly Placed[], cellsOf: ReadonlyMap<TabState, ReadCells>, error: GoogleError): void {
    const checkpoint = new Checkpoint(placed, cellsOf, 'unknown');
    this.#remember(checkpoint);
    if (!error.mayComeLate) return;
    const newest = new Map(placed.map(({ row }) => [rowId(row), row]));
    this.#late.push({ dueAt: this.#parts.now() + this.#parts.times.lateAfterMs, checkpoint, newest });
  }

  /** The checkpoint held. */
  confirmed(): void {
    this.#checkpoint = undefined;
  }

  /** Reads the checkpoint's cells; resolves with whether all is where it was written. */
  async verify(): Promise<boolean> {
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) return true;
    const { client, layout, now, times } = this.#parts;
    // Not again at once if this fails.
    this.#verifyAt = now() + 10 * times.verifyAfterMs;
    const tabs = checkpoint.sheetIds.flatMap((sheetId) => layout.tab(sheetId) ?? []);
    const blocks = await client.read(checkpoint.ranges(tabs));
    const held = checkpoint.check(new Map(tabs.map((tab) => [tab, new ReadCells(blocks, tab.title)]))) === 'holds';
    if (held && this.#checkpoint === checkpoint) this.#checkpoint = undefined;
    return held;
  }

  /** Audits because the checkpoint did not hold. Wants the lock. */
  async mend(): Promise<void> {
    await this.#audit(this.#checkpoint);
    this.#checkpoint = undefined;
  }

  /** The regular audit, and the one for each write whose time to come late is over. Wants the lock. */
  async auditDue(): Promise<void> {
    const { now, again } = this.#parts;
    const due = this.#late.filter(({ dueAt }) => dueAt <= now());
    // Not again at once if this fails.
    this.#auditAt = now() + auditEveryMs;
    for (const { checkpoint } of due) await this.#audit(checkpoint);
    if (due.length === 0) await this.#audit(undefined);
    this.#late = this.#late.filter((late) => !due.includes(late));
    for (const { newest } of due) again([...newest.values()]);
  }

  /** An audit at once, whatever is due. Wants the lock. */
  async auditNow(): Promise<void> {
    const { layout } = this.#parts;
    if (!layout.loaded) await layout.load([]);
    await this.#audit(this.#checkpoint);
    this.#checkpoint = undefined;
    this.#auditAt = this.#parts.now() + auditEveryMs;
  }

  #remember(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    this.#verifyAt = this.#parts.now() + this.#parts.times.verifyAfterMs;
  }

  async #audit(checkpoint: Checkpoint | undefined): Promise<void> {
    const { logger, again, missing, now, times } = this.#parts;
    const { gone, missing: lost, duplicates, strays } = await audit(this.#parts, checkpoint);
    again(gone);
    for (const { tab, keys } of lost) missing(tab, keys);
    // Repaired in place; another look tells whether that went well.
    if (duplicates + strays > 0) this.#auditAt = now() + times.verifyAfterMs;
    const lostRows = lost.reduce((sum, { keys }) => sum + keys.length, 0);
    if (gone.length + lostRows + duplicates + strays === 0) return;
    logger.warn({ rewritten: gone.length, missing: lostRows, duplicates, strays }, 'sheet repaired');
  }
}

function rowId({ tab, key }: SheetRow): string {
  return `${tab}\n${key}`;
}
