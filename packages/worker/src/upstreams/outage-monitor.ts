import type { HealthState, Logger } from '@shopee-webhook/runtime';
import type { Queue } from '@shopee-webhook/store';
import type { Alerts } from '../monitoring/alerts.ts';
import { errorText, UpstreamUnavailableError } from '../consumer/errors.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import { classifyShopError } from './classify-outage.ts';

export interface OutageMonitorDeps {
  alerts: Alerts;
  /** Absent without Redis: then the forwarder's spool keeps what waits. */
  queue?: Pick<Queue, 'retryNow'> | undefined;
  logger: Logger;
  /** Messages that the worker holds at most. */
  maxMessages?: number;
}

/** Shorter outages pass without a message to the operator. */
const alertAfterMs = 60_000;

/** Owns the gates: logs an outage when it begins and ends, alarms when it lasts, and hastens what waited for its end. */
export class OutageMonitor {
  readonly breakers: CircuitBreakers;
  readonly #options: OutageMonitorDeps;
  readonly #errors = new Map<string, unknown>();

  constructor(options: OutageMonitorDeps) {
    this.#options = options;
    this.breakers = new CircuitBreakers({
      ...(options.maxMessages === undefined ? {} : { maxMessages: options.maxMessages }),
      onOpened: (gate, error) => this.#onOpened(gate, error),
      onClosed: (gate, closedMs) => void this.#onClosed(gate, closedMs),
      onFirstSuccess: (gate) => void this.#retryDeferred(gate.upstream),
    });
  }

  /** One look: tells the operator of outages that last. */
  async check(): Promise<void> {
    await this.#options.alerts.sync();
    for (const gate of this.breakers.open()) {
      const error = this.#errors.get(gate.upstream);
      const why = classifyShopError(error)?.reason;
      // Told already by who found out that the shop is expired or revoked.
      if (error instanceof UpstreamUnavailableError && why === 'not-authorized') continue;
      const isLasting = Date.now() - (gate.openSince ?? 0) >= alertAfterMs;
      if (isLasting || why === 'unknown-shop' || why === 'not-authorized')
        await this.#raiseAlert(gate.upstream, why, error);
    }
  }

  /** Which sides of this kind (`shopee:`, `sheet:`) cannot be called now. */
  health(kind: string): HealthState {
    const closed = this.breakers.open().filter(({ upstream }) => upstream.startsWith(kind));
    if (closed.length === 0) return { status: 'ok' };
    const words = closed.map(({ upstream }) => `${upstream}: ${errorText(this.#errors.get(upstream))}`);
    return { status: 'warning', detail: `events wait for ${words.join('; ')}` };
  }

  #onOpened(gate: CircuitBreaker, error: unknown): void {
    this.#errors.set(gate.upstream, error);
    this.#options.logger.warn({ err: error, side: gate.upstream }, 'outage begins');
  }

  async #onClosed(gate: CircuitBreaker, closedMs: number): Promise<void> {
    const { logger, alerts } = this.#options;
    this.#errors.delete(gate.upstream);
    const hastened = await this.#retryDeferred(gate.upstream);
    logger.info({ side: gate.upstream, ms: closedMs, hastened }, 'outage ends');
    await alerts.resolve(`side:${gate.upstream}`);
  }

  /** What waited for this side, by this worker's word or another's, is due now. */
  async #retryDeferred(side: string): Promise<number> {
    const { queue, logger } = this.#options;
    try {
      return (await queue?.retryNow(side)) ?? 0;
    } catch (err) {
      // They come back by themselves, only later.
      logger.warn({ err, side }, 'waiting events not hastened');
      return 0;
    }
  }

  async #raiseAlert(side: string, why: string | undefined, error: unknown): Promise<void> {
    const titles: Readonly<Record<string, string>> = {
      'unknown-shop': `${side}: events of a shop that is not connected`,
      'not-authorized': `${side}: the shop must be connected again`,
      'no-spreadsheet': `${side}: SPREADSHEET_ID names no spreadsheet for this shop`,
      'daily-limit': `${side}: the daily call limit is reached`,
    };
    await this.#options.alerts.raise(`side:${side}`, {
      severity: 'critical',
      title: titles[why ?? ''] ?? `${side} cannot be reached`,
      text: `${errorText(error)}. Its events wait and are handled when it is there again; nothing is lost.`,
    });
  }
}
