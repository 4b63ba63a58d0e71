import { parseActivity, type StoredActivityEntry, type ActivityEntry } from '@shopee-webhook/store/activity-entry';
import { Database } from '../sqlite/database.ts';
import { EventQueries } from '../queries/event-queries.ts';
import { OrderQueries } from '../queries/order-queries.ts';
import { Statistics } from '../queries/statistics.ts';
import {
  ReceivedPush,
  type EventFilter,
  type EventRow,
  type MinuteRow,
  type StepRow,
  type SalesRow,
  type OrderFilter,
  type OrderRow,
  type OrderTotalsRow,
} from '../model/rows.ts';
import { ActivityProjector } from '../projection/projector.ts';

/**
 * Event history: events with their activity, searchable, and per-minute counts for the charts, in one SQLite file.
 * A projection of the activity stream: losing the file loses no order. Every call is synchronous, so it runs in
 * its own thread (history-thread.ts), off the path of a push.
 */
export class History {
  readonly #db: Database;
  readonly #projector: ActivityProjector;
  readonly #queries: EventQueries;
  readonly #statistics: Statistics;
  readonly #orders: OrderQueries;

  /** Opens or creates the file. */
  constructor(path: string) {
    this.#db = new Database(path);
    this.#projector = new ActivityProjector(this.#db);
    this.#queries = new EventQueries(this.#db);
    this.#statistics = new Statistics(this.#db);
    this.#orders = new OrderQueries(this.#db);
  }

  /** Applies entries and saves the stream cursor, `upTo`, atomically. Entries seen before change nothing. */
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
   * Applies entries that only this forwarder's spool has yet. When the stream delivers them again they change nothing:
   * the same type at the same moment counts once.
   */
  appendLocal(steps: readonly { seq: number; step: ActivityEntry }[]): void {
    this.#projector.transaction(() => {
      for (const { seq, step } of steps) {
        const entry = { ...step, at: step.at ?? 0, entryId: `s${String(seq)}` };
        this.#projector.apply(entry, { elsewhere: 'stream' });
      }
    });
  }

  /** The stream cursor up to which this file is complete; '0' for a new file. */
  cursor(): string {
    const row = this.#db.get("SELECT value FROM meta WHERE name = 'cursor'");
    return typeof row?.['value'] === 'string' ? row['value'] : '0';
  }

  /** Stores received pushes, for the event pages, with their response times. */
  recordPushes(pushes: readonly ReceivedPush[]): void {
    this.#projector.transaction(() => {
      for (const push of pushes) this.#projector.recordPush(push);
    });
  }

  /** As `recordPushes`, of lines of JSON as bytes, a push each. */
  recordPushLines(pieces: readonly Uint8Array[]): void {
    const decoder = new TextDecoder();
    const lines = pieces.flatMap((piece) => decoder.decode(piece).trimEnd().split('\n'));
    this.recordPushes(lines.map((line) => ReceivedPush.parse(JSON.parse(line))));
  }

  /** One page of events, newest first; `before` is the last page's last `seq`. */
  events(filter: EventFilter, page: { before?: number | undefined; limit: number }): EventRow[] {
    return this.#queries.list(filter, page);
  }

  /** Counts matching events over time in at most `buckets` equal spans between `from` and `to`; empty ones are left out. */
  histogram(
    filter: EventFilter,
    span: { from: number; to: number; buckets: number },
  ): { at: number; count: number; deadLettered: number }[] {
    return this.#queries.histogram(filter, span);
  }

  /** One event with its activity in order, and its push when this forwarder received it. */
  event(id: string): { event: EventRow; steps: StepRow[]; push: ReceivedPush | undefined } | undefined {
    return this.#queries.find(id);
  }

  /** The time of the last event of each shop, ms. */
  lastEvents(shops: readonly string[]): { shop: string; at: number }[] {
    return this.#queries.lastEvents(shops);
  }

  /** The shop of an order, from its newest event that has one. */
  findShop(sn: string): string | undefined {
    return this.#queries.findShop(sn);
  }

  /** Records gauge values of a minute, such as the queue depth. */
  recordGauges(at: number, values: Record<string, number>): void {
    this.#statistics.recordGauges(at, values);
  }

  /** Counts and durations between two times in buckets of `bucketMinutes`; empty ones are left out. */
  minutes(span: { from: number; to: number; bucketMinutes: number }): MinuteRow[] {
    return this.#statistics.minutes(span);
  }

  /** How many of these orders were handled after `at` (ms). */
  countHandledAfter(shop: string, sns: readonly string[], at: number): number {
    return this.#statistics.countHandledAfter(shop, sns, at);
  }

  /** Whether any order within the retention reached the sheet. */
  hasOrders(): boolean {
    return this.#statistics.hasOrders();
  }

  /** The regions of the orders placed from `since` on. */
  regions(since: number): string[] {
    return this.#statistics.regions(since);
  }

  /** Orders of a region placed from `since` on, summed by currency. Unpaid and canceled ones have no gross. */
  sales(region: string, since: number): SalesRow[] {
    return this.#statistics.sales(region, since);
  }

  /** One page of orders, newest first; `before` is the previous page's last order. */
  orders(filter: OrderFilter, page: { before?: { at: number; sn: string } | undefined; limit: number }): OrderRow[] {
    return this.#orders.page(filter, page);
  }

  /** Sums over all matching orders by currency. */
  orderTotals(filter: OrderFilter): OrderTotalsRow[] {
    return this.#orders.totals(filter);
  }

  /** Removes what is older than `at` (ms), at most `batch` events; returns how many. */
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

  /** Erases the stored pushes of an order (data erasure); returns how many. */
  eraseOrder(sn: string): number {
    return this.#db.run('DELETE FROM payloads WHERE event_id IN (SELECT id FROM events WHERE sn = ?)', sn);
  }

  close(): void {
    this.#db.close();
  }
}
