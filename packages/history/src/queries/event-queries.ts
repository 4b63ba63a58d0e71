import type { SQLInputValue } from 'node:sqlite';
import type { Database } from '../sqlite/database.ts';
import type { EventFilter, EventRow, ReceivedPush, StepRow } from '../model/rows.ts';

/** Up to this many matches the index on order numbers is faster than a scan by time. */
const commonSearchMatches = 20_000;
const hourMs = 3_600_000;
/** Of a word that very many pushes hold only the newest are found. */
const maxBodyMatches = 2_000;
const bodyMatches = `SELECT event_id FROM payloads WHERE rowid IN
  (SELECT rowid FROM payload_words WHERE payload_words MATCH ? ORDER BY rowid DESC LIMIT ${maxBodyMatches})`;

/** Queries events: pages, counts over time, one by id. */
export class EventQueries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** One page of events, newest first; `before` is the last page's last `seq`. */
  list(filter: EventFilter, page: { before?: number | undefined; limit: number }): EventRow[] {
    const { where, values } = this.#conditions(filter, { ...page, common: this.#isCommon(filter.search) });
    // Keys from a covering index first, then their rows: sorting whole rows costs ten times as much.
    const which = `SELECT seq FROM events ${where} ORDER BY at DESC, seq DESC LIMIT ?`;
    const sql = `SELECT * FROM events WHERE seq IN (${which}) ORDER BY at DESC, seq DESC`;
    return this.#db.all(sql, ...values, page.limit) as unknown as EventRow[];
  }

  /** Counts matching events over time in at most `buckets` equal spans between `from` and `to`; empty ones are left out. */
  histogram(
    filter: EventFilter,
    span: { from: number; to: number; buckets: number },
  ): { at: number; count: number; deadLettered: number }[] {
    const width = Math.max(1, Math.ceil((span.to - span.from) / span.buckets));
    const rows = this.#countByBucket(filter, span, width);
    return rows.map((row) => ({
      at: span.from + Number(row['bucket']) * width,
      count: Number(row['count']),
      deadLettered: Number(row['dead']),
    }));
  }

  /** One event with its activity in order, and its push when this forwarder received it. */
  find(id: string): { event: EventRow; steps: StepRow[]; push: ReceivedPush | undefined } | undefined {
    const event = this.#db.get('SELECT * FROM events WHERE id = ?', id) as unknown as EventRow | undefined;
    if (event === undefined) return undefined;
    const steps = this.#db.all('SELECT * FROM steps WHERE event_seq = ? ORDER BY at, entry', event.seq);
    return { event, steps: steps as unknown as StepRow[], push: this.#push(id) };
  }

  /** The time of the last event of each shop, ms. */
  lastEvents(shops: readonly string[]): { shop: string; at: number }[] {
    return shops.flatMap((shop) => {
      const row = this.#db.get('SELECT at FROM events WHERE shop = ? ORDER BY at DESC LIMIT 1', shop);
      return row === undefined ? [] : [{ shop, at: Number(row['at']) }];
    });
  }

  /** The shop of an order, from its newest event that has one. */
  findShop(sn: string): string | undefined {
    const row = this.#db.get('SELECT shop FROM events WHERE sn = ? AND shop IS NOT NULL ORDER BY at DESC LIMIT 1', sn);
    return typeof row?.['shop'] === 'string' ? row['shop'] : undefined;
  }

  #push(id: string): ReceivedPush | undefined {
    const row = this.#db.get('SELECT * FROM payloads WHERE event_id = ?', id);
    if (row === undefined) return undefined;
    const { at, text, url, signature, ack_ms: ackMs } = row;
    return {
      id,
      at: Number(at),
      text: String(text),
      url: typeof url === 'string' ? url : undefined,
      signature: typeof signature === 'string' ? signature : undefined,
      responseMs: Number(ackMs),
    };
  }

  #countByBucket(filter: EventFilter, span: { from: number; to: number; buckets: number }, width: number) {
    const { search, ...others } = filter;
    const isNarrowed = Object.values(others).some((value) => value !== undefined && value !== '');
    if (!search) return isNarrowed ? this.#countEachBucket(filter, span, width) : this.#countByMinute(span, width);
    if (!this.#isCommon(search)) return this.#countSearch(filter, span, width);
    const isInHours = search.length <= 6 && width % hourMs === 0 && span.from % hourMs === 0;
    return isInHours && !isNarrowed
      ? this.#countByHour(search, span, width)
      : this.#countEachBucket(filter, span, width);
  }

  /** Counts any number of orders of some days from the hourly counts. */
  #countByHour(search: string, span: { from: number; to: number; buckets: number }, width: number) {
    const sql = `SELECT (hour * ${hourMs} - CAST(? AS INTEGER)) / CAST(? AS INTEGER) AS bucket, SUM(events) AS count
      FROM order_hours WHERE hour >= ? AND hour < ? AND day >= ? AND day < ? GROUP BY bucket ORDER BY bucket`;
    const [from, to] = [span.from / hourMs, Math.ceil(span.to / hourMs)];
    const rows = this.#db.all(sql, span.from, width, from, to, search, prefixEnd(search));
    const dead = this.#countEachBucket({ search, state: 'dead' }, span, width);
    const deadIn = new Map(dead.map(({ bucket, count }) => [bucket, count]));
    return rows.map(({ bucket, count }) => ({ bucket, count, dead: deadIn.get(Number(bucket)) ?? 0 }));
  }

  /** Counts all events from the minutes, which are few. */
  #countByMinute(span: { from: number; to: number }, width: number) {
    const sql = `SELECT CAST(minute * 60000 - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, SUM(received) AS count, SUM(dead) AS dead
      FROM minutes WHERE minute >= ? AND minute < ? GROUP BY bucket ORDER BY bucket`;
    const [from, to] = [Math.ceil(span.from / 60_000), Math.ceil(span.to / 60_000)];
    return this.#db.all(sql, span.from, width, from, to);
  }

  /** Counts the events of few orders by reading them: their index is by order, not by time. */
  #countSearch(filter: EventFilter, span: { from: number; to: number }, width: number) {
    const { where, values } = this.#conditions({ ...filter, from: span.from, to: span.to });
    const sql = `SELECT CAST(at - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, COUNT(*) AS count, SUM(state = 'dead') AS dead
      FROM events ${where} GROUP BY bucket ORDER BY bucket`;
    return this.#db.all(sql, span.from, width, ...values);
  }

  /** Counts bucket by bucket: SQLite counts an index range several times faster than it groups it. */
  #countEachBucket(filter: EventFilter, span: { from: number; to: number; buckets: number }, width: number) {
    const common = this.#isCommon(filter.search);
    const count = (more: EventFilter) => {
      const { where, values } = this.#conditions({ ...filter, ...more }, { common });
      return Number(this.#db.get(`SELECT COUNT(*) AS count FROM events ${where}`, ...values)?.['count']);
    };
    return Array.from({ length: span.buckets }, (_, bucket) => {
      const from = span.from + bucket * width;
      const time = { from, to: Math.min(from + width, span.to) };
      const all = count(time);
      const dead = all === 0 || (filter.state ?? 'dead') !== 'dead' ? 0 : count({ ...time, state: 'dead' });
      return { bucket, count: all, dead };
    }).filter((bucket) => bucket.count > 0);
  }

  /** The WHERE clause of a filter and its values. `common`: the search matches very many orders. */
  #conditions(
    filter: EventFilter,
    { before, common = false }: { before?: number | undefined; common?: boolean } = {},
  ): { where: string; values: SQLInputValue[] } {
    const { search, code, shop, state, from, to } = filter;
    const parts: [sql: string, ...values: SQLInputValue[]][] = [];
    if (search) parts.push(this.#searchCondition(search, common));
    if (code !== undefined) parts.push(['code = ?', code]);
    if (shop !== undefined) parts.push(['shop = ?', shop]);
    if (state !== undefined) parts.push(['state = ?', state]);
    if (from !== undefined) parts.push(['at >= ?', from]);
    if (to !== undefined) parts.push(['at < ?', to]);
    if (before !== undefined) {
      const at = '(SELECT at FROM events WHERE seq = ?)';
      // The first condition is implied by the second, but lets an index start the range.
      parts.push([`at <= ${at}`, before], [`(at < ${at} OR seq < ?)`, before, before]);
    }
    return {
      where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
      values: parts.flatMap(([, ...values]) => values),
    };
  }

  /** An event id, else a prefix of order numbers, else prefixes of words in the push: the first that there is. */
  #searchCondition(search: string, common: boolean): [sql: string, ...values: SQLInputValue[]] {
    if (this.#db.get('SELECT 1 FROM events WHERE id = ?', search) !== undefined) return ['id = ?', search];
    const texts = this.#hasOrder(search) ? '' : toTextQuery(search);
    if (texts !== '') return [`id IN (${bodyMatches})`, texts];
    // A range instead of LIKE uses the index on sn. The plus prevents it.
    const sn = common ? '+sn' : 'sn';
    return [`(${sn} >= ? AND ${sn} < ?)`, search, prefixEnd(search)];
  }

  #hasOrder(prefix: string): boolean {
    const sql = 'SELECT 1 FROM events WHERE sn >= ? AND sn < ? LIMIT 1';
    return this.#db.get(sql, prefix, prefixEnd(prefix)) !== undefined;
  }

  /** Whether the prefix matches so many orders that a scan by time is faster. */
  #isCommon(search: string | undefined): boolean {
    if (!search) return false;
    const found = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM events WHERE sn >= ? AND sn < ? LIMIT ${commonSearchMatches})`;
    return this.#db.get(found, search, prefixEnd(search))?.['n'] === commonSearchMatches;
  }
}

/** The full-text query of a search: every word, as a prefix. */
function toTextQuery(search: string): string {
  return Array.from(search.matchAll(/[\p{L}\p{N}_-]+/gu), ([text]) => `"${text}"*`).join(' ');
}

/** An upper bound of all texts with this prefix. */
function prefixEnd(search: string): string {
  return `${search}\u{10ffff}`;
}
