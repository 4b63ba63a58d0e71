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
    if (!error.mayComeLate) return;
    const newest = new Map(rows.flatMap(({ row }) => (row === undefined ? [] : [[idOf(row), row] as const])));
    this.#late.push({ dueAt: this.#parts.now() + this.#parts.times.lateAfterMs, rows, newest });
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

  /** Audits because the checkpoint did not hold, until what it repairs holds. Wants the lock. */
  async mend(): Promise<void> {
    for (let n = 0; n < maxRepairs; n += 1) {
      this.#checkpoint = await this.#audit(this.#checkpoint?.rows);
      if (this.#checkpoint === undefined) return this.confirmed();
      if (await this.#holds(this.#checkpoint)) return this.confirmed();
    }
  }

  /** The regular audit, and the one for each write whose time to come late is over. Wants the lock. */
  async auditDue(): Promise<void> {
    const { now, again } = this.#parts;
    const due = this.#late.filter(({ dueAt }) => dueAt <= now());
    // Not again at once if this fails.
    this.#auditAt = now() + auditEveryMs;
    await this.verify();
    if (due.length === 0) return this.mend();
    for (const late of due) {
      this.#checkpoint = await this.#audit(late.rows, new Set(late.rows.map(({ tab }) => tab.sheetId)));
      await this.verify();
      again([...late.newest.values()]);
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
   * Audits after a write of these rows. Resolves with the checkpoint of what it wrote itself, for that too may have been
   * moved under its write. `surely` are tabs in which the write may have overwritten others although it is not to be seen.
   */
  async #audit(rows?: readonly WrittenRow[], surely?: ReadonlySet<number>): Promise<Checkpoint | undefined> {
    const { client, layout, logger, again, missing } = this.#parts;
    const write = (data: RangeOfValues[], repaired: readonly WrittenRow[]) => this.#repair(data, repaired);
    const { gone, goneKeys, touched, repaired } = await audit({ client, layout, write }, rows);
    const overwritten = this.#overwritten(surely ?? touched);
    again(gone);
    missing([...goneKeys, ...overwritten]);
    const count = goneKeys.length + overwritten.length;
    if (gone.length + count + repaired.length > 0) {
      logger.warn({ rewritten: gone.length, missing: count, repaired: repaired.length }, 'sheet repaired');
    }
    return repaired.length === 0 ? undefined : new Checkpoint(repaired, new Map());
  }

  /** Keys that went away, and are still away, from tabs of that kind. */
  #overwritten(sheetIds: ReadonlySet<number>): TabKey[] {
    const { layout } = this.#parts;
    const kinds = new Set([...sheetIds].map((sheetId) => layout.tab(sheetId)?.tab));
    const found = [...this.#vanished].filter(([, { tab }]) => kinds.has(tab));
    for (const [id] of found) this.#vanished.delete(id);
    return found.flatMap(([, one]) => (layout.place(one.tab, one.key) === undefined ? [one] : []));
  }

  /** A repair is a write as any other: Google may apply it and not say so. */
  async #repair(data: RangeOfValues[], rows: readonly WrittenRow[]): Promise<void> {
    try {
      await this.#parts.client.write(data);
    } catch (error) {
      if (error instanceof GoogleError && error.kind === 'unknown') this.maybeWrote(rows, new Map(), error);
      throw error;
    }
  }
}

function idOf({ tab, key }: TabKey): string {
  return `${tab}\n${key}`;
}
