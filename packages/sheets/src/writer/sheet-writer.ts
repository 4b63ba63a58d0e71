import { join } from 'node:path';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { LocalLocks, type Locks } from '@shopee-webhook/store';
import type { DerivedTabs } from '../index/derived-tabs.ts';
import type { SheetRow, SheetSchema } from '../schema/schema.ts';
import type { GoogleClient } from '../client/google-client.ts';
import { maxCells } from '../index/spreadsheet-index.ts';
import type { AlertSink } from './alert-sink.ts';
import { SheetUnavailableError, type RowSink, type WriteResult } from '../rows/sheet-row.ts';
import { SpreadsheetWriter, type AuditResult } from './spreadsheet-writer.ts';
import type { Rotation } from '../index/tab-ids.ts';
import { defaultTimings, type WriterTimings } from '../rows/writer-timings.ts';
import type { WrittenLog } from '../rows/written-log.ts';

export interface SheetWriterOptions {
  google: GoogleClient;
  logger: Logger;
  /** The store's locks, so that one worker at a time writes a spreadsheet; a lone process needs none. */
  locks?: Locks;
  schema: SheetSchema;
  /** `never` when left out. */
  rotation?: Rotation;
  /** Tabs that are computed from those of the schema; none when left out. */
  derivedTabs?: DerivedTabs | undefined;
  /** Overrides of the default timings. */
  timings?: Partial<WriterTimings>;
  /**
   * Called with rows that are missing from a spreadsheet and whose values the writer no longer has: a user's edit during
   * a write overwrote them, or their tab was removed. They must be fetched from their source again. Resolves with the
   * keys for which that failed, if any: it is called with those again after a pause, and with all of them when it rejects.
   */
  onMissing?: (missing: MissingRows) => Promise<readonly string[] | undefined>;
  /** What all workers wrote last, kept in Redis; each remembers its own only when left out. */
  writtenLog?: WrittenLog | undefined;
  /** Takes what a person should know of a spreadsheet that is still written. */
  alerts?: AlertSink;
  /** Called with the result of each row. */
  onSettled?: (results: readonly WriteResult[]) => void;
  /** Unix time, ms; intervals are measured by a clock of their own. */
  now?: () => number;
  /** Where the write journal of each spreadsheet is stored; none is when left out. */
  dataDir?: string;
}

export interface MissingRows {
  spreadsheetId: string;
  tab: string;
  keys: string[];
}

export interface SpreadsheetStatus {
  spreadsheetId: string;
  ok: boolean;
  pendingRows: number;
  /** Share of the 10 million cells that is used, blank ones included. */
  cellShare: number;
  since?: number;
  detail?: string;
  /** What a person should do. */
  action?: string;
}

export interface SheetStatus {
  ok: boolean;
  /** Whom spreadsheets must be shared with. */
  email: string;
  spreadsheets: SpreadsheetStatus[];
}

/** Upserts rows into spreadsheets: each row once, its newest version, wherever the user has moved things. */
export class SheetWriter implements RowSink {
  readonly #options: SheetWriterOptions;
  readonly #locks: Locks;
  readonly #writers = new Map<string, SpreadsheetWriter>();
  #isStopped = false;

  constructor(options: SheetWriterOptions) {
    this.#options = options;
    this.#locks = options.locks ?? new LocalLocks();
  }

  /** Nothing is sent to Google before the first row. */
  start(): void {
    this.#isStopped = false;
  }

  /**
   * Upserts rows by their key; safe to repeat. Resolves in the rows' order when the flushes that they went into are
   * settled. Rejects with a SheetUnavailableError when the sheet cannot be written just now.
   */
  async upsert(rows: readonly SheetRow[]): Promise<WriteResult[]> {
    const settled = await Promise.allSettled(rows.map((row) => this.#writerFor(row.spreadsheetId).upsert(row)));
    this.#options.onSettled?.(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  status(): SheetStatus {
    const spreadsheets = [...this.#writers].map(([spreadsheetId, writer]) => toStatus(spreadsheetId, writer));
    return { ok: spreadsheets.every(({ ok }) => ok), email: this.#options.google.email, spreadsheets };
  }

  /** Reads every key again and repairs what it finds; in each spreadsheet that was written since the start when left out. */
  async audit(spreadsheetIds: readonly string[] = [...this.#writers.keys()]): Promise<AuditResult> {
    const results = await Promise.all(spreadsheetIds.map((id) => this.#writerFor(id).audit()));
    const sum = (of: (result: AuditResult) => number) => results.reduce((total, one) => total + of(one), 0);
    return { merged: sum(({ merged }) => merged), left: sum(({ left }) => left) };
  }

  /** Whether nothing waits to be written, verified or written again. */
  get isIdle(): boolean {
    return [...this.#writers.values()].every((writer) => writer.isIdle);
  }

  /** Rejects whoever waits; the flush in progress ends at its next step. May be called twice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#writers.values()].map((writer) => writer.stop()));
    this.#writers.clear();
  }

  #writerFor(spreadsheetId: string): SpreadsheetWriter {
    if (this.#isStopped) throw new SheetUnavailableError('the sheet writer was stopped', { retryAfterMs: 1000 });
    const known = this.#writers.get(spreadsheetId);
    if (known !== undefined) return known;
    const { google, logger, schema, derivedTabs, alerts, rotation = 'never' } = this.#options;
    const { now = systemClock.wallMs, onMissing, dataDir, writtenLog } = this.#options;
    const writer = new SpreadsheetWriter({
      spreadsheetId,
      google,
      locks: this.#locks,
      logger,
      schema,
      rotation,
      derivedTabs,
      alerts,
      timings: { ...defaultTimings, ...this.#options.timings },
      now: systemClock.monotonicMs,
      wallNow: now,
      journalFile: dataDir === undefined ? undefined : join(dataDir, `sheet-keys-${spreadsheetId}.txt`),
      writtenLog,
      onMissing: async (tab, keys) => (await onMissing?.({ spreadsheetId, tab, keys })) ?? [],
    });
    this.#writers.set(spreadsheetId, writer);
    return writer;
  }
}

function toStatus(spreadsheetId: string, writer: SpreadsheetWriter): SpreadsheetStatus {
  const { down } = writer;
  return {
    spreadsheetId,
    ok: down === undefined,
    pendingRows: writer.pendingRows,
    cellShare: writer.cellCount / maxCells,
    ...(down === undefined ? {} : { since: down.since, detail: down.error.message }),
    ...(down?.error.action === undefined ? {} : { action: down.error.action }),
  };
}
