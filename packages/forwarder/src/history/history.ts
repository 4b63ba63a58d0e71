import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { ActivityEntry, ActivityStep } from '@shopee-webhook/store';
import { schema, schemaVersion } from './schema.ts';
import { stateAfter, type EventState } from './states.ts';
import { percentile, sampled } from './durations.ts';

/** An event as the list shows it. Times are ms since the epoch, durations ms. */
export interface EventRow {
  seq: number;
  id: string;
  at: number;
  code: number | null;
  shop: string | null;
  sn: string | null;
  /** Lost push, reconcile, backfill …; null = a push. */
  source: string | null;
  state: EventState;
  attempts: number;
  duplicates: number;
  notified: number;
  row: number | null;
  reason: string | null;
  error: string | null;
  ack_ms: number | null;
  handle_ms: number | null;
  last_at: number;
}

export interface StepRow {
  entry: string;
  at: number;
  step: string;
  ms: number | null;
  attempt: number | null;
  row: number | null;
  reason: string | null;
  error: string | null;
}

/** A push as this forwarder received it. */
export interface ReceivedPush {
  /** The event's. */
  id: string;
  at: number;
  text: string;
  /** What it was signed for; undefined when it was not looked at. */
  url: string | undefined;
  signature: string | undefined;
  /** From the whole body to the answer. */
  ackMs: number;
}

/** Orders of one currency, summed up. */
export interface TakingsRow {
  currency: string;
  orders: number;
  cancelled: number;
  gross: number;
  net: number;
  netOrders: number;
}

export interface EventFilter {
  /** An event's id, or the beginning of an order number. */
  search?: string | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  state?: EventState | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
}

export interface MinuteRow {
  /** Start of the bucket, ms. */
  at: number;
  received: number;
  duplicates: number;
  handled: number;
  failed: number;
  dead: number;
  notified: number;
  ackP50: number | null;
  ackP95: number | null;
  handleP50: number | null;
  handleP95: number | null;
  /** Gauges of that time by name, the mean over the bucket. */
  gauges: Record<string, number>;
}

/** From this many matches on a search counts as common. */
const common = 2_000;

/** The durations a minute keeps for its percentiles. */
const samplesPerMinute = 100;

/**
 * The look back: events with their steps, searchable, and per-minute counts for the charts, in one SQLite file.
 * A projection of the activity stream: losing the file loses no order. Every call is synchronous, so it belongs into
 * a thread of its own (thread.ts), away from the path of a push.
 */
