import { setTimeout as sleep } from 'node:timers/promises';

const checkMs = 5;

/** Knows whether pushes are being handled, so that background work can let them go first. */
export class IngestLoad {
  #inFlight = 0;

  /** Pushes that wait for their response. */
  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
  }

  /** Resolves when no push waits for its response, or after `maxMs`: background work is delayed, never starved. */
  async quiet(maxMs: number): Promise<void> {
    const deadline = performance.now() + maxMs;
    while (this.#inFlight > 0 && performance.now() < deadline) await sleep(checkMs, undefined, { ref: false });
  }
}
