import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import {
  newMessageId,
  type Delivery,
  type Notification,
  type Settlement,
  type TakeOptions,
} from '@shopee-webhook/store';
import { deferMs, type Outbox } from '@shopee-webhook/notifier';
import type { SpoolFile } from './spool-file.ts';

/** Notifications in spool.db. One process takes: what is in flight is known in memory, and free again after a restart. */
export class SpoolOutbox implements Outbox {
  readonly #file: SpoolFile;
  readonly #now: () => number;
  readonly #inFlight = new Set<string>();
  #added = new AbortController();

  constructor(file: SpoolFile, options: { now?: () => number } = {}) {
    this.#file = file;
    this.#now = options.now ?? systemClock.wallMs;
  }

  /** Stores a notification; it is on the disk when this returns. Throws SpoolError. */
  add(notification: Notification): void {
    const now = this.#now();
    this.#file.write(() =>
      this.#file
        .sql('INSERT INTO notifications (id, payload, added_at, due_at) VALUES (?, ?, ?, ?)')
        .run(newMessageId(), JSON.stringify(notification), now, now),
    );
    this.notifyAdded();
  }

  /** Wakes a `take` that waits. */
  notifyAdded(): void {
    this.#added.abort();
    this.#added = new AbortController();
  }

  async take(consumer: string, { max, blockMs, signal }: TakeOptions): Promise<Delivery[]> {
    if (signal?.aborted === true) return [];
    const first = this.#takeDue(consumer, max);
    if (first.length > 0 || blockMs <= 0) return first;
    const waits = [this.#added.signal, ...(signal === undefined ? [] : [signal])];
    const pauseMs = Math.min(blockMs, this.#untilNextDue());
    // Woken or aborted: both are how this wait ends early, not faults.
    await sleep(pauseMs, undefined, { signal: AbortSignal.any(waits), ref: false }).catch(() => undefined);
    return this.#aborted(signal) ? [] : this.#takeDue(consumer, max);
  }

  async settle(_consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    try {
      return this.#file.write(() => settlements.map((settlement) => this.#settle(settlement)));
    } finally {
      // What could not be settled (the disk is full) comes again.
      for (const { delivery } of settlements) this.#inFlight.delete(delivery.raw);
    }
  }

  #aborted(signal: AbortSignal | undefined): boolean {
    return signal?.aborted === true;
  }

  /** Due is also what the clock, were it right, could not have put there: it was set back since. */
  #takeDue(consumer: string, max: number): Delivery[] {
    const now = this.#now();
    const rows = this.#file.read(() =>
      this.#file
        .sql(
          `SELECT * FROM notifications WHERE reason IS NULL AND (due_at <= ? OR added_at > ? OR due_at > ?)
           ORDER BY seq LIMIT ?`,
        )
        .all(now, now, now + deferMs, max + this.#inFlight.size),
    );
    const deliveries = rows
      .map((row) => deliveryOf(row, consumer))
      .filter(({ raw }) => !this.#inFlight.has(raw))
      .slice(0, max);
    for (const { raw } of deliveries) this.#inFlight.add(raw);
    return deliveries;
  }

  #untilNextDue(): number {
    const row = this.#file.read(() =>
      this.#file
        .sql('SELECT min(due_at) AS due FROM notifications WHERE reason IS NULL AND due_at > ?')
        .get(this.#now()),
    );
    return row?.['due'] == null ? Infinity : Math.max(1, Number(row['due']) - this.#now());
  }

  #settle({ delivery, outcome, activity = [] }: Settlement): boolean {
    const { raw: id } = delivery;
    const now = this.#now();
    for (const entry of activity)
      this.#file.sql('INSERT INTO activity (entry) VALUES (?)').run(JSON.stringify({ at: now, ...entry }));
    switch (outcome.kind) {
      case 'ack':
        return this.#file.sql('DELETE FROM notifications WHERE id = ?').run(id).changes === 1;
      case 'retry':
        return (
          this.#file
            .sql(
              `UPDATE notifications SET added_at = min(added_at, ?), due_at = ?, failures = failures + ?, last_error = ?,
               first_failed_at = coalesce(first_failed_at, ?) WHERE id = ?`,
            )
            .run(now, now + Math.round(outcome.delayMs), outcome.countsAsFailure ? 1 : 0, outcome.error, now, id)
            .changes === 1
        );
      case 'dead-letter':
        return (
          this.#file
            .sql(
              `UPDATE notifications SET reason = ?, last_error = ?,
               first_failed_at = coalesce(first_failed_at, ?) WHERE id = ?`,
            )
            .run(outcome.reason, outcome.error, now, id).changes === 1
        );
    }
  }
}

const maxRetries = 3;

/** `raw`, the identity, is the notification's id. */
function deliveryOf(row: Record<string, unknown>, consumer: string): Delivery {
  const id = String(row['id']);
  const failures = Number(row['failures']);
  return {
    id,
    raw: id,
    payloadText: String(row['payload']),
    metadata: { enqueued_at: Number(row['added_at']), retry_count: failures, max_retries: maxRetries },
    attempt: failures + 1,
    consumer,
  };
}
