import type { Database } from '../sqlite/database.ts';
import { parseSamples, reservoirSlot } from '../model/durations.ts';

const counters = ['received', 'duplicates', 'handled', 'failed', 'dead', 'notified', 'acked'] as const;
export type MinuteCounter = (typeof counters)[number];

/** Duration samples per minute, for percentiles. */
const samplesPerMinute = 100;

interface Minute {
  counts: Record<MinuteCounter, number>;
  ackMs: number[];
  handleMs: number[];
}

/** Aggregates one transaction's counts, so that each minute's row is written once. */
export class MinuteAggregator {
  readonly #minutes = new Map<number, Minute>();

  count(at: number, counter: MinuteCounter): void {
    this.#minute(at).counts[counter] += 1;
  }

  /** Records the response time of a push, ms. */
  recordResponse(at: number, ms: number): void {
    this.count(at, 'acked');
    this.#minute(at).ackMs.push(ms);
  }

  /** Records a handled event and its time to sheet, ms. */
  recordHandled(at: number, ms: number): void {
    this.count(at, 'handled');
    this.#minute(at).handleMs.push(ms);
  }

  write(db: Database): void {
    for (const [minute, { counts, ackMs, handleMs }] of this.#minutes) {
      const row = db.get(
        `INSERT INTO minutes (minute, ${counters.join(', ')}) VALUES (?${', ?'.repeat(counters.length)})
         ON CONFLICT DO UPDATE SET ${counters.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}
         RETURNING acked, handled, ack_ms, handle_ms`,
        minute,
        ...counters.map((name) => counts[name]),
      );
      if (ackMs.length + handleMs.length === 0) continue;
      const acks = mergeSample(row?.['ack_ms'], ackMs, Number(row?.['acked']));
      const handles = mergeSample(row?.['handle_ms'], handleMs, Number(row?.['handled']));
      db.run('UPDATE minutes SET ack_ms = ?, handle_ms = ? WHERE minute = ?', acks, handles, minute);
    }
  }

  #minute(at: number): Minute {
    const minute = Math.floor(at / 60_000);
    const known = this.#minutes.get(minute);
    if (known !== undefined) return known;
    const counts = { received: 0, duplicates: 0, handled: 0, failed: 0, dead: 0, notified: 0, acked: 0 };
    const made = { counts, ackMs: [], handleMs: [] };
    this.#minutes.set(minute, made);
    return made;
  }
}

/** Merges new durations into a minute's sample; `seen` includes them. */
function mergeSample(text: unknown, added: readonly number[], seen: number): string {
  const samples = parseSamples(text);
  for (const [index, ms] of added.entries()) {
    const place = reservoirSlot(seen - added.length + index + 1, samplesPerMinute);
    if (place !== undefined) samples[Math.min(place, samples.length)] = Math.round(ms * 100) / 100;
  }
  return samples.join(' ');
}
