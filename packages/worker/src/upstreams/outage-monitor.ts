import type { HealthState, Logger } from '@shopee-webhook/runtime';
import type { AlertEngine, Queue } from '@shopee-webhook/store';
import { WriterStoppingError } from '@shopee-webhook/sheets';
import { errorText, UpstreamUnavailableError } from './errors.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { CircuitBreakers } from './circuit-breakers.ts';
import { classifyShopError } from './classify-outage.ts';

export interface OutageMonitorDeps {
  alerts: AlertEngine;
  /** Absent without Redis: the forwarder's spool then retries. */
  queue?: Pick<Queue, 'retryNow'> | undefined;
  logger: Logger;
  /** Maximum messages in flight. */
  maxMessages?: number;
}

/** Shorter outages raise no alert. */
const alertAfterMs = 60_000;

/** Owns the circuit breakers: logs when they open and close, raises alerts for lasting outages, retries what was deferred. */
export class OutageMonitor {
  readonly breakers: CircuitBreakers;
  readonly #options: OutageMonitorDeps;
  readonly #errors = new Map<string, unknown>();

  constructor(options: OutageMonitorDeps) {
    this.#options = options;
    this.breakers = new CircuitBreakers({
      ...(options.maxMessages === undefined ? {} : { maxMessages: options.maxMessages }),
      onOpened: (breaker, error) => this.#onOpened(breaker, error),
      onClosed: (breaker, openMs) => void this.#onClosed(breaker, openMs),
      onFirstSuccess: (breaker) => void this.#retryDeferred(breaker.upstream),
    });
  }

  /** Raises alerts for outages that last. */
  async check(): Promise<void> {
    await this.#options.alerts.sync();
    for (const breaker of this.breakers.open()) {
      const error = this.#errors.get(breaker.upstream);
      const reason = classifyShopError(error)?.reason;
      // Already raised by whoever found the shop expired or revoked.
      if (error instanceof UpstreamUnavailableError && reason === 'not-authorized') continue;
      const isLasting = (breaker.openMs ?? 0) >= alertAfterMs;
      if (isLasting || reason === 'unknown-shop' || reason === 'not-authorized')
        await this.#raiseAlert(breaker.upstream, reason, error);
    }
  }

  /** Which upstreams of this kind (`shopee:`, `sheet:`) are unavailable. */
  health(kind: string): HealthState {
    const closed = this.breakers.open().filter(({ upstream }) => upstream.startsWith(kind));
    if (closed.length === 0) return { status: 'ok' };
    const texts = closed.map(({ upstream }) => `${upstream}: ${errorText(this.#errors.get(upstream))}`);
    return { status: 'warning', detail: `events deferred: ${texts.join('; ')}` };
  }

  #onOpened(breaker: CircuitBreaker, error: unknown): void {
    this.#errors.set(breaker.upstream, error);
    const level = error instanceof WriterStoppingError ? 'debug' : 'warn';
    this.#options.logger[level]({ err: error, upstream: breaker.upstream }, 'upstream unavailable');
  }

  async #onClosed(breaker: CircuitBreaker, openMs: number): Promise<void> {
    const { logger, alerts } = this.#options;
    this.#errors.delete(breaker.upstream);
    const requeued = await this.#retryDeferred(breaker.upstream);
    logger.info({ upstream: breaker.upstream, ms: openMs, requeued }, 'upstream recovered');
    await alerts.resolve(`upstream:${breaker.upstream}`);
  }

  /** Makes due what any worker deferred for this upstream. */
  async #retryDeferred(upstream: string): Promise<number> {
    const { queue, logger } = this.#options;
    try {
      return (await queue?.retryNow(upstream)) ?? 0;
    } catch (err) {
      // They are due by themselves, only later.
      logger.warn({ err, upstream }, 'could not reschedule deferred events');
      return 0;
    }
  }

  async #raiseAlert(upstream: string, reason: string | undefined, error: unknown): Promise<void> {
    const titles: Readonly<Record<string, string>> = {
      'unknown-shop': `${upstream}: events of a shop that is not connected`,
      'not-authorized': `${upstream}: reconnect the shop`,
      'no-spreadsheet': `${upstream}: SPREADSHEET_ID has no spreadsheet for this shop`,
      'daily-limit': `${upstream}: daily API limit reached`,
    };
    await this.#options.alerts.raise(`upstream:${upstream}`, {
      severity: 'critical',
      title: titles[reason ?? ''] ?? `${upstream} is unavailable`,
      text: `${errorText(error)}. Its events wait and are processed once it recovers; nothing is lost.`,
    });
  }
}
