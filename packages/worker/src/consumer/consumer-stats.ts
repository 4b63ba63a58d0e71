import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { ConsumerReport, Outcome, Settlement } from '@shopee-webhook/store';

export interface ConsumerStatsOptions {
  id: string;
  logger: Logger;
  /** Called with each settlement. */
  onSettled?: (settlement: Settlement) => void;
  /** Whether the consumers are paused. */
  isPaused?: () => boolean;
}

/** Counts and logs what one consumer does: one line per delivery at its end, statistics for /workers/stats. */
export class ConsumerStats {
  readonly id: string;
  /** Messages in flight. */
  inFlight = 0;
  stopped = false;
  readonly #options: ConsumerStatsOptions;
  readonly #counts: Record<Outcome['kind'], number> = { ack: 0, retry: 0, 'dead-letter': 0 };
  #totalMs = 0;
  #lastProcessedAt: number | null = null;

  constructor(options: ConsumerStatsOptions) {
    this.id = options.id;
    this.#options = options;
  }

  onTaken(count: number): void {
    this.inFlight += count;
  }

  /** `results` is undefined when settling failed, and false for a delivery whose lease was lost. */
  onSettled(settlements: readonly Settlement[], results: readonly boolean[] | undefined, ms: number): void {
    this.inFlight -= settlements.length;
    for (const [at, settlement] of settlements.entries()) {
      const { delivery, outcome } = settlement;
      const { id, attempt } = delivery;
      // Settle failed, which is logged once for the batch. Not counted: it is redelivered.
      if (results === undefined) continue;
      if (results[at] !== true) {
        this.#options.logger.warn({ id, attempt, ms, outcome: outcome.kind }, 'lease lost before settle');
        continue;
      }
      this.#counts[outcome.kind] += 1;
      this.#totalMs += ms;
      this.#options.onSettled?.(settlement);
      if (outcome.kind === 'ack') this.#lastProcessedAt = systemClock.wallMs();
      logSettled(this.#options.logger, settlement, { ms, consumer: this.id });
    }
  }

  report(): ConsumerReport {
    const { ack, retry, 'dead-letter': dead } = this.#counts;
    const handled = ack + retry + dead;
    return {
      id: this.id,
      state: this.#state(),
      processed: ack,
      failed: dead,
      retried: retry,
      avgProcessingMs: handled === 0 ? 0 : Math.round(this.#totalMs / handled),
      lastProcessedAt: this.#lastProcessedAt,
    };
  }

  #state(): ConsumerReport['state'] {
    if (this.stopped) return 'stopped';
    if (this.inFlight > 0) return 'busy';
    return this.#options.isPaused?.() === true ? 'paused' : 'idle';
  }
}

/** Logs a delivery, in one line at its end. */
export function logSettled(
  logger: Logger,
  { delivery: { id, attempt }, outcome }: Settlement,
  fields: Record<string, unknown>,
): void {
  const reason = outcome.kind === 'ack' ? {} : { reason: outcome.reason };
  const line = { id, attempt, ...fields, outcome: outcome.kind, ...reason };
  if (outcome.kind === 'dead-letter') logger.error({ ...line, error: outcome.error }, 'delivery settled');
  // A deferred message is covered by the log lines of the outage.
  else if (outcome.kind === 'retry' && !outcome.countsAsFailure) logger.debug(line, 'delivery settled');
  else logger.info(line, 'delivery settled');
}
