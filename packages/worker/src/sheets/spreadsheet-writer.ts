import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { Lease, Locks } from '@shopee-webhook/store';
import type { SheetRow } from '../columns.ts';
import { unavailable } from './availability.ts';
import { Flush } from './flush.ts';
import { FlushSize } from './flush-size.ts';
import type { GoogleClient, SpreadsheetClient } from './google-client.ts';
import type { GoogleError } from './google-errors.ts';
import { Layout } from './layout.ts';
import { SheetUnavailableError, type WriteResult } from './sheet-row.ts';
import type { Rotation } from './tab-ids.ts';
import { settle, WaitingRows } from './waiting-rows.ts';
import { LockLostError } from './writer-lock.ts';

export interface SpreadsheetWriterOptions {
  spreadsheetId: string;
  google: GoogleClient;
  locks: Locks;
  logger: Logger;
  rotation: Rotation;
  decimalsOf: (currency: string) => number;
  /** Google's advice against 503s is one request a second for a spreadsheet. */
  minFlushMs: number;
  now: () => number;
}

/** Longer than any pause of a healthy process, for it is renewed before each write and every third of it. */
const leaseMs = 30_000;
/** So that the rows of one batch come together in one flush. */
const lingerMs = 40;

/** Writes one spreadsheet: everyone's rows in one flush after the other, as long as it holds the spreadsheet's lock. */
export class SpreadsheetWriter {
  readonly #options: SpreadsheetWriterOptions;
  readonly #waiting = new WaitingRows();
  readonly #size = new FlushSize();
  readonly #client: SpreadsheetClient;
  readonly #layout: Layout;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #lease: Lease | undefined;
  #lastFencing = -1;
  #lastFlushAt = 0;
  #down: { error: SheetUnavailableError; since: number; until: number } | undefined;

  constructor(options: SpreadsheetWriterOptions) {
    this.#options = options;
    const { google, spreadsheetId, rotation, decimalsOf, now } = options;
    this.#client = google.open(spreadsheetId, () => this.#hold());
    this.#layout = new Layout({ client: this.#client, rotation, decimalsOf, now });
  }

  /** Resolves when the flush with this row is settled; rejects with a SheetUnavailableError. */
  upsert(row: SheetRow): Promise<WriteResult> {
    if (this.#stop.signal.aborted) return Promise.reject(stopping());
    const { now } = this.#options;
    if (this.#down !== undefined && now() < this.#down.until) return Promise.reject(this.#down.error);
    const written = this.#waiting.add(row);
    this.#wake();
    return written;
  }

  get down(): { error: SheetUnavailableError; since: number } | undefined {
    return this.#down;
  }

  get layout(): Layout {
    return this.#layout;
  }

  get waitingRows(): number {
    return this.#waiting.size;
  }

  /** Lets down whoever waits and ends the flush under way at its next step. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#waiting.rejectAll(stopping());
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#waiting.size > 0 && !this.#stop.signal.aborted) this.#wake();
    });
  }

  /** Flush after flush until no row waits. Never rejects. */
  async #drain(): Promise<void> {
    const { now, minFlushMs, logger } = this.#options;
    const { signal } = this.#stop;
    while (this.#waiting.size > 0 && !signal.aborted) {
      const pauseMs = Math.max(lingerMs, this.#lastFlushAt + minFlushMs - now());
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#withLock(() => this.#flush());
      } catch (err) {
        logger.error({ err, spreadsheet: this.#options.spreadsheetId }, 'sheet lock failed');
        this.#fail(err);
      }
    }
  }

  async #withLock(work: () => Promise<void>): Promise<void> {
    const lease = await this.#acquire();
    if (lease === undefined) return;
    this.#lease = lease;
    const renewal = setInterval(() => void this.#renew(lease), leaseMs / 3);
    try {
      await work();
    } finally {
      clearInterval(renewal);
      this.#lease = undefined;
      await lease.release();
    }
  }

  /** Waits for the lock as long as another worker has it. */
  async #acquire(): Promise<Lease | undefined> {
    const { locks, spreadsheetId } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const lease = await locks.acquire(`sheet:${spreadsheetId}`, leaseMs);
      if (lease !== undefined) return lease;
      await sleep(100 + Math.random() * 150, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  async #renew(lease: Lease): Promise<void> {
    try {
      if (!(await lease.renew())) this.#options.logger.warn({ fencing: lease.fencing }, 'sheet lock lost');
    } catch (err) {
      // The next write asks again before it is sent.
      this.#options.logger.warn({ err }, 'sheet lock not renewed');
    }
  }

  /** Right before each write: nobody else may have taken over. */
  async #hold(): Promise<void> {
    if (this.#lease === undefined || !(await this.#lease.renew())) throw new LockLostError('sheet lock lost');
  }

  async #flush(): Promise<void> {
    const { now, logger, spreadsheetId } = this.#options;
    this.#lastFlushAt = now();
    const batch = this.#waiting.take(this.#size.limits);
    const began = performance.now();
    try {
      await this.#catchUp();
      const flush = new Flush({
        client: this.#client,
        layout: this.#layout,
        signal: this.#stop.signal,
        onTrouble: (error) => this.#trouble(error),
      });
      const results = await flush.run(batch.map(({ row }) => row));
      for (const one of batch) settle(one, results.get(one.row) ?? new Error('a row without a result'));
      this.#recovered();
      this.#size.grow();
      logger.debug({ spreadsheet: spreadsheetId, rows: batch.length, ms: performance.now() - began }, 'sheet flushed');
    } catch (err) {
      const error = this.#stop.signal.aborted ? stopping() : this.#fail(err);
      for (const one of batch) settle(one, error);
    }
  }

  /** When another worker had the lock in between, rows were added that are not in our index. */
  async #catchUp(): Promise<void> {
    const fencing = this.#lease?.fencing ?? 0;
    if (this.#layout.loaded && fencing !== this.#lastFencing + 1) await this.#layout.readTail();
    this.#lastFencing = fencing;
  }

  #trouble(error: GoogleError): void {
    if (error.kind === 'unknown') this.#size.shrink();
    const { logger, spreadsheetId } = this.#options;
    logger.warn({ err: error, kind: error.kind, spreadsheet: spreadsheetId }, 'sheet request failed');
  }

  #fail(err: unknown): SheetUnavailableError {
    const { google, spreadsheetId, now, logger } = this.#options;
    const error = unavailable(err, google.email, spreadsheetId);
    if (this.#down === undefined) logger.error({ err: error, spreadsheet: spreadsheetId }, 'sheet unavailable');
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
