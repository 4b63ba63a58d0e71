import type { Database } from '../sqlite/database.ts';
import { parseSamples, percentile } from '../model/durations.ts';
import type { MinuteRow, SalesRow } from '../model/rows.ts';

const counters = ['received', 'duplicates', 'handled', 'failed', 'dead', 'notified'] as const;

/** Counts over time, and sales. */
export class Statistics {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Records gauge values of a minute, such as the queue depth. */
  recordGauges(at: number, values: Record<string, number>): void {
    const minute = Math.floor(at / 60_000);
    this.#db.transaction(() => {
      for (const [name, value] of Object.entries(values)) {
        this.#db.run(
          'INSERT INTO gauges VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
          minute,
          name,
          value,
        );
      }
    });
  }

  /** How many of these orders were handled after `at` (ms). */
  countHandledAfter(shop: string, sns: readonly string[], at: number): number {
    const sql = 'SELECT 1 FROM orders WHERE shop = ? AND sn = ? AND handled_at > ?';
    return sns.filter((sn) => this.#db.get(sql, shop, sn, at) !== undefined).length;
  }

  /** Whether any order within the retention reached the sheet. */
  hasOrders(): boolean {
    return this.#db.get('SELECT 1 FROM orders LIMIT 1') !== undefined;
  }

  /** The regions of the orders placed from `since` on. */
  regions(since: number): string[] {
    const rows = this.#db.all("SELECT DISTINCT COALESCE(region, '') AS region FROM orders WHERE placed_at >= ?", since);
    return rows.map((row) => String(row['region']));
  }

  /** Orders of a region placed from `since` on, summed by currency. Unpaid and canceled ones have no gross. */
  sales(region: string, since: number): SalesRow[] {
    const sql = `SELECT currency, COUNT(*) AS orders, SUM(status = 'CANCELLED') AS cancelled,
        COALESCE(SUM(CASE WHEN status NOT IN ('CANCELLED', 'UNPAID') THEN total END), 0) AS gross,
        COALESCE(SUM(CASE WHEN status NOT IN ('CANCELLED', 'UNPAID') THEN net END), 0) AS net,
        COALESCE(SUM(status NOT IN ('CANCELLED', 'UNPAID') AND net IS NOT NULL), 0) AS netOrders
      FROM orders WHERE placed_at >= ? AND COALESCE(region, '') = ? AND currency IS NOT NULL GROUP BY currency ORDER BY orders DESC`;
    return this.#db.all(sql, since, region) as unknown as SalesRow[];
  }

  /** Counts and durations between two times in buckets of `bucketMinutes`; empty ones are left out. */
  minutes(span: { from: number; to: number; bucketMinutes: number }): MinuteRow[] {
    const [from, to] = [Math.floor(span.from / 60_000), Math.ceil(span.to / 60_000)];
    const buckets = new Map<number, MinuteRow & { ack: number[]; handle: number[] }>();
    const bucketOf = (minute: number) => {
      const at = Math.floor(minute / span.bucketMinutes) * span.bucketMinutes * 60_000;
      const bucket = buckets.get(at) ?? { ...emptyBucket(at), ack: [], handle: [] };
      buckets.set(at, bucket);
      return bucket;
    };
    for (const row of this.#db.all('SELECT * FROM minutes WHERE minute >= ? AND minute < ?', from, to)) {
      const bucket = bucketOf(Number(row['minute']));
      for (const name of counters) bucket[name] += Number(row[name]);
      bucket.ack.push(...parseSamples(row['ack_ms']));
      bucket.handle.push(...parseSamples(row['handle_ms']));
    }
    const means = `SELECT minute / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS minute, name, AVG(value) AS value FROM gauges WHERE minute >= ? AND minute < ? GROUP BY 1, 2`;
    for (const row of this.#db.all(means, span.bucketMinutes, span.bucketMinutes, from, to)) {
      bucketOf(Number(row['minute'])).gauges[String(row['name'])] = Number(row['value']);
    }
    return [...buckets.values()]
      .map(({ ack, handle, ...bucket }) => ({
        ...bucket,
        ackP50: percentile(ack, 0.5),
        ackP95: percentile(ack, 0.95),
        handleP50: percentile(handle, 0.5),
        handleP95: percentile(handle, 0.95),
      }))
      .sort((a, b) => a.at - b.at);
  }
}

function emptyBucket(at: number): MinuteRow {
  const counts = { received: 0, duplicates: 0, handled: 0, failed: 0, dead: 0, notified: 0 };
  return { at, ...counts, ackP50: null, ackP95: null, handleP50: null, handleP95: null, gauges: {} };
}
