import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import { withLock, type Lease, type Locks } from '@shopee-webhook/store';
import type { SheetRow, Tab } from '../columns.ts';
import { Aftercare } from './aftercare.ts';
import { unavailable } from './availability.ts';
import { Flush } from './flush.ts';
import { FlushSize } from './flush-size.ts';
import type { GoogleClient, SpreadsheetClient } from './google-client.ts';
import type { GoogleError } from './google-errors.ts';
import { KeyMemory } from './key-memory.ts';
import { LastWritten } from './last-written.ts';
import { Layout } from './layout.ts';
import { LostRows } from './lost-rows.ts';
import { probe } from './probe.ts';
import { SheetUnavailableError, type WriteResult } from './sheet-row.ts';
import type { Rotation } from './tab-ids.ts';
import { settle, WaitingRows } from './waiting-rows.ts';
import { LockLostError } from './writer-lock.ts';
import type { WriterTimes } from './writer-times.ts';

export interface SpreadsheetWriterOptions {
  spreadsheetId: string;
  google: GoogleClient;
  locks: Locks;
  logger: Logger;
  rotation: Rotation;
  summary: boolean;
  decimalsOf: (currency: string) => number;
  times: WriterTimes;
  now: () => number;
  /** Where its keys are kept over a restart; nowhere when left out. */
  memoryFile?: string | undefined;
  /** Hears of rows that are gone and must be fetched from Shopee again; resolves with the keys that it must hear of again. */
  onMissing: (tab: Tab, keys: string[]) => Promise<readonly string[]>;
}

/** A healthy holder renews it every third of that, and right before each write; one that died bars the others that long. */
const leaseMs = 15_000;
/** So that the rows of one batch come together in one flush. */
const lingerMs = 40;
/** While other workers write the same spreadsheet, they must find the lock free now and then. */
const handoverMs = 300;
const contendedForMs = 30_000;

interface Step {
  at: number;
  work: () => Promise<void>;
}

/** Writes one spreadsheet: everyone's rows in one flush after the other, each under the spreadsheet's lock. */
export class SpreadsheetWriter {
  readonly #options: SpreadsheetWriterOptions;
  readonly #waiting = new WaitingRows();
  readonly #size = new FlushSize();
  readonly #client: SpreadsheetClient;
  readonly #layout: Layout;
  readonly #aftercare: Aftercare;
  readonly #memory: KeyMemory;
  readonly #lastWritten = new LastWritten();
  /** An earlier process of ours may have died: its memory is to be looked at. */
  #inherits = true;
  /** Another process died with the lock. */
  #abandoned = false;
  /** The keys of the sheet are in the memory. */
  #remembered = false;
  readonly #stop = new AbortController();
  #alarm = new AbortController();
  #running: Promise<void> | undefined;
  #lease: Lease | undefined;
  #lastFencing = -1;
  #contendedAt = -Infinity;
  #lastFlushAt = -Infinity;
  #waitingSince = 0;
  /** Rows whose waiters have their answer already, to be written again as soon as the sheet is there. */
  #owed: SheetRow[] = [];
  readonly #audits: PromiseWithResolvers<void>[] = [];
  readonly #lost: LostRows;
  #down: { error: SheetUnavailableError; since: number; until: number } | undefined;

