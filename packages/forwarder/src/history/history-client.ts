import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { History } from './history.ts';
import type { HistoryCall, HistoryRequest } from './thread.ts';

/** What our own thread answers. */
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Beginning a thread costs some 100 ms of a processor. */
const againAfterMs = 10_000;

/**
 * The history, in a thread of its own: every method of `History`, as a promise. The thread begins with the first call; when
 * it ended because the file could not be opened, it begins again with a later one.
 */
export class HistoryClient {
  readonly #path: string;
  readonly #now: () => number;
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #isClosed = false;
  #trouble: Error | undefined;
  #endedAt = 0;

  constructor(path: string, options: { now?: () => number } = {}) {
    this.#path = path;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Why the thread ended; undefined when it did not, or when it has answered since. */
  get trouble(): string | undefined {
    return this.#trouble?.message;
  }

  /** Calls one method of the history; rejects when it threw or the thread is gone. */
  async call<Name extends HistoryCall>(
    name: Name,
    ...args: Parameters<History[Name]>
  ): Promise<ReturnType<History[Name]>> {
    const thread = this.#running();
    const id = this.#nextId++;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    thread.postMessage({ id, name, args } satisfies HistoryRequest);
    return (await answered) as ReturnType<History[Name]>;
  }

  /** Closes the file when what was asked before is answered. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#isClosed = true;
    if (thread === undefined) return;
    const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.ref();
    thread.postMessage({ id: -1, name: 'close', args: [] } satisfies HistoryRequest);
    await exited;
  }

  #running(): Worker {
    if (this.#isClosed) throw new Error('the history has ended');
    if (this.#thread !== undefined) return this.#thread;
    if (this.#trouble !== undefined && this.#now() - this.#endedAt < againAfterMs) throw this.#trouble;
    return (this.#thread = this.#begin());
  }

  #begin(): Worker {
    const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: this.#path });
    thread.on('message', (answer: Answer) => this.#answer(answer));
    thread.on('error', (error) => this.#end(thread, error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#end(thread, new Error('the history has ended')));
    // A look back must not keep a service alive that is done.
    thread.unref();
    return thread;
  }

  #answer({ id, result, error }: Answer): void {
    this.#trouble = undefined;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  /** Once for a thread: after an error its exit comes too. */
  #end(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#trouble = error;
    this.#endedAt = this.#now();
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
