import type { Logger } from '@shopee-webhook/runtime';
import type { SheetRow, Tab } from '../columns.ts';
import { audit, type TabKey } from './audit.ts';
import { Checkpoint } from './checkpoint.ts';
import type { SpreadsheetClient } from './google-client.ts';
import { GoogleError } from './google-errors.ts';
import { isOutdated, type Layout } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import type { TabState } from './tab-state.ts';
import type { WriterTimes } from './writer-times.ts';
import type { RangeOfValues } from './write-plan.ts';
import type { WrittenRow } from './written-row.ts';

export interface AftercareParts {
  client: SpreadsheetClient;
  layout: Layout;
  logger: Logger;
  now: () => number;
  times: WriterTimes;
  /** Hears that all that was written stands where it should. */
  settled: () => void;
  /** Takes rows that must be written again. */
  again: (rows: readonly SheetRow[]) => void;
  /** Hears of rows that are gone and whose values we no longer have. */
  missing: (rows: readonly TabKey[]) => void;
}

/** Whatever the checks after a write do not see is found within that time: undone deletions, copied rows. */
const auditEveryMs = 3_600_000;
/** A user who moves columns under each repair is left alone for a while. */
const maxRepairs = 5;

/** A write that Google may still apply: until then the newest values of its rows are kept. */
interface LateWrite {
  dueAt: number;
  rows: readonly WrittenRow[];
  newest: Map<string, SheetRow>;
  /** Another worker has written since, so that what we hold for the newest may not be. */
  shared: boolean;
  /** Rows of a writer that died: only Shopee can say what their newest values are. */
  inherited: readonly TabKey[];
}

/** Looks after what was written, and mends what a user's edit or a late write has done to it. */
export class Aftercare {
  readonly #parts: AftercareParts;
  #checkpoint: Checkpoint | undefined;
  #verifyAt = 0;
  #late: LateWrite[] = [];
  #auditAt: number;
  /** Keys that went away while a write was in doubt: it may have overwritten them. */
  readonly #vanished = new Map<string, TabKey>();

  constructor(parts: AftercareParts) {
    this.#parts = parts;
    this.#auditAt = parts.now() + auditEveryMs;
  }

  /** The checkpoint that the next guard, or else `verify`, has to look at. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** When a checkpoint that could not be verified is to be looked at again. */
  get verifyAt(): number {
    return this.#checkpoint === undefined ? Infinity : this.#verifyAt;
  }

  /** When `auditDue` has something to do. */
  get auditAt(): number {
    return Math.min(this.#auditAt, ...this.#late.map(({ dueAt }) => dueAt));
  }

  wrote(rows: readonly WrittenRow[], cellsOf: ReadonlyMap<TabState, ReadCells>): void {
    this.#remember(new Checkpoint(rows, cellsOf));
    for (const { newest } of this.#late) {
      for (const { row } of rows) if (row !== undefined && newest.has(idOf(row))) newest.set(idOf(row), row);
    }
  }

  /** The write failed and may have been applied all the same. */
  maybeWrote(rows: readonly WrittenRow[], cellsOf: ReadonlyMap<TabState, ReadCells>, error: GoogleError): void {
    this.#remember(new Checkpoint(rows, cellsOf, 'unknown'));
    if (error.mayComeLate) this.#expectLate(rows);
  }

  #expectLate(rows: readonly WrittenRow[]): void {
    const newest = new Map(rows.flatMap(({ row }) => (row === undefined ? [] : [[idOf(row), row] as const])));
    this.#late.push({ dueAt: this.#lateFromNow(), rows, newest, shared: false, inherited: [] });
  }

