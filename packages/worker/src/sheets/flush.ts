import { setTimeout as sleep } from 'node:timers/promises';
import type { SheetRow } from '../columns.ts';
import type { SpreadsheetClient } from './google-client.ts';
import { GoogleError } from './google-errors.ts';
import { guardRanges, headerHolds, inspect, ReadCells, type Placed } from './guard.ts';
import type { Layout } from './layout.ts';
import type { WriteResult } from './sheet-row.ts';
import type { TabState } from './tab-state.ts';
import { writeRanges } from './write-plan.ts';

export interface FlushParts {
  client: SpreadsheetClient;
  layout: Layout;
  signal: AbortSignal;
  /** Called for each failed request before it is tried again. */
  onTrouble: (error: GoogleError) => void;
}

/** A user who sorts without end would keep a flush busy without end. */
const maxMoves = 6;
/** One second, two, four…: Google's advice, with its cap far above. */
const maxUnknown = 4;
const maxOverQuota = 3;

/**
 * Brings rows into the sheet: places them, makes room, looks whether their places are what we take them for, writes
 * them all in one request. Every step may be repeated: the same rows go to the same places.
 * Resolves with what became of each row; rejects when the sheet cannot be written just now.
 */
export class Flush {
  readonly #parts: FlushParts;
  readonly #results = new Map<SheetRow, WriteResult>();
  #moves = 0;
  #unknown = 0;
  #overQuota = 0;

  constructor(parts: FlushParts) {
    this.#parts = parts;
  }

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
        if (!(error instanceof GoogleError)) throw error;
        await this.#recover(error, left);
      }
    }
  }

  async #attempt(rows: readonly SheetRow[]): Promise<void> {
    const { client, layout } = this.#parts;
    if (!layout.covers(rows)) await layout.load(rows);
    const placed = this.#place(rows);
    await layout.grow(lastRows(placed));
    const confirmed = await this.#guard(placed);
    if (confirmed === undefined || confirmed.length === 0) return;
    try {
      await client.write(writeRanges(confirmed, layout.timeZone));
    } catch (error) {
      if (error instanceof GoogleError && error.kind === 'bad-request') return this.#halve(confirmed, error);
      throw error;
    }
    for (const one of confirmed) this.#written(one);
  }

  /** Known rows where they stand; new ones below the last row. */
  #place(rows: readonly SheetRow[]): Guarded[] {
    const { layout } = this.#parts;
    const next = new Map<TabState, number>();
    return rows.map((row) => {
      const known = layout.find(row);
      if (known !== undefined) return { row, tab: known.tab, at: known.at, isNew: false };
      const tab = layout.tabFor(row);
      const at = next.get(tab) ?? tab.index.next;
      next.set(tab, at + 1);
      return { row, tab, at, isNew: true };
    });
  }

  /** The rows that may be written; undefined when something moved and they must be placed again. */
  async #guard(placed: Guarded[]): Promise<Guarded[] | undefined> {
    const { client, layout } = this.#parts;
    const byTab = Map.groupBy(placed, (one) => one.tab);
    const blocks = await client.read([...byTab].flatMap(([tab, ones]) => guardRanges(tab, ones)));
    const cellsOf = new Map([...byTab.keys()].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
    for (const [tab, cells] of cellsOf) {
      if (!headerHolds(tab, cells)) return this.#moved(() => layout.load(placed.map((one) => one.row)));
    }
    const confirmed: Guarded[] = [];
    let occupied = false;
    for (const one of placed) {
      const cells = cellsOf.get(one.tab);
      const finding = cells === undefined ? { kind: 'moved' as const } : inspect(one, cells);
      if (finding.kind === 'moved') return this.#moved(() => layout.reindex());
      if (finding.kind === 'occupied') {
        one.tab.index.skipTo(one.at + 1);
        occupied = true;
      } else if (finding.kind === 'ours' && finding.version > one.row.version) {
        one.tab.index.set(one.row.key, one.at);
        this.#results.set(one.row, { kind: 'stale' });
      } else {
        if (finding.kind === 'ours') one.isNew = false;
        if (finding.kind === 'ours' && finding.status !== undefined) one.status = finding.status;
        confirmed.push(one);
      }
    }
    return occupied ? undefined : confirmed;
  }

  async #moved(lookAgain: () => Promise<void>): Promise<undefined> {
    this.#moves += 1;
    if (this.#moves > maxMoves) throw new GoogleError('unknown', 'the sheet is being rearranged all the time');
    await lookAgain();
  }

  #written(one: Guarded): void {
    one.tab.index.set(one.row.key, one.at);
    const previous = one.status === undefined ? {} : { previous: { status: one.status } };
    this.#results.set(one.row, { kind: 'written', row: one.at, sheetId: one.tab.sheetId, ...previous });
  }

  /** Google refuses one of these rows: it is found by writing ever smaller halves, and set apart with Google's words. */
  async #halve(placed: readonly Placed[], error: GoogleError): Promise<void> {
    const rows = placed.map((one) => one.row);
    const [only] = rows;
    this.#parts.onTrouble(error);
    if (rows.length === 1 && only !== undefined) {
      this.#results.set(only, { kind: 'refused', error: error.message });
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await this.#bring(rows.slice(0, middle));
    await this.#bring(rows.slice(middle));
  }

  async #recover(error: GoogleError, rows: readonly SheetRow[]): Promise<void> {
    const { layout, onTrouble, signal } = this.#parts;
    onTrouble(error);
    switch (error.kind) {
      case 'unknown':
        this.#unknown += 1;
        if (this.#unknown > maxUnknown) throw error;
        await sleep(500 * 2 ** this.#unknown * (0.75 + Math.random() / 2), undefined, { signal });
        return;
      case 'grid':
      case 'range':
        await this.#moved(() => layout.load(rows));
        return;
      case 'quota':
        // Nothing was applied, and the quota is paused by now: the next request waits for it.
        this.#overQuota += 1;
        if (this.#overQuota > maxOverQuota) throw error;
        return;
      default:
        throw error;
    }
  }
}

interface Guarded extends Placed {
  /** The status that the sheet had. */
  status?: string;
}

function lastRows(placed: readonly Placed[]): Map<TabState, number> {
  const last = new Map<TabState, number>();
  for (const { tab, at } of placed) last.set(tab, Math.max(at, last.get(tab) ?? 0));
  return last;
}
