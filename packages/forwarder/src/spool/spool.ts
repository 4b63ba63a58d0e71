import { systemClock } from '@shopee-webhook/runtime';
import { activityEntrySchema, PreviousDeadLetter, type ActivityEntry, type SeenDigest } from '@shopee-webhook/store';
import { z } from 'zod';
import type { SpoolFile } from './spool-file.ts';
import { maxDelayMs } from './worker-client.ts';

/** An event on its way into the spool. */
export interface NewEvent {
  id: string;
  digest: string;
  /** The exact text of the push. */
  payloadText: string;
  code: number;
  shop: string | undefined;
  /** The order it is about, if any: events of one order are delivered one after the other. */
  sn: string | undefined;
  /** Redis may have it too: it was asked, and its reply did not come. */
  uncertain: boolean;
}

/** An event in the spool. Times in ms. */
export interface SpooledEvent extends NewEvent {
  /** Its position; a new one when it was recovered from a corrupt file. */
  seq: number;
  acceptedAt: number;
  /** Failures that count against the limit of retries. */
  attempts: number;
  /** How often the worker crashed with it in flight, since a delivery was last completed. */
  interruptions: number;
}

/** An event that the worker dead-lettered. */
export interface SpooledDeadLetter extends Omit<SpooledEvent, 'uncertain' | 'interruptions'> {
  firstFailedAt: number;
  deadLetteredAt: number;
  reason: string;
  error: string;
  /** Its previous failures, oldest first. */
  history: PreviousDeadLetter[];
}

/** Counted here because Redis could not: added to Redis' own counters wherever totals are shown. */
export type SpoolCounter =
  'duplicates' | 'fallback' | 'retried' | 'dead_lettered' | 'replayed' | 'taken_late' | 'late_duplicates';

const dedupTtlMs = 6 * 3_600_000;
/** As long as Redis can hold its message unseen. */
const handledTtlMs = 7 * 24 * 3_600_000;
const maxActivity = 100_000;
const maxHistory = 20;

interface Pending {
  event: NewEvent;
  resolve: (result: 'spooled' | 'duplicate') => void;
  reject: (error: unknown) => void;
}

/** The forwarder's queue on disk, for when Redis cannot take a push. */
export class Spool {
  readonly #file: SpoolFile;
  readonly #now: () => number;
  #pending: Pending[] = [];

  constructor(file: SpoolFile, options: { now?: () => number } = {}) {
    this.#file = file;
    this.#now = options.now ?? systemClock.wallMs;
  }

