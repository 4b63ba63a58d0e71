import { setTimeout as sleep } from 'node:timers/promises';
import type { SheetRow } from '../columns.ts';
import type { Aftercare } from './aftercare.ts';
import type { SpreadsheetClient } from './google-client.ts';
import { GoogleError } from './google-errors.ts';
import { guardRanges, headerHolds, inspect, type Placed } from './guard.ts';
import type { KeyMemory } from './key-memory.ts';
import type { LastWritten } from './last-written.ts';
import type { Layout } from './layout.ts';
import { keptOut } from './protection.ts';
import { ReadCells } from './read-cells.ts';
import type { WriteResult } from './sheet-row.ts';
import type { TabState } from './tab-state.ts';
import { writeRanges } from './write-plan.ts';
import { writtenRow } from './written-row.ts';

export interface FlushParts {
  client: SpreadsheetClient;
  layout: Layout;
  aftercare: Aftercare;
  memory: KeyMemory;
  lastWritten: LastWritten;
  /** Rows for later flushes. */
  waiting: () => Iterable<SheetRow>;
  signal: AbortSignal;
  backoffMs: number;
  /** Called for each failed request before it is tried again. */
  onTrouble: (error: GoogleError) => void;
}

/** A user who sorts without end would keep a flush busy without end. */
const maxMoves = 8;
/** Then the waiting ends with an error; the rows come back with their messages. */
const maxUnknown = 4;
const maxOverQuota = 3;
const maxRefused = 10;

/**
 * Brings rows into the sheet: places them, makes room, looks whether their places are what we take them for, writes
 * them all in one request. Every step may be repeated: the same rows go to the same places.
 */
export class Flush {
  readonly #parts: FlushParts;
  readonly #results = new Map<SheetRow, WriteResult>();
  #moves = 0;
  #unknown = 0;
  #overQuota = 0;
  #refused = 0;
  #keptOut: boolean | undefined;

  constructor(parts: FlushParts) {
    this.#parts = parts;
  }

  /** Whether rows were looked for anew: the user moved or deleted some. */
  get sawMoves(): boolean {
    return this.#moves > 0;
  }

  /** Resolves with what became of each row; rejects when the sheet cannot be written just now. */
  async run(rows: readonly SheetRow[]): Promise<Map<SheetRow, WriteResult>> {
    await this.#bring(rows);
    return this.#results;
  }

  /** Until each row has a result. */
  async #bring(rows: readonly SheetRow[]): Promise<void> {
    for (;;) {
      const left = rows.filter((row) => !this.#results.has(row));
      if (left.length === 0) return;
      try {
        await this.#attempt(left);
      } catch (error) {
        if (!(error instanceof GoogleError) || this.#refused > maxRefused) throw error;
        await this.#recover(error, left);
      }
    }
  }

  async #attempt(rows: readonly SheetRow[]): Promise<void> {
    const { client, layout, aftercare, memory } = this.#parts;
    if (!layout.covers(rows)) await layout.load(rows);
    const placed = this.#place(rows);
    await layout.grow(lastRows(placed), this.#parts.waiting);
    const cellsOf = await this.#read(placed);
    if (!(await this.#inPlace(rows, cellsOf))) return;
    const confirmed = await this.#confirm(placed, cellsOf);
    if (confirmed.length === 0) return;
    const names = (ones: readonly Placed[]) => ones.map(({ row }) => row);
    memory.begin({ rows: names(confirmed), added: names(confirmed.filter(({ isNew }) => isNew)) });
    const written = confirmed.map((one) => writtenRow(one, layout.timeZone));
    try {
      await client.write(writeRanges(written));
    } catch (error) {
      if (!(error instanceof GoogleError)) throw error;
      if (error.kind === 'bad-request' || error.kind === 'protected') return this.#narrow(confirmed, error);
      if (error.kind === 'unknown') aftercare.maybeWrote(written, cellsOf, error);
      throw error;
    }
    aftercare.wrote(written, cellsOf);
    for (const one of confirmed) this.#written(one);
  }

  /** Known rows where they stand; new ones below the last row. */
  #place(rows: readonly SheetRow[]): Placed[] {
    const { layout } = this.#parts;
    const next = new Map<TabState, number>();
    return rows.map((row) => {
      const known = layout.find(row);
      if (known !== undefined) return { row, ...known, isNew: false };
      const tab = layout.tabFor(row);
      const at = next.get(tab) ?? tab.index.next;
      next.set(tab, at + 1);
      return { row, tab, at, isNew: true };
    });
  }

  /** The guard's one read, with what the last write's checkpoint wants to see. */
  async #read(placed: readonly Placed[]): Promise<Map<TabState, ReadCells>> {
    const { client, layout, aftercare } = this.#parts;
    const { checkpoint } = aftercare;
    const byTab = Map.groupBy(placed, (one) => one.tab);
    const watched = (checkpoint?.sheetIds ?? []).flatMap((sheetId) => layout.tab(sheetId) ?? []);
    const tabs = [...new Set([...byTab.keys(), ...watched])];
    const blocks = await client.read(
      tabs.flatMap((tab) => guardRanges(tab, byTab.get(tab) ?? [], checkpoint?.rowsOf(tab.sheetId) ?? [])),
    );
    return new Map(tabs.map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  }

  /** Whether our columns and the rows of the last write are where they were; if not, they are looked for and mended. */
  async #inPlace(rows: readonly SheetRow[], cellsOf: ReadonlyMap<TabState, ReadCells>): Promise<boolean> {
    const { layout, aftercare } = this.#parts;
    if (aftercare.checkpoint?.holds(cellsOf) === false) {
      await this.#moved(() => aftercare.mend());
      return false;
    }
    aftercare.confirmed();
    if ([...cellsOf].every(([tab, cells]) => headerHolds(tab, cells))) return true;
    await this.#moved(() => layout.load(rows));
    return false;
  }

  /** The rows that may be written now. None when something moved: then they are placed again. */
  async #confirm(placed: readonly Placed[], cellsOf: ReadonlyMap<TabState, ReadCells>): Promise<Placed[]> {
    const { layout } = this.#parts;
    const confirmed: Placed[] = [];
    let occupied = false;
    for (const one of placed) {
      const cells = cellsOf.get(one.tab);
      const finding = cells === undefined ? { kind: 'moved' as const } : inspect(one, cells);
      if (finding.kind === 'moved') {
        await this.#moved(() => layout.reindex());
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
        confirmed.push({ ...one, isNew: false, ...status, kept: finding.kept });
      }
    }
    return occupied ? [] : confirmed;
  }

