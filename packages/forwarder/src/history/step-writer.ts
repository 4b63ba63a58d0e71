import type { ActivityEntry } from '@shopee-webhook/store';
import type { Database } from './database.ts';
import { MinuteTally, type MinuteCounter } from './minute-tally.ts';
import type { ReceivedPush } from './rows.ts';
import { stateAfter } from './states.ts';

/** An event as a step finds it. `state`: undefined of one that the step itself made. */
interface SeenEvent {
  seq: number;
  /** First seen, ms. */
  at: number;
  shop: unknown;
  sn: unknown;
  state: string | undefined;
}

/** Writes what happened: each step, what it makes of its event, and the minute's counts. Only within `transaction`. */
export class StepWriter {
  readonly #db: Database;
  #tally = new MinuteTally();

  constructor(db: Database) {
    this.#db = db;
  }

  /** All that the work writes, or nothing. */
  transaction(work: () => void): void {
    this.#db.transaction(() => {
      this.#tally = new MinuteTally();
      work();
      this.#tally.write(this.#db);
    });
  }

  /** Adds a step that may have come already from `elsewhere`: what is the same step of the same moment counts once. */
  append(entry: ActivityEntry, { elsewhere }: { elsewhere: 'spool' | 'stream' }): void {
    if (entry.step === 'refused') return;
    const event = this.#begin(entry) ?? this.#known(entry);
    if (event.state !== undefined && this.#isKnown(event.seq, entry, elsewhere)) return;
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
    if (event.state !== undefined || !isBeginning(entry)) this.#advance(entry, event);
    this.#count(entry, event);
    if (entry.placed !== undefined) this.#keepOrder(entry, event);
  }

  /** Keeps a push as it was received, and how fast it was answered. */
  keepPush({ id, at, text, url, signature, ackMs }: ReceivedPush): void {
    const sql = 'INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)';
    if (this.#db.run(sql, id, at, text, url ?? null, signature ?? null, ackMs) === 0) return;
    this.#db.run('UPDATE events SET ack_ms = ? WHERE id = ?', ackMs, id);
    this.#tally.ack(at, ackMs);
  }

  /**
   * Makes the event of this step; undefined when it is there. The row is what the first step of nearly every event makes of
   * it: an update would write each of its indexes again.
   */
  #begin(entry: ActivityEntry): SeenEvent | undefined {
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
      isBeginning(entry) ? (entry.ms ?? null) : null,
      id,
      at,
    );
    return made === undefined ? undefined : { seq: Number(made['seq']), at, shop, sn, state: undefined };
  }

  /** The event that is there already, with what this step adds to its names. */
  #known({ id, code, shop, sn }: ActivityEntry): SeenEvent {
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

  /** Whether the step came already the other way: from this forwarder's spool, or with the stream. */
  #isKnown(seq: number, { at, step }: ActivityEntry, elsewhere: 'spool' | 'stream'): boolean {
    const other = elsewhere === 'spool' ? "entry LIKE 's%'" : "entry NOT LIKE 's%'";
    return (
      this.#db.get(`SELECT 1 FROM steps WHERE event_seq = ? AND at = ? AND step = ? AND ${other}`, seq, at, step) !==
      undefined
    );
  }

  /** Brings the event's own row up to this step. */
  #advance(entry: ActivityEntry, event: SeenEvent): void {
    const state = stateAfter(entry.step);
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
    // Work that goes on says nothing new, and each index has the state in it.
    if (state === undefined || (state === 'working' && event.state === 'working' && reason === null && error === null))
      return;
    this.#db.run('UPDATE events SET state = ?, reason = ?, error = ? WHERE id = ?', state, reason, error, id);
  }

  #keepOrder(entry: ActivityEntry, { shop, sn }: SeenEvent): void {
    if (typeof shop !== 'string' || typeof sn !== 'string') return;
    this.#db.run(
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

  /** Counts the step in its minute. */
  #count(entry: ActivityEntry, event: SeenEvent): void {
    const { at, ms } = entry;
    const counter = counterOf(entry);
    if (counter === 'received' && this.#wasReceived(entry, event)) return;
    if (counter === 'handled') this.#tally.handled(at, Math.max(0, at - event.at));
    else if (counter !== undefined) this.#tally.count(at, counter);
    if (counter === 'received' && ms !== undefined) this.#tally.ack(at, ms);
  }

  /** Whether another step put the event into the line before: what the spool kept is queued in Redis later, and came in once. */
  #wasReceived({ entryId }: ActivityEntry, { seq, state }: SeenEvent): boolean {
    if (state === undefined) return false;
    const sql = "SELECT 1 FROM steps WHERE event_seq = ? AND entry <> ? AND step IN ('queued', 'spooled')";
    return this.#db.get(sql, seq, entryId) !== undefined;
  }
}

/** A step that leaves its event as it is made: it waits, and nothing happened to it before. */
function isBeginning({ step, attempt, row, reason, error }: ActivityEntry): boolean {
  const isFirst = step === 'queued' || step === 'spooled';
  return isFirst && attempt === undefined && row === undefined && reason === undefined && error === undefined;
}

function counterOf(entry: ActivityEntry): MinuteCounter | undefined {
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
      // One that waits for a side which cannot be called has not failed: the reason ends with that side.
      return / (shopee|sheet):/.test(entry.reason ?? '') ? undefined : 'failed';
    case 'dead-lettered':
      return 'dead';
    case 'notified':
      return 'notified';
    default:
      return undefined;
  }
}
