import type { SQLInputValue } from 'node:sqlite';
import type { Database } from '../sqlite/database.ts';
import type { EventFilter, EventRow, ReceivedPush, StepRow } from '../model/rows.ts';

/** Up to this many matches the index on order numbers finds a search's newest sooner than a walk through the times. */
const commonSearchMatches = 20_000;
const hourMs = 3_600_000;

/** Finds events: lists, counts over time, one by its id. */
export class EventQueries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** One page of events, newest first; `before` is the last page's last `seq`. */
  list(filter: EventFilter, page: { before?: number | undefined; limit: number }): EventRow[] {
    const { where, values } = this.#conditions(filter, { ...page, common: this.#isCommon(filter.search) });
    // First which, from an index alone, and then their rows: to sort whole rows is ten times the work.
    const which = `SELECT seq FROM events ${where} ORDER BY at DESC, seq DESC LIMIT ?`;
    const sql = `SELECT * FROM events WHERE seq IN (${which}) ORDER BY at DESC, seq DESC`;
    return this.#db.all(sql, ...values, page.limit) as unknown as EventRow[];
  }

  /** How many events match, over time: at most `buckets` equal spans between `from` and `to`, without empty ones. */
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

  /** One event with all its steps in order, and the push when this forwarder received it. */
  find(id: string): { event: EventRow; steps: StepRow[]; push: ReceivedPush | undefined } | undefined {
    const event = this.#db.get('SELECT * FROM events WHERE id = ?', id) as unknown as EventRow | undefined;
    if (event === undefined) return undefined;
    const steps = this.#db.all('SELECT * FROM steps WHERE event_seq = ? ORDER BY at, entry', event.seq);
    return { event, steps: steps as unknown as StepRow[], push: this.#push(id) };
  }

  /** When the last event of each of these shops came, ms. */
  lastEvents(shops: readonly string[]): { shop: string; at: number }[] {
    return shops.flatMap((shop) => {
      const row = this.#db.get('SELECT at FROM events WHERE shop = ? ORDER BY at DESC LIMIT 1', shop);
      return row === undefined ? [] : [{ shop, at: Number(row['at']) }];
    });
  }

  /** The newest event of an order that names its shop. */
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

  /** Of the orders of some days, however many: from the hours in which their events came. */
  #countByHour(search: string, span: { from: number; to: number; buckets: number }, width: number) {
    const sql = `SELECT (hour * ${hourMs} - CAST(? AS INTEGER)) / CAST(? AS INTEGER) AS bucket, SUM(events) AS count
      FROM order_hours WHERE hour >= ? AND hour < ? AND day >= ? AND day < ? GROUP BY bucket ORDER BY bucket`;
    const [from, to] = [span.from / hourMs, Math.ceil(span.to / hourMs)];
    const rows = this.#db.all(sql, span.from, width, from, to, search, prefixEnd(search));
    const dead = this.#countEachBucket({ search, state: 'dead' }, span, width);
    const deadIn = new Map(dead.map(({ bucket, count }) => [bucket, count]));
    return rows.map(({ bucket, count }) => ({ bucket, count, dead: deadIn.get(Number(bucket)) ?? 0 }));
  }

  /** Of all events: from the minutes, which are few. */
  #countByMinute(span: { from: number; to: number }, width: number) {
    const sql = `SELECT CAST(minute * 60000 - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, SUM(received) AS count, SUM(dead) AS dead
      FROM minutes WHERE minute >= ? AND minute < ? GROUP BY bucket ORDER BY bucket`;
    const [from, to] = [Math.ceil(span.from / 60_000), Math.ceil(span.to / 60_000)];
    return this.#db.all(sql, span.from, width, from, to);
  }

  /** Of the events of some orders: all of them are read, for their index is by order and not by time. */
  #countSearch(filter: EventFilter, span: { from: number; to: number }, width: number) {
    const { where, values } = this.#conditions({ ...filter, from: span.from, to: span.to });
    const sql = `SELECT CAST(at - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, COUNT(*) AS count, SUM(state = 'dead') AS dead
      FROM events ${where} GROUP BY bucket ORDER BY bucket`;
    return this.#db.all(sql, span.from, width, ...values);
  }

  /** Of all others: SQLite counts a piece of an index several times faster than it groups it. */
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

  /** The WHERE clause of a filter, and its values in order. `common`: very many orders fit the search. */
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
      // The first condition says no more than the second, but an index can begin with it.
      parts.push([`at <= ${at}`, before], [`(at < ${at} OR seq < ?)`, before, before]);
    }
    return {
      where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
      values: parts.flatMap(([, ...values]) => values),
    };
  }

  /** An event's id when there is one of that id, else the beginning of an order number. */
  #searchCondition(search: string, common: boolean): [sql: string, ...values: SQLInputValue[]] {
    if (this.#db.get('SELECT 1 FROM events WHERE id = ?', search) !== undefined) return ['id = ?', search];
    // A range instead of LIKE, so that the index on sn serves. The plus keeps SQLite from using that index.
    const sn = common ? '+sn' : 'sn';
    return [`(${sn} >= ? AND ${sn} < ?)`, search, prefixEnd(search)];
  }

  /** Whether so many order numbers begin like this that a walk through the times is the shorter way. */
  #isCommon(search: string | undefined): boolean {
    if (!search) return false;
    const found = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM events WHERE sn >= ? AND sn < ? LIMIT ${commonSearchMatches})`;
    return this.#db.get(found, search, prefixEnd(search))?.['n'] === commonSearchMatches;
  }
}

/** Above every text that begins like this. */
function prefixEnd(search: string): string {
  return `${search}\u{10ffff}`;
}