export class History {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the file; one with another schema is emptied, for it can be filled again from the stream. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA busy_timeout = 2000;',
    );
    const version = this.#db.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== schemaVersion) {
      for (const table of ['events', 'steps', 'payloads', 'orders', 'minutes', 'gauges', 'meta']) {
        this.#db.exec(`DROP TABLE IF EXISTS ${table}`);
      }
      this.#db.exec(`PRAGMA user_version = ${schemaVersion}`);
    }
    this.#db.exec(schema);
  }

  /** Adds steps and remembers the last one's place in the stream, all or nothing. Steps seen before change nothing. */
  append(entries: readonly ActivityEntry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#transaction(() => {
      for (const entry of entries) this.#appendOne(entry, { elsewhere: 'spool' });
      this.#run("INSERT INTO meta VALUES ('cursor', ?) ON CONFLICT DO UPDATE SET value = excluded.value", last.entryId);
    });
  }

  /**
   * Adds steps that only this forwarder's spool knows yet. When they come again with the stream, they change nothing:
   * what is the same step of the same moment counts once.
   */
  appendLocal(steps: readonly { seq: number; step: ActivityStep }[]): void {
    this.#transaction(() => {
      for (const { seq, step } of steps) {
        this.#appendOne({ ...step, at: step.at ?? 0, entryId: spoolEntry(seq) }, { elsewhere: 'stream' });
      }
    });
  }

  /** The place in the stream up to which this file has everything; '0' when it is new. */
  cursor(): string {
    const row = this.#get("SELECT value FROM meta WHERE name = 'cursor'");
    return typeof row?.['value'] === 'string' ? row['value'] : '0';
  }

  /** Keeps pushes as they were received, for the events' pages, and how fast they were answered. */
  keepPushes(pushes: readonly ReceivedPush[]): void {
    this.#transaction(() => {
      for (const { id, at, text, url, signature, ackMs } of pushes) {
        const { changes } = this.#run(
          'INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)',
          id,
          at,
          text,
          url ?? null,
          signature ?? null,
          ackMs,
        );
        if (Number(changes) === 0) continue;
        this.#run('UPDATE events SET ack_ms = ? WHERE id = ?', ackMs, id);
        this.#sampleAck(Math.floor(at / 60_000), ackMs);
      }
    });
  }

  /** Notes what a gauge showed in a minute, such as the queue's depth. */
  gauge(at: number, values: Record<string, number>): void {
    const minute = Math.floor(at / 60_000);
    this.#transaction(() => {
      for (const [name, value] of Object.entries(values)) {
        this.#run(
          'INSERT INTO gauges VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
          minute,
          name,
          value,
        );
      }
    });
  }

  /** One page of events, newest first; `before` is the last page's last `seq`. */
  events(filter: EventFilter, page: { before?: number | undefined; limit: number }): EventRow[] {
    const { where, values } = conditions(filter, { before: page.before, bySn: !this.#isCommon(filter.search) });
    const sql = `SELECT * FROM events ${where} ORDER BY at DESC, seq DESC LIMIT ?`;
    return this.#all(sql, ...values, page.limit) as unknown as EventRow[];
  }

  /** How many events match, over time: at most `buckets` equal spans between `from` and `to`, without empty ones. */
  histogram(
    filter: EventFilter,
    span: { from: number; to: number; buckets: number },
  ): { at: number; count: number; dead: number }[] {
    const width = Math.max(1, Math.ceil((span.to - span.from) / span.buckets));
    const isFiltered = Object.values(filter).some((value) => value !== undefined && value !== '');
    const rows = !isFiltered
      ? this.#countedByMinute(span, width)
      : filter.search
        ? this.#countedBySearch(filter, span, width)
        : this.#countedByBucket(filter, span, width);
    return rows.map((row) => ({
      at: span.from + Number(row['bucket']) * width,
      count: Number(row['count']),
      dead: Number(row['dead']),
    }));
  }

  /** One event with all its steps in order, and the push when this forwarder received it. */
  event(id: string): { event: EventRow; steps: StepRow[]; push: ReceivedPush | undefined } | undefined {
    const event = this.#get('SELECT * FROM events WHERE id = ?', id) as unknown as EventRow | undefined;
    if (event === undefined) return undefined;
    const steps = this.#all('SELECT * FROM steps WHERE event_seq = ? ORDER BY at, entry', event.seq);
    return { event, steps: steps as unknown as StepRow[], push: this.#push(id) };
  }

  /** When the last event of each of these shops came, ms. */
  lastEvents(shops: readonly string[]): { shop: string; at: number }[] {
    return shops.flatMap((shop) => {
      const row = this.#get('SELECT at FROM events WHERE shop = ? ORDER BY at DESC LIMIT 1', shop);
      return row === undefined ? [] : [{ shop, at: Number(row['at']) }];
    });
  }

  /** The newest event of an order that names its shop. */
  shopOf(sn: string): string | undefined {
    const row = this.#get('SELECT shop FROM events WHERE sn = ? AND shop IS NOT NULL ORDER BY at DESC LIMIT 1', sn);
    return typeof row?.['shop'] === 'string' ? row['shop'] : undefined;
  }

  /** How many of these orders were handled after `at` (ms). */
  handledAfter(shop: string, sns: readonly string[], at: number): number {
    const sql = 'SELECT 1 FROM orders WHERE shop = ? AND sn = ? AND handled_at > ?';
    return sns.filter((sn) => this.#get(sql, shop, sn, at) !== undefined).length;
  }

  /** The regions that orders of the last days are from. */
  regions(since: number): string[] {
    const rows = this.#all("SELECT DISTINCT COALESCE(region, '') AS region FROM orders WHERE placed_at >= ?", since);
    return rows.map((row) => String(row['region']));
  }

  /** Orders of a region placed from `since` on, summed up by currency. Unpaid and cancelled ones have no gross. */
  takings(region: string, since: number): TakingsRow[] {
    const sql = `SELECT currency, COUNT(*) AS orders, SUM(status = 'CANCELLED') AS cancelled,
        COALESCE(SUM(CASE WHEN status NOT IN ('CANCELLED', 'UNPAID') THEN total END), 0) AS gross,
        COALESCE(SUM(CASE WHEN status NOT IN ('CANCELLED', 'UNPAID') THEN net END), 0) AS net,
        COALESCE(SUM(status NOT IN ('CANCELLED', 'UNPAID') AND net IS NOT NULL), 0) AS netOrders
      FROM orders WHERE placed_at >= ? AND COALESCE(region, '') = ? AND currency IS NOT NULL GROUP BY currency ORDER BY orders DESC`;
    return this.#all(sql, since, region) as unknown as TakingsRow[];
  }

  /** Counts and durations between two times, in buckets of `bucketMinutes`, without empty ones. */
  minutes(span: { from: number; to: number; bucketMinutes: number }): MinuteRow[] {
    const [from, to] = [Math.floor(span.from / 60_000), Math.ceil(span.to / 60_000)];
    const buckets = new Map<number, MinuteRow & { ack: number[]; handle: number[] }>();
    const bucketOf = (minute: number) => {
      const at = Math.floor(minute / span.bucketMinutes) * span.bucketMinutes * 60_000;
      const bucket = buckets.get(at) ?? { ...emptyBucket(at), ack: [], handle: [] };
      buckets.set(at, bucket);
      return bucket;
    };
    for (const row of this.#all('SELECT * FROM minutes WHERE minute >= ? AND minute < ?', from, to)) {
      const bucket = bucketOf(Number(row['minute']));
      for (const name of counters) bucket[name] += Number(row[name]);
      bucket.ack.push(...numbersIn(row['ack_ms']));
      bucket.handle.push(...numbersIn(row['handle_ms']));
    }
    const means = `SELECT minute / CAST(? AS INTEGER) * CAST(? AS INTEGER) AS minute, name, AVG(value) AS value FROM gauges WHERE minute >= ? AND minute < ? GROUP BY 1, 2`;
    for (const row of this.#all(means, span.bucketMinutes, span.bucketMinutes, from, to)) {
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

  /** Removes what happened before `at` (ms), `batch` events at the most; returns how many went. */
  prune(at: number, batch = 5_000): number {
    return this.#transaction(() => {
      const old = 'SELECT seq FROM events WHERE at < ? ORDER BY at LIMIT ?';
      this.#run(`DELETE FROM steps WHERE event_seq IN (${old})`, at, batch);
      const { changes } = this.#run(`DELETE FROM events WHERE seq IN (${old})`, at, batch);
      this.#run('DELETE FROM payloads WHERE at < ?', at);
      this.#run('DELETE FROM orders WHERE placed_at < ?', at);
      this.#run('DELETE FROM minutes WHERE minute < ?', Math.floor(at / 60_000));
      this.#run('DELETE FROM gauges WHERE minute < ?', Math.floor(at / 60_000));
      return Number(changes);
    });
  }

  /** Removes the pushes kept for an order's events (someone asked to be forgotten); returns how many. */
  forgetOrder(sn: string): number {
    const { changes } = this.#run('DELETE FROM payloads WHERE event_id IN (SELECT id FROM events WHERE sn = ?)', sn);
    return Number(changes);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #appendOne(entry: ActivityEntry, { elsewhere }: { elsewhere: 'spool' | 'stream' }): void {
    if (entry.step === 'refused') return;
    this.#run(
      `INSERT INTO events (id, at, code, shop, sn, source, state, last_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)
       ON CONFLICT (id) DO UPDATE SET code = COALESCE(code, excluded.code), shop = COALESCE(shop, excluded.shop), sn = COALESCE(sn, excluded.sn)`,
      entry.id,
      entry.at,
      entry.code ?? null,
      entry.shop ?? null,
      entry.sn ?? null,
      entry.source ?? null,
      entry.at,
    );
    const event = this.#get('SELECT seq, at, shop, sn FROM events WHERE id = ?', entry.id);
    const seq = Number(event?.['seq']);
    if (this.#isKnown(seq, entry, elsewhere)) return;
    const inserted = this.#run(
      'INSERT OR IGNORE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      seq,
      entry.entryId,
      entry.at,
      entry.step,
      entry.ms ?? null,
      entry.attempt ?? null,
      entry.row ?? null,
      entry.reason ?? null,
      entry.error ?? null,
    );
    if (Number(inserted.changes) === 0) return;
    this.#advance(entry, Number(event?.['at']));
    this.#count(entry, Number(event?.['at']));
    if (entry.placed !== undefined) this.#keepOrder(entry, { shop: event?.['shop'], sn: event?.['sn'] });
  }

  /** Whether the step came already the other way: from this forwarder's spool, or with the stream. */
  #isKnown(seq: number, { at, step }: ActivityEntry, elsewhere: 'spool' | 'stream'): boolean {
    const other = elsewhere === 'spool' ? "entry LIKE 's%'" : "entry NOT LIKE 's%'";
    return (
      this.#get(`SELECT 1 FROM steps WHERE event_seq = ? AND at = ? AND step = ? AND ${other}`, seq, at, step) !==
      undefined
    );
  }

  /** Brings the event's own row up to this step. */
  #advance(entry: ActivityEntry, firstSeenAt: number): void {
    const state = stateAfter(entry.step);
    const handleMs = entry.step === 'handled' ? Math.max(0, entry.at - firstSeenAt) : null;
    this.#run(
      `UPDATE events SET attempts = MAX(attempts, ?), duplicates = duplicates + ?, notified = MAX(notified, ?), row = COALESCE(?, row),
         ack_ms = COALESCE(ack_ms, ?, (SELECT ack_ms FROM payloads WHERE event_id = id)), handle_ms = COALESCE(?, handle_ms),
         last_at = MAX(last_at, ?) WHERE id = ?`,
      entry.attempt ?? 0,
      entry.step === 'duplicate' ? 1 : 0,
      entry.step === 'notified' ? 1 : 0,
      entry.row ?? null,
      entry.step === 'queued' || entry.step === 'spooled' ? (entry.ms ?? null) : null,
      handleMs,
      entry.at,
      entry.id,
    );
    if (state === undefined) return;
    const { reason = null, error = null, id } = entry;
    this.#run('UPDATE events SET state = ?, reason = ?, error = ? WHERE id = ?', state, reason, error, id);
  }

  #keepOrder(entry: ActivityEntry, { shop, sn }: { shop: unknown; sn: unknown }): void {
    if (typeof shop !== 'string' || typeof sn !== 'string') return;
    this.#run(
      `INSERT INTO orders (shop, sn, placed_at, handled_at, status, region, currency, total, net) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (shop, sn) DO UPDATE SET handled_at = excluded.handled_at, status = excluded.status, region = excluded.region,
         currency = excluded.currency, total = excluded.total, net = COALESCE(excluded.net, net)
       WHERE excluded.handled_at >= handled_at`,
      shop,
      sn,
      entry.placed ?? entry.at,
      entry.at,
      entry.status ?? null,
      entry.region ?? null,
      entry.currency ?? null,
      entry.total ?? null,
      entry.net ?? null,
    );
  }

  #push(id: string): ReceivedPush | undefined {
    const row = this.#get('SELECT * FROM payloads WHERE event_id = ?', id);
    if (row === undefined) return undefined;
    const { at, text, url, signature, ack_ms: ackMs } = row;
    return {
      id,
      at: Number(at),
      text: String(text),
      url: typeof url === 'string' ? url : undefined,
      signature: typeof signature === 'string' ? signature : undefined,
      ackMs: Number(ackMs),
    };
  }

  /** Counts the step in its minute. */
  #count(entry: ActivityEntry, firstSeenAt: number): void {
    const minute = Math.floor(entry.at / 60_000);
    const counter = counterOf(entry);
    if (counter === undefined) return;
    this.#run(
      `INSERT INTO minutes (minute, ${counter}) VALUES (?, 1) ON CONFLICT DO UPDATE SET ${counter} = ${counter} + 1`,
      minute,
    );
    if (counter === 'received' && entry.ms !== undefined) this.#sampleAck(minute, entry.ms);
    if (counter === 'handled')
      this.#sample(minute, { column: 'handle_ms', seenIn: 'handled' }, Math.max(0, entry.at - firstSeenAt));
  }

  #sampleAck(minute: number, ms: number): void {
    this.#run('INSERT INTO minutes (minute, acked) VALUES (?, 1) ON CONFLICT DO UPDATE SET acked = acked + 1', minute);
    this.#sample(minute, { column: 'ack_ms', seenIn: 'acked' }, ms);
  }

  #sample(minute: number, of: { column: 'ack_ms' | 'handle_ms'; seenIn: 'acked' | 'handled' }, ms: number): void {
    const { column, seenIn } = of;
    const row = this.#get(`SELECT ${column} AS text, ${seenIn} AS seen FROM minutes WHERE minute = ?`, minute);
    const samples = sampled(numbersIn(row?.['text']), ms, { seen: Number(row?.['seen']), keep: samplesPerMinute });
    this.#run(`UPDATE minutes SET ${column} = ? WHERE minute = ?`, samples.join(' '), minute);
  }

  /** Of all events: from the minutes, which are few. */
  #countedByMinute(span: { from: number; to: number }, width: number) {
    const sql = `SELECT CAST(minute * 60000 - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, SUM(received) AS count, SUM(dead) AS dead
      FROM minutes WHERE minute >= ? AND minute < ? GROUP BY bucket ORDER BY bucket`;
    const [from, to] = [Math.ceil(span.from / 60_000), Math.ceil(span.to / 60_000)];
    return this.#all(sql, span.from, width, from, to);
  }

  /** Of the events of some orders: all of them are read, for their index is by order and not by time. */
  #countedBySearch(filter: EventFilter, span: { from: number; to: number }, width: number) {
    const { where, values } = conditions({ ...filter, from: span.from, to: span.to });
    const sql = `SELECT CAST(at - ? AS INTEGER) / CAST(? AS INTEGER) AS bucket, COUNT(*) AS count, SUM(state = 'dead') AS dead
      FROM events ${where} GROUP BY bucket ORDER BY bucket`;
    return this.#all(sql, span.from, width, ...values);
  }

  /** Of all others: SQLite counts a piece of an index several times faster than it groups it. */
  #countedByBucket(filter: EventFilter, span: { from: number; to: number; buckets: number }, width: number) {
    const count = (more: EventFilter) => {
      const { where, values } = conditions({ ...filter, ...more });
      return Number(this.#get(`SELECT COUNT(*) AS count FROM events ${where}`, ...values)?.['count']);
    };
    return Array.from({ length: span.buckets }, (_, bucket) => {
      const from = span.from + bucket * width;
      const time = { from, to: Math.min(from + width, span.to) };
      const all = count(time);
      const dead = all === 0 || (filter.state ?? 'dead') !== 'dead' ? 0 : count({ ...time, state: 'dead' });
      return { bucket, count: all, dead };
    }).filter((bucket) => bucket.count > 0);
  }

  /** Whether so many order numbers begin like this that walking the newest events finds a page sooner than sorting them. */
  #isCommon(search: string | undefined): boolean {
    if (search === undefined || search === '') return false;
    const found = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM events WHERE sn >= ? AND sn < ? LIMIT ${common})`;
    return this.#get(found, search, `${search}\u{10ffff}`)?.['n'] === common;
  }

  #transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]) {
    return this.#prepare(sql).run(...values);
  }

  #get(sql: string, ...values: SQLInputValue[]) {
    return this.#prepare(sql).get(...values);
  }

  #all(sql: string, ...values: SQLInputValue[]) {
    return this.#prepare(sql).all(...values);
  }
}

const counters = ['received', 'duplicates', 'handled', 'failed', 'dead', 'notified'] as const;

/** An entry of the spool's own, apart from the stream's. */
function spoolEntry(seq: number): string {
  return `s${String(seq)}`;
}

function counterOf(entry: ActivityEntry): (typeof counters)[number] | undefined {
  switch (entry.step) {
    case 'queued':
    case 'spooled':
      // What our own jobs and people put into the line did not come in.
      return entry.source === undefined || entry.source === 'lost-push' ? 'received' : undefined;
    case 'duplicate':
      return 'duplicates';
    case 'handled':
      return 'handled';
    case 'retried':
      return 'failed';
    case 'dead-lettered':
      return 'dead';
    case 'notified':
      return 'notified';
    default:
      return undefined;
  }
}

function emptyBucket(at: number): MinuteRow {
  const counts = { received: 0, duplicates: 0, handled: 0, failed: 0, dead: 0, notified: 0 };
  return { at, ...counts, ackP50: null, ackP95: null, handleP50: null, handleP95: null, gauges: {} };
}

function numbersIn(text: unknown): number[] {
  return typeof text === 'string' && text !== '' ? text.split(' ').map(Number) : [];
}

/** The WHERE clause of a filter, and its values in order. */
function conditions(
  filter: EventFilter,
  options: { before?: number | undefined; bySn?: boolean } = {},
): { where: string; values: SQLInputValue[] } {
  const { before, bySn = true } = options;
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  if (filter.search !== undefined && filter.search !== '') {
    // A range instead of LIKE, so that the index on sn serves.
    // The plus keeps SQLite from using that index.
    const sn = bySn ? 'sn' : '+sn';
    const end = `${filter.search}\u{10ffff}`;
    parts.push([`(id = ? OR (${sn} >= ? AND ${sn} < ?))`, filter.search, filter.search, end]);
  }
  if (filter.code !== undefined) parts.push(['code = ?', filter.code]);
  if (filter.shop !== undefined) parts.push(['shop = ?', filter.shop]);
  if (filter.state !== undefined) parts.push(['state = ?', filter.state]);
  if (filter.from !== undefined) parts.push(['at >= ?', filter.from]);
  if (filter.to !== undefined) parts.push(['at < ?', filter.to]);
  if (before !== undefined) {
    const at = '(SELECT at FROM events WHERE seq = ?)';
    parts.push([`(at < ${at} OR (at = ${at} AND seq < ?))`, before, before, before]);
  }
  return {
    where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
    values: parts.flatMap(([, ...values]) => values),
  };
}
