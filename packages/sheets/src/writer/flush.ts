import { setTimeout as sleep } from 'node:timers/promises';
import type { SheetRow } from '../schema/schema.ts';
import type { WriteVerifier } from '../verification/write-verifier.ts';
import type { SpreadsheetClient } from '../client/google-client.ts';
import { GoogleError } from '../client/google-errors.ts';
import { headerMatches } from '../index/header-map.ts';
import { checkTarget, preflightRanges, versionRanges, type PlacedRow } from '../rows/preflight.ts';
import type { WriteJournal } from '../rows/write-journal.ts';
import type { RecentVersions, WrittenVersion } from '../rows/recent-versions.ts';
import type { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import { isWriteProtected } from '../client/protection.ts';
import { ReadCells } from '../client/read-cells.ts';
import type { WriteResult } from '../rows/sheet-row.ts';
import type { RowLocation, TabState } from '../index/tab-state.ts';
import { toValueRanges } from '../rows/value-ranges.ts';
import { writtenRow } from '../rows/row-values.ts';

export interface FlushDeps {
  client: SpreadsheetClient;
  index: SpreadsheetIndex;
  verifier: WriteVerifier;
  journal: WriteJournal;
  recentVersions: RecentVersions;
  /** Rows for later flushes. */
  pendingRows: () => Iterable<SheetRow>;
  signal: AbortSignal;
  initialBackoffMs: number;
  /** Called when rows hold an older version than was written: the user restored an older version of the file. */
  onRestored: () => Promise<void>;
  /** Called while dates have the clock of a zone that the spreadsheet had before. */
  onZoneChange: () => Promise<void>;
  /** Called for each failed request before it is tried again. */
  onError: (error: GoogleError) => void;
}

/** A user who sorts without end would keep a flush busy without end. */
const maxRelocations = 8;
/** Then the waiting ends with an error; the rows come back with their messages. */
const maxInDoubt = 4;
/** Each waits twice as long as the one before: a minute in all. */
const maxQuotaErrors = 5;
const maxRejected = 10;
/** So many rows that were written last are checked for their version: a few cells more in the one read. */
const versionSamples = 6;

/**
 * Brings rows into the sheet: places them, makes room, looks whether their places are what we take them for, writes
 * them all in one request. Every step may be repeated: the same rows go to the same places.
 */
export class Flush {
  readonly #deps: FlushDeps;
  readonly #results = new Map<SheetRow, WriteResult>();
  /** Rows that the source has no more, by tab and key. */
  readonly #gone = new Map<string, SheetRow>();
  #relocations = 0;
  #inDoubt = 0;
  #quotaErrors = 0;
  #rejected = 0;
  #isWriteProtected: boolean | undefined;

  constructor(parts: FlushDeps) {
    this.#deps = parts;
  }

  /** Whether rows were looked for again: the user moved or deleted some. */
  get sawRelocations(): boolean {
    return this.#relocations > 0;
  }

  /** Resolves with what became of each row; rejects when the sheet cannot be written just now. */
  async run(rows: readonly SheetRow[]): Promise<Map<SheetRow, WriteResult>> {
    await this.#writeUntilDone(rows);
    return this.#results;
  }

  /** Until each row has a result. */
  async #writeUntilDone(rows: readonly SheetRow[]): Promise<void> {
    for (;;) {
      const left = rows.filter((row) => !this.#results.has(row));
      if (left.length === 0) return;
      try {
        await this.#attempt(left);
      } catch (error) {
        if (!(error instanceof GoogleError) || this.#rejected > maxRejected) throw error;
        await this.#handleError(error, left);
      }
    }
  }

  async #attempt(rows: readonly SheetRow[]): Promise<void> {
    const { client, index, verifier, journal } = this.#deps;
    if (!index.hasTabsFor(rows)) await index.load(rows);
    // Before anything is written with the new clock.
    if (index.zoneChange !== undefined) await this.#deps.onZoneChange();
    const placed = this.#assignRows([...rows, ...this.#goneDetails(rows)]);
    await index.growGrid(lastRows(placed), this.#deps.pendingRows);
    const cellsOf = await this.#readTargets(placed);
    if (!(await this.#matchesExpectation(rows, cellsOf))) return;
    const confirmed = await this.#confirmTargets(placed, cellsOf);
    if (confirmed.length === 0) return;
    const names = (ones: readonly PlacedRow[]) => ones.map(({ row }) => row);
    journal.begin({ rows: names(confirmed), added: names(confirmed.filter(({ isNew }) => isNew)) });
    const written = confirmed.map((one) => writtenRow(one, index.timeZone));
    try {
      await client.writeRanges(toValueRanges(written));
    } catch (error) {
      if (!(error instanceof GoogleError)) throw error;
      if (error.kind === 'bad-request' || error.kind === 'protected') return this.#bisectRejected(confirmed, error);
      if (error.kind === 'unknown') verifier.writeInDoubt(written, cellsOf, error);
      throw error;
    }
    verifier.onWritten(written, cellsOf);
    for (const one of confirmed) this.#recordWritten(one);
  }

  /** The rows that the sheet has of these rows' details and that their source has no more. */
  #goneDetails(rows: readonly SheetRow[]): SheetRow[] {
    const { index } = this.#deps;
    const given = new Set(rows.map(rowId));
    for (const row of rows) {
      const { tab, keys = [], cellsIfGone: cells = {} } = row.details ?? {};
      if (tab === undefined) continue;
      for (const key of index.detailsOf(tab, row.key)) {
        const gone: SheetRow = { ...row, tab, key, cells, cellsIfNew: {}, details: undefined };
        const id = rowId(gone);
        if (!keys.includes(key) && !given.has(id) && !this.#gone.has(id)) this.#gone.set(id, gone);
      }
    }
    return [...this.#gone.values()].filter((row) => !this.#results.has(row) && index.locate(row) !== undefined);
  }

  /** Known rows where they stand; new ones below the last row. */
  #assignRows(rows: readonly SheetRow[]): PlacedRow[] {
    const { index } = this.#deps;
    const next = new Map<TabState, number>();
    return rows.map((row) => {
      const known = index.locate(row);
      if (known !== undefined) return { row, ...known, isNew: false };
      const tab = index.targetTab(row);
      const at = next.get(tab) ?? tab.index.nextRow;
      next.set(tab, at + 1);
      return { row, tab, at, isNew: true };
    });
  }

  /** The preflight's one read, with what is expected of the last write, and versions that were written. */
  async #readTargets(placed: readonly PlacedRow[]): Promise<Map<TabState, ReadCells>> {
    const { client, index, verifier } = this.#deps;
    const { expectation } = verifier;
    const byTab = Map.groupBy(placed, (one) => one.tab);
    const expected = (expectation?.sheetIds ?? []).flatMap((sheetId) => index.tab(sheetId) ?? []);
    const samples = Map.groupBy(this.#versionSamples(), ({ tab }) => tab);
    const tabs = [...new Set([...byTab.keys(), ...expected, ...samples.keys()])];
    const blocks = await client.readRanges(
      tabs.flatMap((tab) => [
        ...preflightRanges(tab, byTab.get(tab) ?? [], expectation?.rowsIn(tab.sheetId) ?? []),
        ...versionRanges(
          tab,
          (samples.get(tab) ?? []).map(({ at }) => at),
        ),
      ]),
    );
    return new Map(tabs.map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  }

  /** Rows that were written last, where they should be. */
  #versionSamples(): (RowLocation & Omit<WrittenVersion, 'tab'>)[] {
    const { index, recentVersions } = this.#deps;
    return recentVersions.latest(versionSamples).flatMap((row) => {
      const found = index.locate(row);
      return found === undefined ? [] : [{ ...row, ...found }];
    });
  }

  /** Whether our columns, the rows of the last write and their versions are as they were; if not, that is repaired. */
  async #matchesExpectation(rows: readonly SheetRow[], cellsOf: ReadonlyMap<TabState, ReadCells>): Promise<boolean> {
    const { index, verifier, onRestored } = this.#deps;
    if (verifier.expectation?.matches(cellsOf) === false) {
      await this.#onRowsMoved(() => verifier.repair());
      return false;
    }
    verifier.onVerified();
    if (![...cellsOf].every(([tab, cells]) => headerMatches(tab.header, cells))) {
      await this.#onRowsMoved(() => index.load(rows));
      return false;
    }
    if (verifier.hasInDoubt) return true;
    const isRestored = this.#versionSamples().some(({ tab, at, key, version }) => {
      const cells = cellsOf.get(tab);
      return cells?.get(at, tab.header.key) === key && Number(cells.get(at, tab.header.version)) < version;
    });
    if (isRestored) await this.#onRowsMoved(onRestored);
    return !isRestored;
  }

  /** The rows that may be written now. None when something moved: then they are placed again. */
  async #confirmTargets(placed: readonly PlacedRow[], cellsOf: ReadonlyMap<TabState, ReadCells>): Promise<PlacedRow[]> {
    const { index } = this.#deps;
    const confirmed: PlacedRow[] = [];
    let occupied = false;
    for (const one of placed) {
      const cells = cellsOf.get(one.tab);
      const finding = cells === undefined ? { kind: 'moved' as const } : checkTarget(one, cells);
      if (finding.kind === 'moved') {
        await this.#onRowsMoved(() => index.reindex());
        return [];
      }
      if (finding.kind === 'occupied') {
        one.tab.index.skipTo(one.at + 1);
        occupied = true;
      } else if (finding.kind === 'free') {
        confirmed.push(one);
      } else if (this.#isStale(one.row, finding.version)) {
        one.tab.index.set(one.row.key, one.at);
        this.#results.set(one.row, { kind: 'stale' });
      } else {
        const status = finding.status === undefined ? {} : { status: finding.status };
        confirmed.push({ ...one, isNew: false, ...status, preserved: finding.preserved });
      }
    }
    return occupied ? [] : confirmed;
  }

  /** Whether what stands in the sheet, of this version, is newer. */
  #isStale(row: SheetRow, version: number): boolean {
    return version > row.version || (version === row.version && this.#deps.recentVersions.isNewer(row));
  }

  async #onRowsMoved(refresh: () => Promise<unknown>): Promise<void> {
    this.#relocations += 1;
    if (this.#relocations > maxRelocations)
      throw new GoogleError('unreachable', 'the sheet is being rearranged all the time');
    await refresh();
  }

  #recordWritten({ row, tab, at, status }: PlacedRow): void {
    tab.index.set(row.key, at);
    this.#deps.recentVersions.record(row);
    const previous = status === undefined ? {} : { previous: { status } };
    this.#results.set(row, { kind: 'written', row: at, sheetId: tab.sheetId, ...previous });
  }

  /**
   * Google rejects one of these rows: it is found by writing ever smaller parts, and set apart with Google's words. When
   * it rejects many, the fault is not theirs.
   */
  async #bisectRejected(placed: readonly PlacedRow[], error: GoogleError): Promise<void> {
    const rows = placed.map(({ row }) => row);
    const [only] = rows;
    this.#deps.onError(error);
    if (error.kind === 'protected') {
      this.#isWriteProtected ??= await isWriteProtected(
        this.#deps.client,
        new Set(placed.map(({ tab }) => tab.sheetId)),
      );
      if (this.#isWriteProtected) throw error;
    }
    if (rows.length === 1 && only !== undefined) {
      this.#rejected += 1;
      if (this.#rejected > maxRejected) throw error;
      this.#results.set(only, { kind: 'rejected', error: error.message });
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await this.#writeUntilDone(rows.slice(0, middle));
    await this.#writeUntilDone(rows.slice(middle));
  }

  async #handleError(error: GoogleError, rows: readonly SheetRow[]): Promise<void> {
    const { index, onError, signal, initialBackoffMs } = this.#deps;
    onError(error);
    if (error.kind === 'unknown') {
      this.#inDoubt += 1;
      if (this.#inDoubt > maxInDoubt) throw error;
      await sleep(initialBackoffMs * 2 ** (this.#inDoubt - 1) * (0.75 + Math.random() / 2), undefined, { signal });
    } else if (error.kind === 'quota') {
      // Nothing was applied, and the quota is paused by now: the next request waits for it.
      this.#quotaErrors += 1;
      if (this.#quotaErrors > maxQuotaErrors) throw error;
    } else if (error.kind === 'grid' || error.kind === 'range' || error.kind === 'bad-request') {
      // Another tab, another grid, or a tab that is there by now although making it seemed to fail.
      if (this.#relocations > 3 && error.kind === 'bad-request') throw error;
      await this.#onRowsMoved(() => index.load(rows));
    } else {
      throw error;
    }
  }
}

function rowId({ tab, key }: SheetRow): string {
  return `${tab}\n${key}`;
}

function lastRows(placed: readonly PlacedRow[]): Map<TabState, number> {
  const last = new Map<TabState, number>();
  for (const { tab, at } of placed) last.set(tab, Math.max(at, last.get(tab) ?? 0));
  return last;
}
