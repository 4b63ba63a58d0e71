import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@shopee-webhook/runtime';
import { serviceTuning } from '@shopee-webhook/sandbox';

const entryPoints = {
  forwarder: fileURLToPath(new URL('../../../forwarder/src/main.ts', import.meta.url)),
  worker: fileURLToPath(new URL('../../../worker/src/main.ts', import.meta.url)),
};

/** A busy machine is slow. */
const startTimeoutMs = 120_000;

export interface ServiceOptions {
  kind: 'forwarder' | 'worker';
  port: number;
  env: Record<string, string>;
  /** The process' output is appended here. */
  logFile: string;
  /** Given to node before the service's main.ts. */
  nodeArgs?: string[];
}

/** A real forwarder or worker process that can be killed, frozen, and started again. */
export class Service {
  readonly options: ServiceOptions;
  readonly url: string;
  #child: ChildProcess | undefined;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Starts the process and resolves when it responds, with the time that took, ms. */
  async start(): Promise<number> {
    if (this.#child !== undefined) return 0;
    const { kind, env, logFile, nodeArgs = [] } = this.options;
    const startedAt = systemClock.monotonicMs();
    // Not through a pipe: reading it would be work of this process, on the cores that are measured.
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...nodeArgs, entryPoints[kind]], {
      env: { ...serviceTuning(kind), ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    await this.#waitUntilLive(child);
    return systemClock.monotonicMs() - startedAt;
  }

  /** kill −9; resolves when it has ended. */
  kill(): Promise<void> {
    return this.#terminate('SIGKILL');
  }

  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void> {
    return this.#terminate('SIGTERM');
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #terminate(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child.kill('SIGCONT');
    await exited;
  }

  async #waitUntilLive(child: ChildProcess): Promise<void> {
    const deadline = systemClock.monotonicMs() + startTimeoutMs;
    while (systemClock.monotonicMs() < deadline) {
      if (child.exitCode !== null) {
        throw new Error(`${this.options.kind} ended with ${child.exitCode} at its start; see ${this.options.logFile}`);
      }
      if (child.signalCode !== null) return;
      const live = await fetch(`${this.url}/health/live`, { signal: AbortSignal.timeout(1_000) }).then(
        (response) => response.ok,
        () => false,
      );
      if (live) return;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    throw new Error(
      `${this.options.kind} did not respond within ${startTimeoutMs / 1000} s; see ${this.options.logFile}`,
    );
  }
}
