import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { freePort } from '@shopee-webhook/sandbox';

/** A process to compare with. */
export class Reference {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static spawn(script: 'bare-fastify' | 'bull-worker', args: readonly (string | number)[]): Reference {
    const path = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
    const child = spawn(process.execPath, [path, ...args.map(String)], { stdio: ['ignore', 'ignore', 'inherit'] });
    return new Reference(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** kill −9; resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

export interface BareFastify {
  process: Reference;
  url: string;
  /** From the start of the process to its first response, ms. */
  startMs: number;
}

/** The bare route on a port of its own; resolves when it responds. */
export async function startBareFastify(options: { redisPort: number; key: string }): Promise<BareFastify> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/webhook/shopee`;
  const startedAt = systemClock.monotonicMs();
  const process = Reference.spawn('bare-fastify', [port, options.redisPort, options.key, url]);
  await waitUntilLive(`http://127.0.0.1:${port}/health/live`);
  return { process, url, startMs: systemClock.monotonicMs() - startedAt };
}

async function waitUntilLive(url: string): Promise<void> {
  for (const until = systemClock.monotonicMs() + 30_000; systemClock.monotonicMs() < until; await sleep(15)) {
    const live = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (live) return;
  }
  throw new Error(`${url} does not respond`);
}
