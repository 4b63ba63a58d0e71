import type { StoredActivityEntry } from '@shopee-webhook/store';
import type { Database } from '../sqlite/database.ts';
import { MinuteAggregator, type MinuteCounter } from './minute-aggregator.ts';
import type { ReceivedPush } from '../model/rows.ts';
import { nextState } from '../model/event-state.ts';

/** An event before an entry is applied. `state`: undefined for one that the entry created. */
interface ExistingEvent {
  seq: number;
  /** First seen, ms. */
  at: number;
  shop: unknown;
  sn: unknown;
  state: string | undefined;
}

/** Projects activity: each entry, its event's row, and the minute's counts. Only within `transaction`. */
export class ActivityProjector {
  readonly #db: Database;
  #minutes = new MinuteAggregator();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Runs the work in one transaction and writes its minute counts. */
  transaction(work: () => void): void {
    this.#db.transaction(() => {
      this.#minutes = new MinuteAggregator();
      work();
      this.#minutes.write(this.#db);
    });
  }

  /** Adds a step that may have come already from `elsewhere`: the same type at the same moment counts once. */
  apply(entry: StoredActivityEntry, { elsewhere }: { elsewhere: 'spool' | 'stream' }): void {
    if (entry.step === 'rejected') return;
    // An order without an event.
    if (entry.step === 'imported') return this.#saveOrder(entry, entry);
    const event = this.#insertEvent(entry) ?? this.#loadEvent(entry);
    if (event.state !== undefined && this.#isDuplicate(event.seq, entry, elsewhere)) return;
    const inserted = this.#db.run(
      'INSERT OR IGNORE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      event.seq,
      entry.entryId,
      entry.at,
      entry.step,
      entry.ms ?? null,
      entry.attempt ?? null,
      entry.row ?? null,
      entry.reason ?? null,
      entry.error ?? null,
    );
    if (inserted === 0) return;
    if (event.state !== undefined || !startsEvent(entry)) this.#apply(entry, event);
    this.#count(entry, event);
    if (entry.placed !== undefined) this.#saveOrder(entry, event);
  }

  /** Stores a received push and its response time. */
  recordPush({ id, at, text, url, signature, responseMs }: ReceivedPush): void {
    const sql = 'INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)';
    if (this.#db.run(sql, id, at, text, url ?? null, signature ?? null, responseMs) === 0) return;
    // The entry may have brought it already.
    const isCounted = this.#db.get('SELECT 1 FROM events WHERE id = ? AND ack_ms IS NOT NULL', id) !== undefined;
    this.#db.run('UPDATE events SET ack_ms = ? WHERE id = ?', responseMs, id);
    if (!isCounted) this.#minutes.recordResponse(at, responseMs);
  }

  /**
   * Inserts the event of this entry; undefined when it exists. The inserted row is already what the first entry of nearly
   * every event makes of it: an update would write each of its indexes again.
   */
  #insertEvent(entry: StoredActivityEntry): ExistingEvent | undefined {
    const { id, at, code = null, shop, sn, source = null } = entry;
    const made = this.#db.get(
      `INSERT INTO events (id, at, code, shop, sn, source, state, ack_ms, last_at)
       VALUES (?, ?, ?, ?, ?, ?, 'waiting', COALESCE(?, (SELECT ack_ms FROM payloads WHERE event_id = ?)), ?)
       ON CONFLICT DO NOTHING RETURNING seq`,
      id,
      at,
      code,
      shop ?? null,
      sn ?? null,
      source,
      startsEvent(entry) ? (entry.ms ?? null) : null,
      id,
      at,
    );
    return made === undefined ? undefined : { seq: Number(made['seq']), at, shop, sn, state: undefined };
  }

  /** Loads the existing event and fills in shop, order and code from this entry. */
  #loadEvent({ id, code, shop, sn }: StoredActivityEntry): ExistingEvent {
    const event = this.#db.get('SELECT seq, at, code, shop, sn, state FROM events WHERE id = ?', id);
    const [knownShop, knownSn] = [event?.['shop'] ?? shop ?? null, event?.['sn'] ?? sn ?? null];
    if (event?.['code'] === null || knownShop !== event?.['shop'] || knownSn !== event?.['sn']) {
      this.#db.run(
        'UPDATE events SET code = COALESCE(code, ?), shop = COALESCE(shop, ?), sn = COALESCE(sn, ?) WHERE id = ?',
        code ?? null,
        shop ?? null,
        sn ?? null,
        id,
      );
    }
    return {
      seq: Number(event?.['seq']),
      at: Number(event?.['at']),
      shop: knownShop,
      sn: knownSn,
      state: String(event?.['state']),
    };
  }

  /** Whether the entry already arrived the other way: from this forwarder's spool or the stream. */
  #isDuplicate(seq: number, { at, step }: StoredActivityEntry, elsewhere: 'spool' | 'stream'): boolean {
    const other = elsewhere === 'spool' ? "entry LIKE 's%'" : "entry NOT LIKE 's%'";
    return (
      this.#db.get(`SELECT 1 FROM steps WHERE event_seq = ? AND at = ? AND step = ? AND ${other}`, seq, at, step) !==
      undefined
    );
  }

  /** Updates the event's row. */
  #apply(entry: StoredActivityEntry, event: ExistingEvent): void {
    const state = nextState(entry.step);
    const handleMs = entry.step === 'handled' ? Math.max(0, entry.at - event.at) : null;
    this.#db.run(
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
    const { reason = null, error = null, id } = entry;
    // No state change: skip the update, since every index contains the state.
    if (state === undefined || (state === 'working' && event.state === 'working' && reason === null && error === null))
      return;
    this.#db.run('UPDATE events SET state = ?, reason = ?, error = ? WHERE id = ?', state, reason, error, id);
  }

  #saveOrder(entry: StoredActivityEntry, { shop, sn }: { shop?: unknown; sn?: unknown }): void {
    if (typeof shop !== 'string' || typeof sn !== 'string') return;
    this.#db.run(
      `INSERT INTO orders (shop, sn, placed_at, handled_at, status, region, currency, total, net, ship_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (shop, sn) DO UPDATE SET handled_at = excluded.handled_at, status = excluded.status, region = excluded.region,
         currency = excluded.currency, total = excluded.total, net = COALESCE(excluded.net, net), ship_by = excluded.ship_by
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
      entry.shipBy ?? null,
    );
  }

  /** Counts the entry in its minute. */
  #count(entry: StoredActivityEntry, event: ExistingEvent): void {
    const { at, ms } = entry;
    const counter = getCounter(entry);
    if (counter === 'received' && this.#wasCounted(entry, event)) return;
    if (counter === 'handled') this.#minutes.recordHandled(at, Math.max(0, at - event.at));
    else if (counter !== undefined) this.#minutes.count(at, counter);
    if (counter === 'received' && ms !== undefined && !this.#hasPush(entry.id)) this.#minutes.recordResponse(at, ms);
  }

  /** Whether the push itself has brought its response time. */
  #hasPush(id: string): boolean {
    return this.#db.get('SELECT 1 FROM payloads WHERE event_id = ?', id) !== undefined;
  }

  /** Whether another entry already queued the event: spooled events are queued in Redis later, and received once. */
  #wasCounted({ entryId }: StoredActivityEntry, { seq, state }: ExistingEvent): boolean {
    if (state === undefined) return false;
    const sql = "SELECT 1 FROM steps WHERE event_seq = ? AND entry <> ? AND step IN ('queued', 'spooled')";
    return this.#db.get(sql, seq, entryId) !== undefined;
  }
}

/** Whether the entry leaves its new event as inserted: waiting, without attempts. */
function startsEvent({ step, attempt, row, reason, error }: StoredActivityEntry): boolean {
  const isFirst = step === 'queued' || step === 'spooled';
  return isFirst && attempt === undefined && row === undefined && reason === undefined && error === undefined;
}

function getCounter(entry: StoredActivityEntry): MinuteCounter | undefined {
  switch (entry.step) {
    case 'queued':
    case 'spooled':
      // Events enqueued by jobs and operators were not received.
      return entry.source === undefined || entry.source === 'lost-push' ? 'received' : undefined;
    case 'duplicate':
      return 'duplicates';
    case 'handled':
      return 'handled';
    case 'retried':
      // Deferred for an unavailable upstream is not a failure: the reason ends with that upstream.
      return / (shopee|sheet):/.test(entry.reason ?? '') ? undefined : 'failed';
    case 'dead-lettered':
      return 'dead';
    case 'notified':
      return 'notified';
    default:
      return undefined;
  }
}
