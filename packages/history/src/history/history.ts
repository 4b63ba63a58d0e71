import { parseActivity, type StoredActivityEntry, type ActivityEntry } from '@shopee-webhook/store/activity-entry';
import { Database } from '../sqlite/database.ts';
import { EventQueries } from '../queries/event-queries.ts';
import { Statistics } from '../queries/statistics.ts';
import type { EventFilter, EventRow, MinuteRow, ReceivedPush, StepRow, SalesRow } from '../model/rows.ts';
import { ActivityProjector } from '../projection/projector.ts';

/**
 * The look back: events with their steps, searchable, and per-minute counts for the charts, in one SQLite file.
 * A projection of the activity stream: losing the file loses no order. Every call is synchronous, so it belongs into
 * a thread of its own (thread.ts), away from the path of a push.
 */
export class History {
  readonly #db: Database;
  readonly #projector: ActivityProjector;
  readonly #queries: EventQueries;
  readonly #statistics: Statistics;

  /** Opens or makes the file. */
  constructor(path: string) {
    this.#db = new Database(path);
    this.#projector = new ActivityProjector(this.#db);
    this.#queries = new EventQueries(this.#db);
    this.#statistics = new Statistics(this.#db);
  }

  /** Adds steps and remembers their place in the stream, `upTo`, all or nothing. Steps seen before change nothing. */
  append(entries: readonly StoredActivityEntry[], upTo = entries.at(-1)?.entryId): void {
    if (upTo === undefined) return;
    this.#projector.transaction(() => {
      for (const entry of entries) this.#projector.apply(entry, { elsewhere: 'spool' });
      const sql = "INSERT INTO meta VALUES ('cursor', ?) ON CONFLICT DO UPDATE SET value = excluded.value";
      this.#db.run(sql, upTo);
    });
  }

  /** As `append`, of a text of `ActivityLog.readText` and its last entry's id. */
  appendText(text: string, lastEntryId: string): void {
    this.append(parseActivity(text), lastEntryId);
  }

  /**
   * Adds steps that only this forwarder's spool knows yet. When they come again with the stream, they change nothing:
   * what is the same step of the same moment counts once.
   */
  appendLocal(steps: readonly { seq: number; step: ActivityEntry }[]): void {
    this.#projector.transaction(() => {
      for (const { seq, step } of steps) {
        const entry = { ...step, at: step.at ?? 0, entryId: `s${String(seq)}` };
        this.#projector.apply(entry, { elsewhere: 'stream' });
      }
    });
  }

  /** The place in the stream up to which this file has everything; '0' when it is new. */
  cursor(): string {
    const row = this.#db.get("SELECT value FROM meta WHERE name = 'cursor'");
    return typeof row?.['value'] === 'string' ? row['value'] : '0';
  }

  /** Keeps pushes as they were received, for the events' pages, and how fast they were answered. */
  recordPushes(pushes: readonly ReceivedPush[]): void {
    this.#projector.transaction(() => {
      for (const push of pushes) this.#projector.recordPush(push);
    });
  }

  /** As `keepPushes`, of lines of JSON as bytes, a push each. */
  recordPushLines(pieces: readonly Uint8Array[]): void {
    const decoder = new TextDecoder();
    const lines = pieces.flatMap((piece) => decoder.decode(piece).trimEnd().split('\n'));
    this.recordPushes(lines.map((line) => JSON.parse(line) as ReceivedPush));
  }

  /** One page of events, newest first; `before` is the last page's last `seq`. */
  events(filter: EventFilter, page: { before?: number | undefined; limit: number }): EventRow[] {
    return this.#queries.list(filter, page);
  }

  /** How many events match, over time: at most `buckets` equal spans between `from` and `to`, without empty ones. */
  histogram(
    filter: EventFilter,
    span: { from: number; to: number; buckets: number },
  ): { at: number; count: number; deadLettered: number }[] {
    return this.#queries.histogram(filter, span);
  }

  /** One event with all its steps in order, and the push when this forwarder received it. */
  event(id: string): { event: EventRow; steps: StepRow[]; push: ReceivedPush | undefined } | undefined {
    return this.#queries.find(id);
  }

  /** When the last event of each of these shops came, ms. */
  lastEvents(shops: readonly string[]): { shop: string; at: number }[] {
    return this.#queries.lastEvents(shops);
  }

  /** The shop that the newest event of an order names. */
  findShop(sn: string): string | undefined {
    return this.#queries.findShop(sn);
  }

  /** Notes what a gauge showed in a minute, such as the queue's depth. */
  recordGauges(at: number, values: Record<string, number>): void {
    this.#statistics.recordGauges(at, values);
  }

  /** Counts and durations between two times, in buckets of `bucketMinutes`, without empty ones. */
  minutes(span: { from: number; to: number; bucketMinutes: number }): MinuteRow[] {
    return this.#statistics.minutes(span);
  }

  /** How many of these orders were handled after `at` (ms). */
  countHandledAfter(shop: string, sns: readonly string[], at: number): number {
    return this.#statistics.countHandledAfter(shop, sns, at);
  }

  /** Whether any order was brought into the sheet, as far as is remembered. */
  hasOrders(): boolean {
    return this.#statistics.hasOrders();
  }

  /** The regions that orders of the last days are from. */
  regions(since: number): string[] {
    return this.#statistics.regions(since);
  }

  /** Orders of a region placed from `since` on, summed up by currency. Unpaid and cancelled ones have no gross. */
  sales(region: string, since: number): SalesRow[] {
    return this.#statistics.sales(region, since);
  }

  /** Removes what happened before `at` (ms), `batch` events at the most; returns how many went. */
  prune(at: number, batch = 5_000): number {
    const db = this.#db;
    return db.transaction(() => {
      const old = 'SELECT seq FROM events WHERE at < ? ORDER BY at LIMIT ?';
      db.run(`DELETE FROM steps WHERE event_seq IN (${old})`, at, batch);
      const events = db.run(`DELETE FROM events WHERE seq IN (${old})`, at, batch);
      db.run('DELETE FROM order_hours WHERE events = 0');
      db.run('DELETE FROM payloads WHERE at < ?', at);
      db.run('DELETE FROM orders WHERE placed_at < ?', at);
      db.run('DELETE FROM minutes WHERE minute < ?', Math.floor(at / 60_000));
      db.run('DELETE FROM gauges WHERE minute < ?', Math.floor(at / 60_000));
      return events;
    });
  }

  /** Removes the pushes kept for an order's events (someone asked to be forgotten); returns how many. */
  eraseOrder(sn: string): number {
    return this.#db.run('DELETE FROM payloads WHERE event_id IN (SELECT id FROM events WHERE sn = ?)', sn);
  }

  close(): void {
    this.#db.close();
  }
}
