import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { ChildReaper } from './child-reaper.ts';
import { LogFile } from './log-file.ts';
import { assertPortFree } from './port-owner.ts';
import { serviceTuning } from './service-tuning.ts';

export interface ServiceProcessOptions {
  name: 'forwarder' | 'worker';
  /** The whole environment of the process. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where its HTTP side will listen. */
  port: number;
  /** Ends it if we die. */
  reaper?: ChildReaper;
  /** Its output is appended to it; it is rotated by size. */
  logFile?: string;
  /** Each line of its output. */
  onLine?: (line: string) => void;
  /** It ended though nobody asked for it, after it was ready. */
  onCrash?: (how: { code: number | null; signal: NodeJS.Signals | null }) => void;
}

const Live = z.object({ pid: z.number() });
const startTimeoutMs = 60_000;
/** A service has 10 s to stop in order and 2 s more to give up; after that it is killed. */
const stopTimeoutMs = 15_000;

/** The real forwarder or worker as a process of its own, started from its main.ts. */
export class ServiceProcess {
  readonly name: 'forwarder' | 'worker';
  readonly url: string;
  readonly #options: ServiceProcessOptions;
  readonly #log: LogFile | undefined;
  #child: ChildProcess | undefined;
  /** Resolves when all that it said is in its log. */
  #closed: Promise<void> = Promise.resolve();
  #stopRequested = false;
  #wasReady = false;

  constructor(options: ServiceProcessOptions) {
    this.name = options.name;
    this.url = `http://127.0.0.1:${options.port}`;
    this.#options = options;
    const { logFile, onLine } = options;
    if (logFile !== undefined) {
      const onError = ({ message }: Error) => onLine?.(`its log cannot be written for now: ${message}`);
      this.#log = new LogFile(logFile, { onError });
    }
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it and resolves when it responds; rejects when its port is taken or it ends before. */
  async start(): Promise<void> {
    if (this.running) return;
    await assertPortFree(this.#options.port, this.#options.env['HOST'] || '0.0.0.0');
    const main = fileURLToPath(new URL(`../../../${this.name}/src/main.ts`, import.meta.url));
    this.#stopRequested = false;
    this.#wasReady = false;
    const child = spawn(process.execPath, [main], {
      env: { ...serviceTuning(this.name), ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal must reach it once, from us, and in its turn.
      detached: true,
    });
    this.#child = child;
    this.#options.reaper?.watch(child);
    this.#closed = once(child, 'close').then(() => this.#log?.close());
    this.#captureOutput(child);
    await this.#waitUntilReady(child);
    this.#wasReady = true;
  }

  /** SIGTERM; resolves when it is gone. */
  async stop(): Promise<void> {
    const gone = this.#end('SIGTERM');
    const late = new AbortController();
    await Promise.race([
      gone,
      sleep(stopTimeoutMs, undefined, { signal: late.signal }).then(() => this.#end('SIGKILL')),
    ]);
    late.abort();
  }

  /** kill −9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGSTOP, SIGCONT and the like. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child?.kill(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#stopRequested = true;
    if (!this.running || this.#child === undefined) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
    await this.#closed;
  }

  #captureOutput(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#log?.write(line);
        this.#options.onLine?.(line);
      });
    }
    child.once('exit', (code, signal) => {
      if (!this.#stopRequested && this.#wasReady) this.#options.onCrash?.({ code, signal });
    });
  }

  async #waitUntilReady(child: ChildProcess): Promise<void> {
    const until = systemClock.monotonicMs() + startTimeoutMs;
    while (systemClock.monotonicMs() < until) {
      if (child.exitCode !== null || child.signalCode !== null) {
        await this.#closed;
        throw new StartFailedError(this.name, child.exitCode ?? child.signalCode);
      }
      if ((await pidAt(`${this.url}/health/live`)) === child.pid) return;
      await sleep(100);
    }
    throw new Error(`the ${this.name} did not answer within ${startTimeoutMs / 1000} s`);
  }
}

/** The process that responds there: a program that took the port meanwhile is another one. */
async function pidAt(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return Live.safeParse(await response.json()).data?.pid;
  } catch {
    // Not yet.
    return undefined;
  }
}

/** A service ended before it was ready; `code` is its exit code, or the signal that ended it. */
export class StartFailedError extends Error {
  override name = 'StartFailedError';
  readonly code: number | NodeJS.Signals | null;

  constructor(service: string, code: number | NodeJS.Signals | null) {
    super(`the ${service} ended with ${code} before it was ready`);
    this.code = code;
  }
}
