import { Worker } from 'node:worker_threads';
import { systemClock } from '@shopee-webhook/runtime/clock';
import type { History } from './history.ts';
import type { HistoryCall, HistoryRequest } from './history-thread.ts';

/** A response of the history thread. */
interface HistoryResponse {
  id: number;
  result?: unknown;
  error?: string;
}

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Starting a thread costs some 100 ms of CPU. */
const restartDelayMs = 10_000;

/**
 * The history in its own thread: every method of `History`, as a promise. The thread starts with the first call; when
 * it exited because the file could not be opened, a later call restarts it.
 */
export class HistoryClient {
  readonly #path: string;
  readonly #now: () => number;
  #thread: Worker | undefined;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 0;
  #isClosed = false;
  #error: Error | undefined;
  #endedAt = 0;

  constructor(path: string, options: { now?: () => number } = {}) {
    this.#path = path;
    this.#now = options.now ?? systemClock.monotonicMs;
  }

  /** Why the thread exited; undefined while it responds. */
  get error(): string | undefined {
    return this.#error?.message;
  }

  /** Calls one method of the history; rejects when it throws or the thread exits. */
  async call<Name extends HistoryCall>(
    name: Name,
    ...args: Parameters<History[Name]>
  ): Promise<ReturnType<History[Name]>> {
    const thread = this.#runningThread();
    const id = this.#nextId++;
    const response = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    thread.postMessage({ id, name, args } satisfies HistoryRequest);
    return (await response) as ReturnType<History[Name]>;
  }

  /** Closes the file after the calls made so far. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#isClosed = true;
    if (thread === undefined) return;
    const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.ref();
    thread.postMessage({ id: -1, name: 'close', args: [] } satisfies HistoryRequest);
    await exited;
  }

  #runningThread(): Worker {
    if (this.#isClosed) throw new Error('history thread exited');
    if (this.#thread !== undefined) return this.#thread;
    if (this.#error !== undefined && this.#now() - this.#endedAt < restartDelayMs) throw this.#error;
    return (this.#thread = this.#startThread());
  }

  #startThread(): Worker {
    const thread = new Worker(new URL('./history-thread.ts', import.meta.url), { workerData: this.#path });
    thread.on('message', (response: HistoryResponse) => this.#onResponse(response));
    thread.on('error', (error) => this.#onThreadEnd(thread, error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#onThreadEnd(thread, new Error('history thread exited')));
    // The history must not keep the process alive.
    thread.unref();
    return thread;
  }

  #onResponse({ id, result, error }: HistoryResponse): void {
    this.#error = undefined;
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  /** Once per thread: an error is followed by an exit. */
  #onThreadEnd(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#error = error;
    this.#endedAt = this.#now();
    for (const waiting of this.#pending.values()) waiting.reject(error);
    this.#pending.clear();
  }
}