  /**
   * Stores an event unless its digest was stored within 6 h; it is on the disk when this resolves.
   * All that arrive in one turn of the event loop share a transaction, and so an fsync. Rejects with SpoolError.
   */
  add(event: NewEvent): Promise<'spooled' | 'duplicate'> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ event, resolve, reject });
      if (this.#pending.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** The oldest events, whether due or not, without those in `except`. */
  oldest(limit: number, except: ReadonlySet<number>): SpooledEvent[] {
    const rows = this.#file.read(() =>
      this.#file.sql('SELECT * FROM events ORDER BY seq LIMIT ?').all(limit + except.size),
    );
    return rows.map(eventOf).filter(({ seq }) => !except.has(seq));
  }

  /**
   * The oldest events that are due and have no older one of their order before them, without those in `except`. Due is
   * also what the clock, were it right, could not have put there: it was set back since.
   */
  due(limit: number, except: ReadonlySet<number>): SpooledEvent[] {
    const now = this.#now();
    const rows = this.#file.read(() =>
      this.#file
        .sql(
          `SELECT * FROM events AS event WHERE (due_at <= ? OR accepted_at > ? OR due_at > ?)
           AND (sn IS NULL OR NOT EXISTS (SELECT 1 FROM events AS older WHERE older.sn = event.sn AND older.seq < event.seq))
           ORDER BY seq LIMIT ?`,
        )
        .all(now, now, now + maxDelayMs, limit + except.size),
    );
    return rows.map(eventOf).filter(({ seq }) => !except.has(seq));
  }

  /** Removes events that Redis has now. `late`: how many of them it had counted before, as their first write was applied late. */
  remove(
    events: readonly SpooledEvent[],
    { activity = [], late = 0 }: { activity?: readonly ActivityEntry[]; late?: number } = {},
  ): void {
    this.#file.write(() => {
      for (const { id } of events) this.#file.sql('DELETE FROM events WHERE id = ?').run(id);
      this.#addActivity(activity);
      // Redis counted the write that came late, and the repeat.
      this.#count('taken_late', late);
      this.#count('late_duplicates', late);
    });
  }

  /** Removes an event that the worker has handled, and stores the notification it returned, in one step. */
  handled(event: SpooledEvent, notification: { id: string; text: string } | undefined, steps: ActivityEntry[]): void {
    const now = this.#now();
    this.#file.write(() => {
      if (this.#file.sql('DELETE FROM events WHERE id = ?').run(event.id).changes === 0) return;
      if (notification !== undefined) {
        this.#file
          .sql('INSERT OR IGNORE INTO notifications (id, payload, added_at, due_at) VALUES (?, ?, ?, ?)')
          .run(notification.id, notification.text, now, now);
      }
      if (event.uncertain) {
        this.#file.sql('INSERT OR REPLACE INTO handled (id, until) VALUES (?, ?)').run(event.id, now + handledTtlMs);
      }
      this.#file
        .sql('INSERT OR REPLACE INTO handled_digests SELECT digest, ?, until FROM seen WHERE digest = ?')
        .run(event.id, event.digest);
      this.#count('fallback');
      this.#addActivity(steps);
    });
  }

  /** Makes a dead letter of an event that the worker rejected for good. */
  deadLetter(event: SpooledEvent, failure: { reason: string; error: string }, steps: ActivityEntry[]): void {
    const now = this.#now();
    this.#file.write(() => {
      const moved = this.#file
        .sql(
          `INSERT OR IGNORE INTO dead_letters
             (id, digest, payload, code, shop, sn, accepted_at, first_failed_at, dead_at, attempts, reason, error, history)
           SELECT id, digest, payload, code, shop, sn, accepted_at, coalesce(first_failed_at, ?), ?, attempts + 1, ?, ?, history
           FROM events WHERE id = ?`,
        )
        .run(now, now, failure.reason, failure.error, event.id);
      this.#file.sql('DELETE FROM events WHERE id = ?').run(event.id);
      if (moved.changes === 0) return;
      this.#count('dead_lettered');
      this.#addActivity(steps);
    });
  }

  /**
   * Defers an event; the others go on. A time of acceptance in the future is corrected: it has shown that the clock was
   * set back.
   */
  defer(
    event: SpooledEvent,
    retry: { delayMs: number; error: string; countsAsFailure: boolean },
    steps: ActivityEntry[] = [],
  ): void {
    const now = this.#now();
    this.#file.write(() => {
      this.#file
        .sql(
          `UPDATE events SET accepted_at = min(accepted_at, ?), due_at = ?, attempts = attempts + ?, last_error = ?,
           first_failed_at = coalesce(first_failed_at, ?), interruptions = 0 WHERE id = ?`,
        )
        .run(now, now + Math.round(retry.delayMs), retry.countsAsFailure ? 1 : 0, retry.error, now, event.id);
      this.#count('retried');
      this.#addActivity(steps);
    });
  }

  /** Records that the worker crashed with an event in flight. */
  recordInterruption(event: SpooledEvent, steps: ActivityEntry[]): void {
    this.#file.write(() => {
      this.#file.sql('UPDATE events SET interruptions = interruptions + 1 WHERE id = ?').run(event.id);
      this.#addActivity(steps);
    });
  }

  /** True when there is nothing that Redis or the worker should have. */
  isEmpty(): boolean {
    const row = this.#file.read(() =>
      this.#file
        .sql(
          `SELECT EXISTS (SELECT 1 FROM events) OR EXISTS (SELECT 1 FROM dead_letters) OR EXISTS (SELECT 1 FROM activity)
           OR EXISTS (SELECT 1 FROM handled_digests) AS full`,
        )
        .get(),
    );
    return row?.['full'] === 0;
  }

  /** How many events are spooled, and since when the oldest is. */
  depth(): { events: number; deadLetters: number; notifications: number; oldestAt: number | undefined } {
    const row = this.#file.read(() =>
      this.#file
        .sql(
          `SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM dead_letters) AS deadLetters,
           (SELECT count(*) FROM notifications WHERE reason IS NULL) AS notifications,
           (SELECT accepted_at FROM events ORDER BY seq LIMIT 1) AS oldestAt`,
        )
        .get(),
    );
    return {
      events: Number(row?.['events'] ?? 0),
      deadLetters: Number(row?.['deadLetters'] ?? 0),
      notifications: Number(row?.['notifications'] ?? 0),
      oldestAt: row?.['oldestAt'] == null ? undefined : Number(row['oldestAt']),
    };
  }

  /** The counters that Redis does not have. */
  counters(): Record<SpoolCounter, number> {
    const rows = this.#file.read(() => this.#file.sql('SELECT name, value FROM counters').all());
    const values = new Map(rows.map((row) => [String(row['name']), Number(row['value'])]));
    return {
      duplicates: values.get('duplicates') ?? 0,
      fallback: values.get('fallback') ?? 0,
      retried: values.get('retried') ?? 0,
      dead_lettered: values.get('dead_lettered') ?? 0,
      replayed: values.get('replayed') ?? 0,
      taken_late: values.get('taken_late') ?? 0,
      late_duplicates: values.get('late_duplicates') ?? 0,
    };
  }

  /** True for a message that was handled through the spool although Redis may hold it too. */
  wasHandled(id: string): boolean {
    return this.#file.read(() => this.#file.sql('SELECT 1 FROM handled WHERE id = ?').get(id)) !== undefined;
  }

  /** Dead letters, oldest first. */
  deadLetters(options: { limit: number; offset?: number }): SpooledDeadLetter[] {
    const rows = this.#file.read(() =>
      this.#file
        .sql('SELECT * FROM dead_letters ORDER BY seq LIMIT ? OFFSET ?')
        .all(options.limit, options.offset ?? 0),
    );
    return rows.map(deadLetterOf);
  }

  /** Removes dead letters: Redis has them now, or an operator discarded them. Returns how many. */
  removeDeadLetters(ids: readonly string[]): number {
    return this.#file.write(() =>
      ids.reduce((sum, id) => sum + Number(this.#file.sql('DELETE FROM dead_letters WHERE id = ?').run(id).changes), 0),
    );
  }

  /** Puts dead letters back among the events; returns how many there were. */
  replayDeadLetters(ids: readonly string[]): number {
    return this.#file.write(() => ids.reduce((sum, id) => sum + this.#replay(id), 0));
  }

  /** Digests of events that the worker handled and that Redis does not know yet. */
  handledDigests(limit: number): SeenDigest[] {
    const rows = this.#file.read(() => this.#file.sql('SELECT * FROM handled_digests LIMIT ?').all(limit));
    return rows.map((row) => ({ digest: String(row['digest']), id: String(row['id']), until: Number(row['until']) }));
  }

  /** Removes digests that Redis knows now. `late`: how many of those events it had taken itself, and counted. */
  removeHandledDigests(digests: readonly SeenDigest[], late = 0): void {
    this.#file.write(() => {
      for (const { digest } of digests) this.#file.sql('DELETE FROM handled_digests WHERE digest = ?').run(digest);
      this.#count('taken_late', late);
    });
  }

  /** Activity that Redis does not have, oldest first, after `after`. */
  steps(options: { after: number; limit: number }): { seq: number; step: ActivityEntry }[] {
    const rows = this.#file.read(() =>
      this.#file
        .sql('SELECT seq, entry FROM activity WHERE seq > ? ORDER BY seq LIMIT ?')
        .all(options.after, options.limit),
    );
    return rows.flatMap((row) => {
      const step = activityEntrySchema.safeParse(JSON.parse(String(row['entry']))).data;
      return step === undefined ? [] : [{ seq: Number(row['seq']), step }];
    });
  }

  /** Removes activity up to and including `seq`: the stream has it. */
  removeSteps(seq: number): void {
    this.#file.write(() => this.#file.sql('DELETE FROM activity WHERE seq <= ?').run(seq));
  }

  /** Removes dead letters and notifications that name an order, at its buyer's request. Returns how many. */
  eraseOrder(sn: string): number {
    return this.#file.write(() => {
      const dead = this.#file.sql('DELETE FROM dead_letters WHERE sn = ?').run(sn);
      const notifications = this.#file.sql('DELETE FROM notifications WHERE instr(payload, ?) > 0').run(`"${sn}"`);
      return Number(dead.changes) + Number(notifications.changes);
    });
  }

  /** Removes dead letters, also those of notifications, from before `at`, ms; returns how many. */
  removeDeadLettersBefore(at: number): number {
    return this.#file.write(() => {
      const dead = this.#file.sql('DELETE FROM dead_letters WHERE dead_at < ?').run(at);
      const rejected = this.#file
        .sql('DELETE FROM notifications WHERE reason IS NOT NULL AND first_failed_at < ?')
        .run(at);
      return Number(dead.changes) + Number(rejected.changes);
    });
  }

  /** Removes what has expired: digests, handled ids, activity beyond the limit. */
  trim(): void {
    const now = this.#now();
    this.#file.write(() => {
      this.#file.sql('DELETE FROM seen WHERE until <= ?').run(now);
      this.#file.sql('DELETE FROM handled_digests WHERE until <= ?').run(now);
      this.#file.sql('DELETE FROM handled WHERE until <= ?').run(now);
      this.#file.sql('DELETE FROM activity WHERE seq <= (SELECT max(seq) FROM activity) - ?').run(maxActivity);
    });
  }

  #commit(): void {
    const batch = this.#pending;
    this.#pending = [];
    try {
      const results = this.#file.write(() => batch.map(({ event }) => this.#insert(event)));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] ?? 'duplicate');
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #insert(event: NewEvent): 'spooled' | 'duplicate' {
    const now = this.#now();
    const fresh = this.#file
      .sql(
        `INSERT INTO seen (digest, until) VALUES (?, ?)
         ON CONFLICT (digest) DO UPDATE SET until = excluded.until WHERE seen.until <= ?`,
      )
      .run(event.digest, now + dedupTtlMs, now);
    if (fresh.changes === 0) {
      this.#count('duplicates');
      return 'duplicate';
    }
    this.#file
      .sql(
        `INSERT INTO events (id, digest, payload, code, shop, sn, accepted_at, due_at, uncertain)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        event.id,
        event.digest,
        event.payloadText,
        event.code,
        event.shop ?? null,
        event.sn ?? null,
        now,
        now,
        event.uncertain ? 1 : 0,
      );
    const { id, code, shop, sn } = event;
    this.#addActivity([{ id, step: 'spooled', at: now, code, shop, sn }]);
    return 'spooled';
  }

  #replay(id: string): number {
    const row = this.#file.sql('SELECT * FROM dead_letters WHERE id = ?').get(id);
    if (row === undefined) return 0;
    const now = this.#now();
    const letter = deadLetterOf(row);
    const { reason, error, attempts, firstFailedAt, deadLetteredAt, code, shop, sn } = letter;
    const previous = {
      reason,
      error,
      attempts,
      first_failed_at: firstFailedAt,
      dead_at: deadLetteredAt,
      replayed_at: now,
    };
    const history = JSON.stringify([...letter.history, previous].slice(-maxHistory));
    const moved = this.#file
      .sql(
        `INSERT OR IGNORE INTO events (id, digest, payload, code, shop, sn, accepted_at, due_at, history)
         SELECT id, digest, payload, code, shop, sn, accepted_at, ?, ? FROM dead_letters WHERE id = ?`,
      )
      .run(now, history, id);
    this.#file.sql('DELETE FROM dead_letters WHERE id = ?').run(id);
    if (moved.changes === 0) return 0;
    this.#count('replayed');
    this.#addActivity([{ id, step: 'replayed', at: now, code, shop, sn }]);
    return 1;
  }

  #count(name: SpoolCounter, by = 1): void {
    if (by === 0) return;
    this.#file
      .sql(
        'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
      )
      .run(name, by);
  }

  #addActivity(entries: readonly ActivityEntry[]): void {
    for (const entry of entries) this.#file.sql('INSERT INTO activity (entry) VALUES (?)').run(JSON.stringify(entry));
  }
}

type Row = Record<string, unknown>;

/** One that was damaged does not hide the dead letter. */
const History = z.array(PreviousDeadLetter).catch([]);

function eventOf(row: Row): SpooledEvent {
  return {
    seq: Number(row['seq']),
    id: String(row['id']),
    digest: String(row['digest']),
    payloadText: String(row['payload']),
    code: Number(row['code']),
    shop: textOf(row['shop']),
    sn: textOf(row['sn']),
    acceptedAt: Number(row['accepted_at']),
    attempts: Number(row['attempts']),
    interruptions: Number(row['interruptions'] ?? 0),
    uncertain: row['uncertain'] === 1,
  };
}

function deadLetterOf(row: Row): SpooledDeadLetter {
  const { uncertain: _, interruptions: __, ...event } = eventOf(row);
  const deadLetteredAt = Number(row['dead_at']);
  return {
    ...event,
    firstFailedAt: Number(row['first_failed_at'] ?? deadLetteredAt),
    deadLetteredAt,
    reason: String(row['reason']),
    error: String(row['error']),
    history: typeof row['history'] === 'string' ? History.parse(JSON.parse(row['history'])) : [],
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
