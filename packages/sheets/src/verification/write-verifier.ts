import type { Logger } from '@shopee-webhook/runtime';
import type { SheetRow } from '../schema/schema.ts';
import { runAudit, type TabKey } from './audit.ts';
import { WriteExpectation } from './write-expectation.ts';
import type { SpreadsheetClient } from '../client/google-client.ts';
import { GoogleError } from '../client/google-errors.ts';
import { isStaleIndexError, type SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import { ReadCells } from '../client/read-cells.ts';
import type { TabState } from '../index/tab-state.ts';
import { mergeRows } from '../rows/pending-rows.ts';
import type { WriterTimings } from '../rows/writer-timings.ts';
import type { ValueRange } from '../rows/value-ranges.ts';
import type { WrittenRow } from '../rows/row-values.ts';

export interface WriteVerifierDeps {
  client: SpreadsheetClient;
  index: SpreadsheetIndex;
  logger: Logger;
  now: () => number;
  timings: WriterTimings;
  /** Called when all that was written stands where it should. */
  onSettled: () => void;
  /** Takes rows that must be written again. */
  rewrite: (rows: readonly SheetRow[]) => void;
  /** Called with rows that are gone and whose values we no longer have. */
  onMissing: (rows: readonly TabKey[]) => void;
}

/** Whatever the checks after a write do not see is found within that time: undone deletions, copied rows. */
const auditIntervalMs = 3_600_000;
/** A user who moves columns under each repair is left alone for a while. */
const maxRepairPasses = 5;

/** A write that Google may still apply: until then the newest values of its rows are kept. */
interface InDoubtWrite {
  resolvedAt: number;
  rows: readonly WrittenRow[];
  newest: Map<string, SheetRow>;
  /** Another worker has written since, so that what we hold for the newest may not be. */
  hasForeignWrites: boolean;
  /** Rows of a writer that died: only Shopee can say what their newest values are. */
  recovered: readonly TabKey[];
}

/** Looks after what was written, and repairs what a user's edit or a late write has done to it. */
export class WriteVerifier {
  readonly #deps: WriteVerifierDeps;
  #expectation: WriteExpectation | undefined;
  #verifyAt = 0;
  #inDoubt: InDoubtWrite[] = [];
  #auditAt: number;
  /** Keys that went away while a write was in doubt: it may have overwritten them. */
  readonly #disappeared = new Map<string, TabKey>();

  constructor(parts: WriteVerifierDeps) {
    this.#deps = parts;
    this.#auditAt = parts.now() + auditIntervalMs;
  }

  /** The checkpoint that the next guard, or else `verify`, has to look at. */
  get expectation(): WriteExpectation | undefined {
    return this.#expectation;
  }

  /** When a checkpoint that could not be verified is to be looked at again. */
  get verifyAt(): number {
    return this.#expectation === undefined ? Infinity : this.#verifyAt;
  }

  /** When `auditDue` has something to do. */
  get auditAt(): number {
    return Math.min(this.#auditAt, ...this.#inDoubt.map(({ resolvedAt }) => resolvedAt));
  }

  onWritten(rows: readonly WrittenRow[], cellsOf: ReadonlyMap<TabState, ReadCells>): void {
    this.#expect(new WriteExpectation(rows, cellsOf));
    for (const { newest } of this.#inDoubt) {
      for (const { row } of rows) {
        const known = row === undefined ? undefined : newest.get(rowId(row));
        // The late write takes back what either of them wrote.
        if (row !== undefined && known !== undefined) newest.set(rowId(row), mergeRows(known, row));
      }
    }
  }

  /** The write failed and may have been applied all the same. */
  writeInDoubt(rows: readonly WrittenRow[], cellsOf: ReadonlyMap<TabState, ReadCells>, error: GoogleError): void {
    this.#expect(new WriteExpectation(rows, cellsOf, 'unknown'));
    if (error.mayApplyLate) this.#trackInDoubt(rows);
  }

  #trackInDoubt(rows: readonly WrittenRow[]): void {
    const newest = new Map(rows.flatMap(({ row }) => (row === undefined ? [] : [[rowId(row), row] as const])));
    this.#inDoubt.push({ resolvedAt: this.#inDoubtUntil(), rows, newest, hasForeignWrites: false, recovered: [] });
  }

  #inDoubtUntil(): number {
    return this.#deps.now() + this.#deps.timings.inDoubtWindowMs;
  }

  /** Another worker had the lock. */
  onForeignWrite(): void {
    for (const late of this.#inDoubt) late.hasForeignWrites = true;
  }

  /** Keys are not in the sheet any more. While no write is in doubt it was the user who took them out. */
  onDisappeared(tab: string, keys: readonly string[]): void {
    if (this.#expectation === undefined && this.#inDoubt.length === 0) return;
    for (const key of keys) this.#disappeared.set(rowId({ tab, key }), { tab, key });
  }

  /** Whether all that was written stands where it should, and nothing may come late. */
  get isSettled(): boolean {
    return this.#expectation === undefined && this.#inDoubt.length === 0;
  }

  /** Whether a write may still be applied: it can take rows back to an older version. */
  get hasInDoubt(): boolean {
    return this.#inDoubt.length > 0;
  }

  /** Everything written is where it should be. */
  onVerified(): void {
    this.#expectation = undefined;
    if (this.#inDoubt.length > 0) return;
    this.#disappeared.clear();
    this.#deps.onSettled();
  }

  /** Reads the checkpoint's cells, and repairs if they are not what they should be. Wants the lock. */
  async verify(): Promise<void> {
    const checkpoint = this.#expectation;
    if (checkpoint === undefined) return;
    const { now, timings } = this.#deps;
    // Not again at once if this fails.
    this.#verifyAt = now() + 10 * timings.verifyDelayMs;
    if (await this.#matches(checkpoint)) this.onVerified();
    else await this.repair();
  }

  /** Audits because the checkpoint did not hold; resolves with how many rows it repaired. Wants the lock. */
  async repair(): Promise<number> {
    return this.#repairUntilClean(this.#expectation?.rows ?? []);
  }

  /** The regular audit, and the one for each write whose time to come late is over. Wants the lock. */
  async runDueAudits(): Promise<void> {
    const { now, rewrite, onMissing } = this.#deps;
    const due = this.#inDoubt.filter(({ resolvedAt }) => resolvedAt <= now());
    // Not again at once if this fails.
    this.#auditAt = now() + auditIntervalMs;
    await this.verify();
    if (due.length === 0) return void (await this.repair());
    for (const late of due) {
      await this.#repairUntilClean(late.rows);
      rewrite([...late.newest.values()]);
      if (late.hasForeignWrites) onMissing(late.rows.flatMap(({ row }) => row ?? []));
      onMissing(late.recovered);
      this.#inDoubt = this.#inDoubt.filter((one) => one !== late);
    }
    if (this.#expectation === undefined) this.onVerified();
  }

  /** An audit at once, whatever is due; resolves with how many rows it repaired. Wants the lock. */
  async auditNow(): Promise<number> {
    const { index, now } = this.#deps;
    if (!index.isLoaded) await index.load([]);
    this.#auditAt = now() + auditIntervalMs;
    return this.repair();
  }

  /**
   * Another process died before it could look at its last write: we do so now, and again when Google cannot apply it any
   * more. `rows` are those that it wrote, as far as they are known. Wants the lock.
   */
  async recover(rows: readonly TabKey[]): Promise<void> {
    const late = {
      resolvedAt: this.#inDoubtUntil(),
      rows: [],
      newest: new Map(),
      hasForeignWrites: false,
      recovered: rows,
    };
    this.#inDoubt.push(late);
    try {
      await this.auditNow();
    } catch (error) {
      // It is all done again.
      this.#inDoubt = this.#inDoubt.filter((one) => one !== late);
      throw error;
    }
  }

  async #matches(checkpoint: WriteExpectation): Promise<boolean> {
    const { client, index } = this.#deps;
    const tabs = checkpoint.sheetIds.flatMap((sheetId) => index.tab(sheetId) ?? []);
    try {
      const blocks = await client.readRanges(checkpoint.ranges(tabs));
      return checkpoint.matches(new Map(tabs.map((tab) => [tab, new ReadCells(blocks, tab.title)])));
    } catch (error) {
      if (!isStaleIndexError(error)) throw error;
      return false;
    }
  }

  #expect(checkpoint: WriteExpectation): void {
    this.#expectation = checkpoint;
    this.#verifyAt = this.#deps.now() + this.#deps.timings.verifyDelayMs;
  }

  /**
   * Audits and repairs after a write of these rows, until there is nothing to repair: a repair too may have been moved
   * under its write.
   */
  async #repairUntilClean(written: readonly WrittenRow[]): Promise<number> {
    const { client, index, logger, rewrite, onMissing } = this.#deps;
    const write = (data: ValueRange[], repaired: readonly WrittenRow[]) => this.#writeRepair(data, repaired);
    const rows = [...written];
    // Until it is settled: whatever goes away now may have been overwritten, and if this fails it is taken up again.
    this.#expect(new WriteExpectation(rows, new Map(), 'broken'));
    for (let n = 0; n < maxRepairPasses; n += 1) {
      const { rowsToRewrite, missingKeys, repaired } = await runAudit({ client, index, write }, rows);
      rows.push(...repaired);
      if (repaired.length > 0) continue;
      const overwritten = [...missingKeys, ...this.#overwritten()];
      rewrite(rowsToRewrite);
      onMissing(overwritten);
      const count = rows.length - written.length;
      if (rowsToRewrite.length + overwritten.length + count > 0) {
        logger.warn(
          { rewritten: rowsToRewrite.length, missing: overwritten.length, repaired: count },
          'sheet repaired',
        );
      }
      this.#disappeared.clear();
      this.onVerified();
      break;
    }
    return rows.length - written.length;
  }

  /** Keys that went away and did not come back. If it was the user who deleted them just then, they are written again too. */
  #overwritten(): TabKey[] {
    const { index } = this.#deps;
    return [...this.#disappeared.values()].filter(({ tab, key }) => index.locateKey(tab, key) === undefined);
  }

  /** A repair is a write as any other: Google may apply it and not say so. */
  async #writeRepair(data: ValueRange[], rows: readonly WrittenRow[]): Promise<void> {
    try {
      await this.#deps.client.writeRanges(data);
    } catch (error) {
      if (error instanceof GoogleError && error.mayApplyLate) this.#trackInDoubt(rows);
      throw error;
    }
  }
}

function rowId({ tab, key }: TabKey): string {
  return `${tab}\n${key}`;
}