  /** Whether what stands in the sheet, of this version, is newer. */
  #isStale(row: SheetRow, version: number): boolean {
    return version > row.version || (version === row.version && this.#parts.lastWritten.hasNewer(row));
  }

  async #moved(lookAgain: () => Promise<unknown>): Promise<void> {
    this.#moves += 1;
    if (this.#moves > maxMoves) throw new GoogleError('unreachable', 'the sheet is being rearranged all the time');
    await lookAgain();
  }

  #written({ row, tab, at, status }: Placed): void {
    tab.index.set(row.key, at);
    this.#parts.lastWritten.note(row);
    const previous = status === undefined ? {} : { previous: { status } };
    this.#results.set(row, { kind: 'written', row: at, sheetId: tab.sheetId, ...previous });
  }

  /**
   * Google refuses one of these rows: it is found by writing ever smaller parts, and set apart with Google's words. When
   * it refuses many, the fault is not theirs.
   */
  async #narrow(placed: readonly Placed[], error: GoogleError): Promise<void> {
    const rows = placed.map(({ row }) => row);
    const [only] = rows;
    this.#parts.onTrouble(error);
    if (error.kind === 'protected') {
      this.#keptOut ??= await keptOut(this.#parts.client, new Set(placed.map(({ tab }) => tab.sheetId)));
      if (this.#keptOut) throw error;
    }
    if (rows.length === 1 && only !== undefined) {
      this.#refused += 1;
      if (this.#refused > maxRefused) throw error;
      this.#results.set(only, { kind: 'refused', error: error.message });
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await this.#bring(rows.slice(0, middle));
    await this.#bring(rows.slice(middle));
  }

  async #recover(error: GoogleError, rows: readonly SheetRow[]): Promise<void> {
    const { layout, onTrouble, signal, backoffMs } = this.#parts;
    onTrouble(error);
    if (error.kind === 'unknown') {
      this.#unknown += 1;
      if (this.#unknown > maxUnknown) throw error;
      await sleep(backoffMs * 2 ** (this.#unknown - 1) * (0.75 + Math.random() / 2), undefined, { signal });
    } else if (error.kind === 'quota') {
      // Nothing was applied, and the quota is paused by now: the next request waits for it.
      this.#overQuota += 1;
      if (this.#overQuota > maxOverQuota) throw error;
    } else if (error.kind === 'grid' || error.kind === 'range' || error.kind === 'bad-request') {
      // Another tab, another grid, or a tab that is there by now although making it seemed to fail.
      if (this.#moves > 3 && error.kind === 'bad-request') throw error;
      await this.#moved(() => layout.load(rows));
    } else {
      throw error;
    }
  }
}

function lastRows(placed: readonly Placed[]): Map<TabState, number> {
  const last = new Map<TabState, number>();
  for (const { tab, at } of placed) last.set(tab, Math.max(at, last.get(tab) ?? 0));
  return last;
}
