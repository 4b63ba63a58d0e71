import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailed } from '../service-process.ts';
import type { Say } from './run.ts';

/** sysexits' EX_CONFIG: the environment is wrong, and starting again cannot help. */
export const badConfig = 78;

const firstDelayMs = 1000;
const longestDelayMs = 30_000;
const calmMs = 60_000;

export interface KeepAliveOptions {
  name: string;
  start: () => Promise<void>;
  say: Say;
  /** Called when it must not be started again, with the exit code. */
  giveUp: (code: number) => void;
  /** The first wait; a second when left out. */
  delayMs?: number;
}

/** Starts a part again that ended by itself: after a second, then later and later while it keeps ending. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #stop = new AbortController();
  #delayMs: number;
  #lastCrash = 0;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#delayMs = options.delayMs ?? firstDelayMs;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Tells that it ended though nobody asked for it; resolves when it runs again, or will not. */
  async crashed({ code, signal }: { code: number | null; signal: NodeJS.Signals | null }): Promise<void> {
    const { name, say } = this.#options;
    if (this.#stop.signal.aborted) return;
    const first = this.#options.delayMs ?? firstDelayMs;
    if (Date.now() - this.#lastCrash > calmMs) this.#delayMs = first;
    say(`${name} ended (${signal ?? `code ${code}`}) and is started again`);
    while (!this.#stop.signal.aborted) {
      this.#lastCrash = Date.now();
      const delayMs = this.#delayMs;
      this.#delayMs = Math.min(delayMs * 2, longestDelayMs);
      try {
        await sleep(delayMs, undefined, { signal: this.#stop.signal });
        await this.#options.start();
        say(`${name} runs again`);
        return;
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  #failed(error: unknown): void {
    const { name, say, giveUp } = this.#options;
    if (this.#stop.signal.aborted) return;
    say(`${name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof StartFailed) || error.code !== badConfig) return;
    this.stop();
    giveUp(badConfig);
  }
}
