import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';

export interface PeriodicTaskOptions {
  name: string;
  intervalMs: number;
  run: (signal: AbortSignal) => Promise<unknown> | void;
  logger: Logger;
  /** Share of `intervalMs` by which a pause may be longer, so that processes do not run in step; 0.2 when left out. */
  jitter?: number;
  random?: () => number;
}

/** A periodic background task. Never rejects while it runs: an error is logged when runs begin to fail and when they recover. */
export class PeriodicTask {
  readonly #options: PeriodicTaskOptions;
  #stop: AbortController | undefined;
  #running: Promise<void> | undefined;
  #failingSince: number | undefined;

  constructor(options: PeriodicTaskOptions) {
    this.#options = options;
  }

  /** Begins; the first round comes at once. Does nothing when it already runs. */
  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#running = this.#loop(stop.signal);
  }

  /** Ends, and resolves when the round that was going on is over. May be called twice. */
  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#running;
    this.#stop = undefined;
  }

  /** One round; throws what the round throws. */
  async runOnce(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.#options.run(signal);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { intervalMs, jitter = 0.2, random = Math.random } = this.#options;
    while (!signal.aborted) {
      await this.#tick(signal);
      const pauseMs = intervalMs * (1 + jitter * random());
      // Stopping aborts the pause, which is no fault.
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { name, logger } = this.#options;
    try {
      await this.#options.run(signal);
      if (this.#failingSince === undefined) return;
      logger.info(
        { task: name, ms: Math.round(systemClock.monotonicMs() - this.#failingSince) },
        'periodic task recovered',
      );
      this.#failingSince = undefined;
    } catch (err) {
      if (signal.aborted || this.#failingSince !== undefined) return;
      this.#failingSince = systemClock.monotonicMs();
      logger.error({ err, task: name }, 'periodic task failed');
    }
  }
}