  #lateFromNow(): number {
    return this.#parts.now() + this.#parts.times.lateAfterMs;
  }

  /** Another worker had the lock. */
  othersWrote(): void {
    for (const late of this.#late) late.shared = true;
  }

  /** Keys are not in the sheet any more. While no write is in doubt it was the user who took them out. */
  vanished(tab: Tab, keys: readonly string[]): void {
    if (this.#checkpoint === undefined && this.#late.length === 0) return;
    for (const key of keys) this.#vanished.set(idOf({ tab, key }), { tab, key });
  }

  /** Whether all that was written stands where it should, and nothing may come late. */
  get isSettled(): boolean {
    return this.#checkpoint === undefined && this.#late.length === 0;
  }

  /** The checkpoint held. */
  confirmed(): void {
    this.#checkpoint = undefined;
    if (this.#late.length > 0) return;
    this.#vanished.clear();
    this.#parts.settled();
  }

  /** Reads the checkpoint's cells, and mends if they are not what they should be. Wants the lock. */
  async verify(): Promise<void> {
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) return;
    const { now, times } = this.#parts;
    // Not again at once if this fails.
    this.#verifyAt = now() + 10 * times.verifyAfterMs;
    if (await this.#holds(checkpoint)) this.confirmed();
    else await this.mend();
  }

  /** Audits because the checkpoint did not hold. Wants the lock. */
  async mend(): Promise<void> {
    await this.#settle(this.#checkpoint?.rows ?? []);
  }

  /** The regular audit, and the one for each write whose time to come late is over. Wants the lock. */
  async auditDue(): Promise<void> {
    const { now, again, missing } = this.#parts;
    const due = this.#late.filter(({ dueAt }) => dueAt <= now());
    // Not again at once if this fails.
    this.#auditAt = now() + auditEveryMs;
    await this.verify();
    if (due.length === 0) return this.mend();
    for (const late of due) {
      await this.#settle(late.rows);
      again([...late.newest.values()]);
      if (late.shared) missing(late.rows.flatMap(({ row }) => row ?? []));
      missing(late.inherited);
      this.#late = this.#late.filter((one) => one !== late);
    }
    if (this.#checkpoint === undefined) this.confirmed();
  }

  /** An audit at once, whatever is due. Wants the lock. */
  async auditNow(): Promise<void> {
    const { layout, now } = this.#parts;
    if (!layout.loaded) await layout.load([]);
    this.#auditAt = now() + auditEveryMs;
    await this.mend();
  }

  /**
   * Another process died before it could look at its last write: we do so now, and again when Google cannot apply it any
   * more. `rows` are those that it wrote, as far as they are known. Wants the lock.
   */
  async takeOver(rows: readonly TabKey[]): Promise<void> {
    const late = { dueAt: this.#lateFromNow(), rows: [], newest: new Map(), shared: false, inherited: rows };
    this.#late.push(late);
    try {
      await this.auditNow();
    } catch (error) {
      // It is all done again.
      this.#late = this.#late.filter((one) => one !== late);
      throw error;
    }
  }

  async #holds(checkpoint: Checkpoint): Promise<boolean> {
    const { client, layout } = this.#parts;
    const tabs = checkpoint.sheetIds.flatMap((sheetId) => layout.tab(sheetId) ?? []);
    try {
      const blocks = await client.read(checkpoint.ranges(tabs));
      return checkpoint.holds(new Map(tabs.map((tab) => [tab, new ReadCells(blocks, tab.title)])));
    } catch (error) {
      if (!isOutdated(error)) throw error;
      return false;
    }
  }

  #remember(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    this.#verifyAt = this.#parts.now() + this.#parts.times.verifyAfterMs;
  }

  /**
   * Audits and repairs after a write of these rows, until there is nothing to repair: a repair too may have been moved
   * under its write.
   */
  async #settle(written: readonly WrittenRow[]): Promise<void> {
    const { client, layout, logger, again, missing } = this.#parts;
    const write = (data: RangeOfValues[], repaired: readonly WrittenRow[]) => this.#repair(data, repaired);
    const rows = [...written];
    // Until it is settled: whatever goes away now may have been overwritten, and if this fails it is taken up again.
    this.#remember(new Checkpoint(rows, new Map(), 'broken'));
    for (let n = 0; n < maxRepairs; n += 1) {
      const { gone, goneKeys, repaired } = await audit({ client, layout, write }, rows);
      rows.push(...repaired);
      if (repaired.length > 0) continue;
      const overwritten = [...goneKeys, ...this.#overwritten()];
      again(gone);
      missing(overwritten);
      const count = rows.length - written.length;
      if (gone.length + overwritten.length + count > 0) {
        logger.warn({ rewritten: gone.length, missing: overwritten.length, repaired: count }, 'sheet repaired');
      }
      this.#vanished.clear();
      return this.confirmed();
    }
  }

  /** Keys that went away and did not come back. If it was the user who deleted them just then, they are written again too. */
  #overwritten(): TabKey[] {
    const { layout } = this.#parts;
    return [...this.#vanished.values()].filter(({ tab, key }) => layout.place(tab, key) === undefined);
  }

  /** A repair is a write as any other: Google may apply it and not say so. */
  async #repair(data: RangeOfValues[], rows: readonly WrittenRow[]): Promise<void> {
    try {
      await this.#parts.client.write(data);
    } catch (error) {
      if (error instanceof GoogleError && error.mayComeLate) this.#expectLate(rows);
      throw error;
    }
  }
}

function idOf({ tab, key }: TabKey): string {
  return `${tab}\n${key}`;
}
