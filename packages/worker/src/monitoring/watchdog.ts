import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** How long the event loop may be blocked before the process is killed. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const beatMs = 250;

/**
 * Kills the process when its event loop hangs: then no timeout, no signal handler and no health check can run, and its
 * messages stay in flight for good. Once the process is restarted, the queue isolates the message that caused it.
 */
export function startWatchdog({ timeoutMs = defaultTimeoutMs }: WatchdogOptions = {}): void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const thread = new Worker(new URL('watchdog-thread.ts', import.meta.url), {
    workerData: { beats, timeoutMs },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  });
  thread.unref();
}