  constructor(options: SpreadsheetWriterOptions) {
    this.#options = options;
    const { google, spreadsheetId, rotation, summary, decimalsOf, now, logger, times } = options;
    const client = google.open(spreadsheetId, () => this.#hold());
    this.#client = client;
    this.#layout = new Layout({
      client,
      rotation,
      summary,
      decimalsOf,
      now,
      onVanished: (tab, keys) => this.#aftercare.vanished(tab, keys),
      onRefused: (err) => logger.error({ err, spreadsheet: spreadsheetId }, 'sheet look refused'),
    });
    this.#memory = new KeyMemory(options.memoryFile, logger);
    this.#aftercare = new Aftercare({
      settled: () => this.#settleMemory(),
      client,
      layout: this.#layout,
      logger,
      now,
      times,
      again: (rows) => void this.#owed.push(...rows),
      missing: (rows) => this.#lost.add(rows),
    });
    this.#lost = new LostRows({ tell: options.onMissing, logger, now, firstPauseMs: times.reportAgainMs });
  }

  /** Resolves when the flush with this row is settled; rejects with a SheetUnavailableError. */
  upsert(row: SheetRow): Promise<WriteResult> {
    const { now } = this.#options;
    if (this.#stop.signal.aborted) return Promise.reject(stopping());
    const down = this.#down;
    if (down !== undefined && now() < down.until) return Promise.reject(again(down.error, down.until - now()));
    const written = this.#add(row);
    this.#wake();
    return written;
  }

  /** Looks at the whole key columns as soon as nothing else is to be done, and repairs what it finds. */
  audit(): Promise<void> {
    const audited = Promise.withResolvers<void>();
    this.#audits.push(audited);
    this.#wake();
    return audited.promise;
  }

  get down(): { error: SheetUnavailableError; since: number } | undefined {
    return this.#down;
  }

  get cellCount(): number {
    return this.#layout.cellCount;
  }

  get waitingRows(): number {
    return this.#waiting.size;
  }

  /** Whether nothing waits to be written, verified or written again. */
  get quiet(): boolean {
    return this.#waiting.size === 0 && this.#owed.length === 0 && this.#aftercare.checkpoint === undefined;
  }

  /** Lets down whoever waits and ends the flush under way at its next step. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#alarm.abort();
    this.#waiting.rejectAll(stopping());
    for (const { reject } of this.#audits.splice(0)) reject(stopping());
    await this.#running;
  }

  /** Whether another worker has lately had the spreadsheet, or kept it from us. */
  get #isContended(): boolean {
    return this.#options.now() - this.#contendedAt < contendedForMs;
  }

  #add(row: SheetRow): Promise<WriteResult> {
    if (this.#waiting.size === 0) this.#waitingSince = this.#options.now();
    return this.#waiting.add(row);
  }

  #wake(): void {
    if (this.#running === undefined) this.#running = this.#live();
    else this.#alarm.abort();
  }

  /** One step after the other, for as long as the writer is not stopped. Never rejects. */
  async #live(): Promise<void> {
    const { logger, now } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#alarm = new AbortController();
      const { at, work } = this.#next();
      if (await this.#sleepUntil(at)) continue;
      if (this.#stop.signal.aborted) return;
      try {
        await work();
      } catch (err) {
        if (now() - at > 60_000) logger.error({ err }, 'sheet writer step failed');
        this.#fail(err);
      }
      // Not waited for: whoever takes the report may wait for a row of ours.
      void this.#report();
    }
  }

  /** What is to be done next, and when. */
  #next(): Step {
    const { now, times } = this.#options;
    const { minFlushMs } = times;
    if (this.#down !== undefined && this.#waiting.size === 0)
      return { at: this.#down.until, work: () => this.#probe() };
    this.#payBack();
    if (this.#waiting.size > 0) {
      const pause = this.#isContended ? Math.max(minFlushMs, handoverMs) : minFlushMs;
      return {
        at: Math.max(this.#waitingSince + lingerMs, this.#lastFlushAt + pause),
        work: () => this.#locked(() => this.#flushAll()),
      };
    }
    const { verifyAt, auditAt } = this.#aftercare;
    const { tellAt } = this.#lost;
    // There is a report after each step.
    if (this.#audits.length === 0 && tellAt < Math.min(verifyAt, auditAt))
      return { at: tellAt, work: () => Promise.resolve() };
    if (this.#audits.length === 0 && verifyAt <= auditAt)
      return { at: verifyAt, work: () => this.#locked(() => this.#aftercare.verify()) };
    if (this.#audits.length > 0) return { at: now(), work: () => this.#auditNow() };
    if (!this.#layout.loaded) return { at: Infinity, work: () => Promise.resolve() };
    return { at: auditAt, work: () => this.#locked(() => this.#aftercare.auditDue()) };
  }

  /** Resolves with true when something happened that may change what is next. */
  async #sleepUntil(at: number): Promise<boolean> {
    const ms = Math.min(Math.max(0, at - this.#options.now()), 2 ** 31 - 1);
    // Nobody is waiting for a step that comes later: it does not keep the process alive.
    const ref = this.#waiting.size > 0;
    return sleep(ms, false, { signal: this.#alarm.signal, ref }).catch(() => true);
  }

  /** Works under the lock; when another worker has it, later. */
  async #locked(work: () => Promise<void>): Promise<void> {
    const { locks, spreadsheetId } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      const done = await withLock(locks, `sheet:${spreadsheetId}`, {
        ttlMs: leaseMs,
        work: async (lease) => {
          this.#lease = lease;
          await this.#catchUp(lease);
          await work();
        },
      });
      if (done !== undefined || signal.aborted) return;
      this.#contendedAt = this.#options.now();
      await sleep(100 + Math.random() * 150, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Right before each write: nobody else may have taken over. */
  async #hold(): Promise<void> {
    if (this.#lease === undefined || !(await this.#lease.renew())) throw new LockLostError('sheet lock lost');
  }

  /**
   * When another worker had the lock in between, it may have added rows that are not in our index; when it died with the
   * lock, nobody has looked at its last write.
   */
  async #catchUp({ fencing, abandoned }: Lease): Promise<void> {
    this.#abandoned ||= abandoned;
    const others = fencing !== this.#lastFencing + 1;
    if (others && this.#lastFencing >= 0) {
      this.#contendedAt = this.#options.now();
      this.#aftercare.othersWrote();
    }
    if (this.#inherits || this.#abandoned) await this.#inherit();
    else if (others && this.#layout.loaded) await this.#layout.readTail();
    this.#lastFencing = fencing;
  }

  /**
   * Flush after flush for as long as rows wait and nobody else has waited too long. The lock is given up when what was
   * written is known to stand where it should: another worker could not tell a misplaced row from an order.
   */
  async #flushAll(): Promise<void> {
    const { now, times } = this.#options;
    const { signal } = this.#stop;
    const until = now() + (this.#isContended ? times.holdMs : times.holdAloneMs);
    do {
      const pauseMs = this.#lastFlushAt + times.minFlushMs - now();
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      await this.#flush();
      this.#payBack();
    } while (this.#waiting.size > 0 && this.#down === undefined && now() < until && !signal.aborted);
    if (this.#down !== undefined || signal.aborted) return;
    await this.#aftercare.verify();
  }

  async #flush(): Promise<void> {
    const { now, logger, spreadsheetId } = this.#options;
    this.#lastFlushAt = now();
    const batch = this.#waiting.take(this.#size.limits);
    this.#waitingSince = now();
    const flush = new Flush({
      client: this.#client,
      layout: this.#layout,
      aftercare: this.#aftercare,
      memory: this.#memory,
      lastWritten: this.#lastWritten,
      waiting: () => this.#waiting.rows(),
      signal: this.#stop.signal,
      backoffMs: this.#options.times.backoffMs,
      onTrouble: (error) => this.#trouble(error),
    });
    try {
      const results = await flush.run(batch.map(({ row }) => row));
      if (!this.#remembered || flush.sawMoves || this.#memory.isLong) this.#remember();
      for (const one of batch) settle(one, results.get(one.row) ?? new Error('a row without a result'));
      this.#recovered();
      this.#size.grow();
      logger.debug({ spreadsheet: spreadsheetId, rows: batch.length, ms: now() - this.#lastFlushAt }, 'sheet flushed');
    } catch (err) {
      const error = this.#stop.signal.aborted ? stopping() : this.#fail(err);
      for (const one of batch) settle(one, error);
    }
  }

  /** Under the lock: mends what a process left that died before it could look at its last write. */
  async #inherit(): Promise<void> {
    const left = this.#memory.unsettled();
    if (left !== undefined || this.#abandoned) {
      const { rows = [], written = [] } = left ?? {};
      await this.#aftercare.takeOver(written);
      // Until it is looked at for the last time it is ours: the next process is to know if this one dies too.
      this.#memory.begin({ rows: written });
      const gone = rows.filter((row) => this.#layout.find(row) === undefined);
      this.#lost.add(gone);
      this.#options.logger.warn({ missing: gone.length }, 'sheet looked through after a death');
      this.#remember();
    }
    this.#inherits = false;
    this.#abandoned = false;
  }

  #remember(): void {
    this.#gatherLost();
    this.#memory.replace(this.#layout.rows(), this.#lost.names());
    this.#remembered = true;
  }

  async #auditNow(): Promise<void> {
    const audits = this.#audits.splice(0);
    try {
      await this.#locked(() => this.#aftercare.auditNow());
      for (const { resolve } of audits) resolve();
    } catch (error) {
      for (const { reject } of audits) reject(error);
      throw error;
    }
  }

  async #probe(): Promise<void> {
    await this.#locked(() => probe(this.#client));
    this.#recovered();
  }

  /** Puts rows that must be written again back among those that wait. */
  #payBack(): void {
    for (const row of this.#owed.splice(0)) this.#add(row).catch(() => this.#owed.push(row));
  }

  /** Hands on what must be fetched from Shopee; kept until somebody took it. */
  async #report(): Promise<void> {
    this.#gatherLost();
    if (this.#lost.tellAt > this.#options.now()) return;
    await this.#lost.tell();
    this.#settleMemory();
    this.#wake();
  }

  #gatherLost(): void {
    this.#lost.add(this.#layout.lost.splice(0).flatMap(({ tab, keys }) => keys.map((key) => ({ tab, key }))));
  }

  /** Rows that nobody has taken on yet would be forgotten with this process. */
  #settleMemory(): void {
    this.#gatherLost();
    if (this.#aftercare.isSettled && this.#lost.isEmpty) this.#memory.settle();
  }

  #trouble(error: GoogleError): void {
    if (error.kind === 'unknown') this.#size.shrink();
    const { logger, spreadsheetId } = this.#options;
    logger.warn({ err: error, kind: error.kind, spreadsheet: spreadsheetId }, 'sheet request failed');
  }

  #fail(err: unknown): SheetUnavailableError {
    const { google, spreadsheetId, now, logger } = this.#options;
    const error = unavailable(err, { email: google.email, spreadsheetId, times: this.#options.times });
    if (this.#down?.error.message !== error.message) {
      logger.error({ err: error, spreadsheet: spreadsheetId, action: error.action }, 'sheet unavailable');
    }
    this.#down = { error, since: this.#down?.since ?? now(), until: now() + error.retryAfterMs };
    this.#waiting.rejectAll(error);
    return error;
  }

  #recovered(): void {
    if (this.#down === undefined) return;
    const { logger, spreadsheetId, now } = this.#options;
    logger.info({ spreadsheet: spreadsheetId, ms: now() - this.#down.since }, 'sheet available again');
    this.#down = undefined;
  }
}

function stopping(): SheetUnavailableError {
  return new SheetUnavailableError('the worker is stopping', { retryAfterMs: 1000 });
}

function again({ message, action, cause }: SheetUnavailableError, retryAfterMs: number): SheetUnavailableError {
  return new SheetUnavailableError(message, { retryAfterMs, action, cause });
}
