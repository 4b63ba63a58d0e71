import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { StartFailedError } from '../processes/service-process.ts';
import type { Print } from './running.ts';

/** sysexits' EX_CONFIG: the environment is wrong, and starting again cannot help. */
export const configErrorCode = 78;

const initialDelayMs = 1000;
const maxDelayMs = 30_000;
const healthyAfterMs = 60_000;

export interface SupervisorOptions {
  name: string;
  start: () => Promise<void>;
  print: Print;
  /** Called when it must not be started again, with the exit code. */
  onGiveUp: (code: number) => void;
  /** The first wait; a second when left out. */
  delayMs?: number;
}

/** Starts a part again that ended by itself: after a second, then later and later while it keeps ending. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stop = new AbortController();
  #delayMs: number;
  #lastCrash = -Infinity;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#delayMs = options.delayMs ?? initialDelayMs;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Reports that it ended though nobody stopped it; resolves when it runs again, or will not. */
  async handleCrash({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): Promise<void> {
    const { name, print } = this.#options;
    if (this.#stop.signal.aborted) return;
    const first = this.#options.delayMs ?? initialDelayMs;
    if (systemClock.monotonicMs() - this.#lastCrash > healthyAfterMs) this.#delayMs = first;
    print(`${name} ended (${signal ?? `code ${code}`}) and is started again`);
    while (!this.#stop.signal.aborted) {
      this.#lastCrash = systemClock.monotonicMs();
      const delayMs = this.#delayMs;
      this.#delayMs = Math.min(delayMs * 2, maxDelayMs);
      try {
        await sleep(delayMs, undefined, { signal: this.#stop.signal });
        await this.#options.start();
        print(`${name} runs again`);
        return;
      } catch (error) {
        this.#handleStartError(error);
      }
    }
  }

  #handleStartError(error: unknown): void {
    const { name, print, onGiveUp } = this.#options;
    if (this.#stop.signal.aborted) return;
    print(`${name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof StartFailedError) || error.code !== configErrorCode) return;
    this.stop();
    onGiveUp(configErrorCode);
  }
}
