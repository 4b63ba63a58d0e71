import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import { withLock, type Lease, type Locks } from '@shopee-webhook/store';
import type { DerivedTabs } from '../index/derived-tabs.ts';
import type { SheetRow, SheetSchema } from '../schema/schema.ts';
import { WriteVerifier } from '../verification/write-verifier.ts';
import { toUnavailableError } from './unavailable-error.ts';
import type { AlertSink } from './alert-sink.ts';
import { Flush } from './flush.ts';
import { FlushSize } from './flush-size.ts';
import type { GoogleClient, SpreadsheetClient } from '../client/google-client.ts';
import type { GoogleError } from '../client/google-errors.ts';
import { type RowRef, WriteJournal } from '../rows/write-journal.ts';
import { findOutdated, RecentVersions, type WrittenVersion } from '../rows/recent-versions.ts';
import { findingsAlert } from './findings-alert.ts';
import { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import { readOutdatedDates } from '../repair/rewrite-dates.ts';
import { MissingRowReporter } from '../repair/missing-rows.ts';
import { probe } from '../client/probe.ts';
import { SheetUnavailableError, WriterStoppingError, type WriteResult } from '../rows/sheet-row.ts';
import type { HeaderPlace } from '../index/header-row.ts';
import type { Rotation } from '../index/tab-ids.ts';
import { mergeRows, settleRow, PendingRows } from '../rows/pending-rows.ts';
import { LockLostError } from './lock-lost-error.ts';
import type { WriterTimings } from '../rows/writer-timings.ts';
import type { WrittenLog } from '../rows/written-log.ts';

export interface SpreadsheetWriterOptions {
  spreadsheetId: string;
  google: GoogleClient;
  locks: Locks;
  logger: Logger;
  schema: SheetSchema;
  rotation: Rotation;
  derivedTabs: DerivedTabs | undefined;
  alerts: AlertSink | undefined;
  timings: WriterTimings;
  /** A monotonic clock, ms: by it every interval is measured. */
  now: () => number;
  /** Unix time, ms: the clock of a small server may step. */
  wallNow: () => number;
  /** Where its write journal is stored; nowhere when left out. */
  journalFile?: string | undefined;
  /** What all workers wrote last; each remembers its own only when left out. */
  writtenLog?: WrittenLog | undefined;
  /** Called with rows that are gone and must be fetched from Shopee again; resolves with the keys that it must hear of again. */
  onMissing: (tab: string, keys: string[]) => Promise<readonly string[]>;
}

export interface AuditResult {
  /** Rows that were written again or emptied, because their key stood twice or their cells had gone astray. */
  merged: number;
  /** Keys that still stand in several rows: more than one audit merges. */
  left: number;
}

/** A healthy holder renews it every third of that, and right before each write; one that died bars the others that long. */
const leaseMs = 15_000;
/** So that the rows of one batch come together in one flush. */
const lingerMs = 40;
/** While other workers write the same spreadsheet, they must find the lock free now and then. */
const handoverMs = 300;
const contendedForMs = 30_000;

/** So that rows that wait are never long behind those whose dates are rewritten. */
const dateRowsPerFlush = 500;
/** Marks the zone in the log of what was written. */
const zoneEntry = '#zone';

interface Step {
  at: number;
  work: () => Promise<void>;
}

/** Writes one spreadsheet: everyone's rows in one flush after the other, each under the spreadsheet's lock. */
export class SpreadsheetWriter {
  readonly #options: SpreadsheetWriterOptions;
  readonly #pending = new PendingRows();
  readonly #size = new FlushSize();
  readonly #client: SpreadsheetClient;
  readonly #index: SpreadsheetIndex;
  readonly #verifier: WriteVerifier;
  readonly #journal: WriteJournal;
  readonly #recentVersions = new RecentVersions();
  /** Rows whose dates are rewritten when nothing else is to be done, by tab and key. */
  readonly #outdatedDates = new Map<string, SheetRow>();
  #isRewritingDates = false;
  #settingsReadAt = -Infinity;
  #locale = '';
  /** Of the index, when what it found was last reported. */
  #reportedRevision = 0;
  /** How far the log of all workers was read. */
  #logCursor = '';
  /** An earlier process of ours may have died: its memory is to be looked at. */
  #needsRecovery = true;
  /** Another process died with the lock. */
  #previousHolderCrashed = false;
  /** The keys of the sheet are in the memory. */
  #isJournaled = false;
  readonly #stop = new AbortController();
  #wakeSignal = new AbortController();
  #loop: Promise<void> | undefined;
  #lease: Lease | undefined;
  #lastFencingToken = -1;
  #contendedAt = -Infinity;
  #lastFlushAt = -Infinity;
  #pendingSince = 0;
  /** Rows whose waiters have their answer already, to be written again as soon as the sheet is there. */
  #pendingRewrites: SheetRow[] = [];
  readonly #audits: PromiseWithResolvers<AuditResult>[] = [];
  readonly #missingRows: MissingRowReporter;
  #outage: { error: SheetUnavailableError; since: number; until: number } | undefined;

  constructor(options: SpreadsheetWriterOptions) {
    this.#options = options;
    const { google, spreadsheetId, schema, rotation, derivedTabs, now, wallNow, logger, timings } = options;
    const client = google.open(spreadsheetId, () => this.#renewLock());
    this.#client = client;
    this.#index = new SpreadsheetIndex({
      client,
      schema,
      rotation,
      derivedTabs,
      now: wallNow,
      onDisappeared: (tab, keys) => this.#verifier.onDisappeared(tab, keys),
      onHeaderRestored: (title, kind) => this.#onHeaderRestored(title, kind),
      onFormatRejected: (err) => logger.error({ err, spreadsheet: spreadsheetId }, 'sheet formatting rejected'),
    });
    this.#journal = new WriteJournal(options.journalFile, logger);
    this.#verifier = new WriteVerifier({
      onSettled: () => this.#commitJournal(),
      client,
      index: this.#index,
      logger,
      now,
      timings,
      rewrite: (rows) => {
        this.#forget(rows);
        this.#pendingRewrites.push(...rows);
      },
      onMissing: (rows) => {
        this.#forget(rows);
        this.#missingRows.add(rows);
      },
    });
    this.#missingRows = new MissingRowReporter({
      requestRows: options.onMissing,
      logger,
      now,
      initialPauseMs: timings.missingReportRetryMs,
    });
  }

  /** Resolves when the flush with this row is settled; rejects with a SheetUnavailableError. */
  upsert(row: SheetRow): Promise<WriteResult> {
    const { now } = this.#options;
    if (this.#stop.signal.aborted) return Promise.reject(new WriterStoppingError());
    const outage = this.#outage;
    if (outage !== undefined && now() < outage.until)
      return Promise.reject(withRetryAfter(outage.error, outage.until - now()));
    const written = this.#enqueue(row);
    this.#wakeUp();
    return written;
  }

  /**
   * Looks at the whole key columns as soon as nothing else is to be done, and repairs what it finds. Resolves with how many
   * keys stood in several rows and still do.
   */
  audit(): Promise<AuditResult> {
    const audited = Promise.withResolvers<AuditResult>();
    this.#audits.push(audited);
    this.#wakeUp();
    return audited.promise;
  }

  get down(): { error: SheetUnavailableError; since: number } | undefined {
    return this.#outage;
  }

  get cellCount(): number {
    return this.#index.cellCount;
  }

  get pendingRows(): number {
    return this.#pending.size;
  }

  /** Whether nothing waits to be written, verified or written again. */
  get isIdle(): boolean {
    const isWritten = this.#pending.size === 0 && this.#pendingRewrites.length === 0 && this.#outdatedDates.size === 0;
    return isWritten && this.#index.zoneChange === undefined && this.#verifier.expectation === undefined;
  }

  /** Lets down whoever waits and ends the flush in progress at its next step. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wakeSignal.abort();
    this.#pending.rejectAll(new WriterStoppingError());
    for (const { reject } of this.#audits.splice(0)) reject(new WriterStoppingError());
    await this.#loop;
  }

  /** Whether another worker has lately had the spreadsheet, or kept it from us. */
  get #isContended(): boolean {
    return this.#options.now() - this.#contendedAt < contendedForMs;
  }

  #enqueue(row: SheetRow): Promise<WriteResult> {
    if (this.#pending.size === 0) this.#pendingSince = this.#options.now();
    // A newer row need not have all of the dates.
    const id = `${row.tab}\n${row.key}`;
    const outdated = this.#outdatedDates.get(id);
    this.#outdatedDates.delete(id);
    return this.#pending.add(outdated === undefined ? row : mergeRows(outdated, row));
  }

  #wakeUp(): void {
    if (this.#loop === undefined) this.#loop = this.#run();
    else this.#wakeSignal.abort();
  }

  /** One step after the other, for as long as the writer is not stopped. Never rejects. */
  async #run(): Promise<void> {
    const { logger, now } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#wakeSignal = new AbortController();
      const { at, work } = this.#nextStep();
      if (await this.#sleepUntil(at)) continue;
      if (this.#stop.signal.aborted) return;
      try {
        await work();
      } catch (err) {
        if (now() - at > 60_000) logger.error({ err }, 'sheet writer step failed');
        this.#onUnavailable(err);
      }
      this.#reportFindings();
      // Not waited for: whoever takes the report may wait for a row of ours.
      void this.#reportMissing();
    }
  }

  /** What is to be done next, and when. */
  #nextStep(): Step {
    const { now, timings } = this.#options;
    const { minFlushIntervalMs } = timings;
    if (this.#outage !== undefined && this.#pending.size === 0)
      return { at: this.#outage.until, work: () => this.#probe() };
    this.#requeueRewrites();
    if (this.#pending.size > 0) {
      const pause = this.#isContended ? Math.max(minFlushIntervalMs, handoverMs) : minFlushIntervalMs;
      return {
        at: Math.max(this.#pendingSince + lingerMs, this.#lastFlushAt + pause),
        work: () => this.#withLock(() => this.#flushUntilIdle()),
      };
    }
    if (this.#index.zoneChange !== undefined)
      return { at: now(), work: () => this.#withLock(() => this.#rewriteDates()) };
    const { verifyAt, auditAt } = this.#verifier;
    const { nextReportAt } = this.#missingRows;
    // There is a report after each step.
    if (this.#audits.length === 0 && nextReportAt < Math.min(verifyAt, auditAt))
      return { at: nextReportAt, work: () => Promise.resolve() };
    if (this.#audits.length === 0 && verifyAt <= auditAt)
      return { at: verifyAt, work: () => this.#withLock(() => this.#verifier.verify()) };
    if (this.#audits.length > 0) return { at: now(), work: () => this.#auditNow() };
    if (!this.#index.isLoaded) return { at: Infinity, work: () => Promise.resolve() };
    return { at: auditAt, work: () => this.#withLock(() => this.#runDueAudits()) };
  }

  /** Resolves with true when something happened that may change what is next. */
  async #sleepUntil(at: number): Promise<boolean> {
    const ms = Math.min(Math.max(0, at - this.#options.now()), 2 ** 31 - 1);
    // Nobody is waiting for a step that comes later: it does not keep the process alive.
    const ref = this.#pending.size > 0;
    return sleep(ms, false, { signal: this.#wakeSignal.signal, ref }).catch(() => true);
  }

  /** Works under the lock; when another worker has it, later. */
  async #withLock(work: () => Promise<void>): Promise<void> {
    const { locks, spreadsheetId } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      const done = await withLock(locks, `sheet:${spreadsheetId}`, {
        ttlMs: leaseMs,
        work: async (lease) => {
          this.#lease = lease;
          await this.#syncIndex(lease);
          await work();
        },
      });
      if (done !== undefined || signal.aborted) return;
      this.#contendedAt = this.#options.now();
      await sleep(100 + Math.random() * 150, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Right before each write: nobody else may have taken over. */
  async #renewLock(): Promise<void> {
    if (this.#lease === undefined || !(await this.#lease.renew())) throw new LockLostError('sheet lock lost');
  }

  /**
   * When another worker had the lock in between, it may have added rows that are not in our index; when it died with the
   * lock, nobody has looked at its last write.
   */
  async #syncIndex({ fencingToken, previousHolderCrashed }: Lease): Promise<void> {
    this.#previousHolderCrashed ||= previousHolderCrashed;
    const others = fencingToken !== this.#lastFencingToken + 1;
    if (others && this.#lastFencingToken >= 0) {
      this.#contendedAt = this.#options.now();
      this.#verifier.onForeignWrite();
    }
    if (others) await this.#readLog();
    if (this.#needsRecovery || this.#previousHolderCrashed) await this.#recover();
    else if (others && this.#index.isLoaded) await this.#index.readAppended();
    this.#lastFencingToken = fencingToken;
  }

  /**
   * Flush after flush for as long as rows wait and nobody else has waited too long. The lock is given up when what was
   * written is known to stand where it should: another worker could not tell a misplaced row from an order.
   */
  async #flushUntilIdle(): Promise<void> {
    const { now, timings } = this.#options;
    const { signal } = this.#stop;
    const until = now() + (this.#isContended ? timings.lockHoldMs : timings.uncontendedHoldMs);
    do {
      const pauseMs = this.#lastFlushAt + timings.minFlushIntervalMs - now();
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      await this.#flush();
      this.#requeueRewrites();
    } while (this.#pending.size > 0 && this.#outage === undefined && now() < until && !signal.aborted);
    if (this.#outage !== undefined || signal.aborted) return;
    await this.#verifier.verify();
    await this.#readSettings();
  }

  async #flush(): Promise<void> {
    const { now, logger, spreadsheetId } = this.#options;
    this.#lastFlushAt = now();
    const batch = this.#pending.takeBatch(this.#size.limits);
    this.#pendingSince = now();
    const flush = new Flush({
      client: this.#client,
      index: this.#index,
      verifier: this.#verifier,
      journal: this.#journal,
      recentVersions: this.#recentVersions,
      pendingRows: () => this.#pending.rows(),
      signal: this.#stop.signal,
      initialBackoffMs: this.#options.timings.initialBackoffMs,
      onRestored: () => this.#onRestored(),
      onZoneChange: () => this.#findOutdatedDates(),
      onError: (error) => this.#onRequestError(error),
    });
    try {
      const results = await flush.run(batch.map(({ row }) => row));
      if (!this.#isJournaled || flush.sawRelocations || this.#journal.needsCompaction) this.#compactJournal();
      await this.#appendToLog([...results].flatMap(([row, { kind }]) => (kind === 'written' ? [row] : [])));
      for (const one of batch) settleRow(one, results.get(one.row) ?? new Error('a row without a result'));
      this.#onAvailable();
      this.#size.grow();
      logger.debug({ spreadsheet: spreadsheetId, rows: batch.length, ms: now() - this.#lastFlushAt }, 'sheet flushed');
    } catch (err) {
      const error = this.#stop.signal.aborted ? new WriterStoppingError() : this.#onUnavailable(err);
      for (const one of batch) settleRow(one, error);
    }
  }

  /** Under the lock: repairs what a process left that died before it could look at its last write. */
  async #recover(): Promise<void> {
    const left = this.#journal.uncommitted();
    if (left !== undefined || this.#previousHolderCrashed) {
      const { known = [], written = [] } = left ?? {};
      await this.#verifier.recover(written);
      // Until it is looked at for the last time it is ours: the next process is to know if this one dies too.
      this.#journal.begin({ rows: written });
      const gone = known.filter((row) => this.#index.locate(row) === undefined);
      this.#missingRows.add(gone);
      this.#options.logger.warn({ missing: gone.length }, 'sheet verified after unclean shutdown');
      this.#compactJournal();
    }
    this.#needsRecovery = false;
    this.#previousHolderCrashed = false;
  }

  #compactJournal(): void {
    this.#collectMissing();
    this.#journal.compact(this.#index.rows(), this.#missingRows.keys());
    this.#isJournaled = true;
  }

  async #auditNow(): Promise<void> {
    const audits = this.#audits.splice(0);
    const result = { merged: 0, left: 0 };
    try {
      await this.#withLock(async () => {
        result.merged = await this.#verifier.auditNow();
        if (!this.#verifier.hasInDoubt) await this.#requestOutdated();
        result.left = this.#index.duplicates().length;
      });
      for (const { resolve } of audits) resolve(result);
    } catch (error) {
      for (const { reject } of audits) reject(error);
      throw error;
    }
  }

  async #runDueAudits(): Promise<void> {
    await this.#verifier.runDueAudits();
    await this.#readSettings();
    // What may still be applied takes rows back for a while.
    if (!this.#verifier.hasInDoubt) await this.#requestOutdated();
  }

  async #probe(): Promise<void> {
    await this.#withLock(() => probe(this.#client));
    this.#onAvailable();
  }

  /**
   * After the user changed the zone: has all dates rewritten, a few rows at a time, and records when that is done. What is
   * written from now on has the new clock.
   */
  async #rewriteDates(): Promise<void> {
    if (!this.#isRewritingDates) return this.#findOutdatedDates();
    await this.#index.recordZone('done');
    this.#isRewritingDates = false;
  }

  async #findOutdatedDates(): Promise<void> {
    const { spreadsheetId, logger, alerts } = this.#options;
    const change = this.#index.zoneChange;
    if (change === undefined || this.#isRewritingDates) return;
    await this.#index.recordZone('in progress');
    await this.#appendToLog([{ tab: zoneEntry, key: change.to, version: 1 }]);
    const { rows, unknown } = await readOutdatedDates(
      { client: this.#client, index: this.#index, spreadsheetId },
      change,
    );
    for (const row of rows) this.#outdatedDates.set(`${row.tab}\n${row.key}`, row);
    this.#missingRows.add(unknown);
    this.#isRewritingDates = true;
    logger.warn({ spreadsheet: spreadsheetId, rows: rows.length + unknown.length }, 'time zone of the sheet changed');
    void alerts?.notify(`sheet-zone:${spreadsheetId}:${change.to}`, {
      severity: 'warning',
      title: 'The time zone of the spreadsheet was changed',
      text:
        `From ${change.from} to ${change.to}: the dates of ${String(rows.length + unknown.length)} rows are rewritten in the ` +
        'background, and the days and months of sums follow it.',
    });
  }

  /** Now and then: nothing else shows that the user changed the zone or the locale. */
  async #readSettings(): Promise<void> {
    const { now, timings, spreadsheetId, alerts } = this.#options;
    if (!this.#index.isLoaded || now() - this.#settingsReadAt < timings.settingsIntervalMs) return;
    const isFirst = this.#settingsReadAt === -Infinity;
    this.#settingsReadAt = now();
    // They were read with the layout just now.
    if (!isFirst) await this.#index.readSettings();
    const { locale } = this.#index;
    const before = this.#locale;
    this.#locale = locale;
    if (before === '' || before === locale) return;
    void alerts?.notify(`sheet-locale:${spreadsheetId}:${locale}`, {
      severity: 'warning',
      title: 'The locale of the spreadsheet was changed',
      text: `From ${before} to ${locale}: amounts and dates look different; their values are the same.`,
    });
  }

  /** Puts rows that must be written again back among those that wait. */
  #requeueRewrites(): void {
    for (const row of this.#pendingRewrites.splice(0)) this.#enqueue(row).catch(() => this.#pendingRewrites.push(row));
    if (this.#pending.size > 0) return;
    for (const row of [...this.#outdatedDates.values()].slice(0, dateRowsPerFlush))
      this.#enqueue(row).catch(() => this.#pendingRewrites.push(row));
  }

  /** Hands on what must be fetched from Shopee; kept until somebody took it. */
  async #reportMissing(): Promise<void> {
    this.#collectMissing();
    if (this.#missingRows.nextReportAt > this.#options.now()) return;
    await this.#missingRows.report();
    this.#commitJournal();
    this.#wakeUp();
  }

  #collectMissing(): void {
    this.#missingRows.add(this.#index.missing.splice(0).flatMap(({ tab, keys }) => keys.map((key) => ({ tab, key }))));
  }

  /** Rows that nobody has taken on yet would be forgotten with this process. */
  #commitJournal(): void {
    this.#collectMissing();
    if (this.#verifier.isSettled && this.#missingRows.isEmpty) this.#journal.commit();
  }

  /** What other workers wrote, and those before this one. Without it only some checks are missing. */
  async #readLog(): Promise<void> {
    const { writtenLog, spreadsheetId, logger } = this.#options;
    try {
      const read = await writtenLog?.readSince(spreadsheetId, this.#logCursor);
      if (read === undefined) return;
      this.#recentVersions.recordForeign(read.rows.filter(({ tab }) => tab !== zoneEntry));
      this.#logCursor = read.cursor;
      const zone = read.rows.findLast(({ tab }) => tab === zoneEntry)?.key;
      // Another worker has seen to the rows that are there: what we write must have the new clock, too.
      if (zone !== undefined && this.#index.isLoaded && zone !== this.#index.timeZone) await this.#index.readSettings();
    } catch (err) {
      logger.warn({ err, spreadsheet: spreadsheetId }, 'versions written by others not read');
    }
  }

  async #appendToLog(rows: readonly WrittenVersion[]): Promise<void> {
    const { writtenLog, spreadsheetId, logger } = this.#options;
    await writtenLog
      ?.append(spreadsheetId, rows)
      .catch((err: unknown) => logger.warn({ err, spreadsheet: spreadsheetId }, 'written versions not kept'));
  }

  /** The user restored an older version of the file: what it lacks of what was written is fetched from its source again. */
  async #onRestored(): Promise<void> {
    await this.#index.reindex();
    await this.#requestOutdated();
  }

  /** Compares every row's version with the one that was written. */
  async #requestOutdated(): Promise<void> {
    const { logger, spreadsheetId, alerts } = this.#options;
    const outdated = findOutdated(this.#recentVersions.all(), await this.#index.readVersions());
    if (outdated.length === 0) return;
    for (const row of outdated) this.#recentVersions.forget(row);
    // Nobody requests them a second time.
    await this.#appendToLog(outdated.map((row) => ({ ...row, version: 0 })));
    this.#missingRows.add(outdated);
    logger.warn({ spreadsheet: spreadsheetId, rows: outdated.length }, 'older version of the sheet restored');
    void alerts?.notify(`sheet-restored:${spreadsheetId}`, {
      severity: 'warning',
      title: 'An older version of the spreadsheet was restored',
      text: `${String(outdated.length)} rows that were written since are fetched and written again.`,
    });
  }

  /** What should not be in the sheet is seen with the keys, which are read now and then anyway. */
  #reportFindings(): void {
    const { alerts, spreadsheetId } = this.#options;
    if (this.#index.revision === this.#reportedRevision) return;
    this.#reportedRevision = this.#index.revision;
    const key = `sheet-findings:${spreadsheetId}`;
    const alert = findingsAlert(this.#index.findings());
    void (alert === undefined ? alerts?.resolve(key) : alerts?.raise(key, alert));
  }

  /** Until they are written again, these rows stand at an older version, and not because a user restored the file. */
  #forget(rows: readonly RowRef[]): void {
    for (const row of rows) this.#recentVersions.forget(row);
  }

  #onHeaderRestored(title: string, kind: HeaderPlace['kind']): void {
    const { logger, spreadsheetId, alerts } = this.#options;
    logger.warn({ spreadsheet: spreadsheetId, tab: title, kind }, 'sheet header restored');
    void alerts?.notify(`sheet-header:${spreadsheetId}:${title}`, {
      severity: 'warning',
      title: `The header of the tab ${title} was ${kind}`,
      text: 'It is above the rows again; no row was changed. To sort, use a filter view or select the rows below the header.',
    });
  }

  #onRequestError(error: GoogleError): void {
    if (error.kind === 'unknown') this.#size.shrink();
    const { logger, spreadsheetId } = this.#options;
    logger.warn({ err: error, kind: error.kind, spreadsheet: spreadsheetId }, 'sheet request failed');
  }

  #onUnavailable(err: unknown): SheetUnavailableError {
    const { google, spreadsheetId, now, wallNow, logger } = this.#options;
    const error = toUnavailableError(err, { email: google.email, spreadsheetId, timings: this.#options.timings });
    if (this.#outage?.error.message !== error.message) {
      logger.error({ err: error, spreadsheet: spreadsheetId, action: error.action }, 'sheet unavailable');
    }
    this.#outage = { error, since: this.#outage?.since ?? wallNow(), until: now() + error.retryAfterMs };
    this.#pending.rejectAll(error);
    return error;
  }

  #onAvailable(): void {
    if (this.#outage === undefined) return;
    const { logger, spreadsheetId, wallNow } = this.#options;
    logger.info({ spreadsheet: spreadsheetId, ms: wallNow() - this.#outage.since }, 'sheet available again');
    this.#outage = undefined;
  }
}

function withRetryAfter(
  { message, action, cause }: SheetUnavailableError,
  retryAfterMs: number,
): SheetUnavailableError {
  return new SheetUnavailableError(message, { retryAfterMs, action, cause });
}
