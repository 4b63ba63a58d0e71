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

/** The history, in a thread of its own, which begins with the first call: every method of `History`, as a promise. */
export class HistoryClient {
  readonly #path: string;
  #thread: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: Error | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Calls one method of the history; rejects when it threw or the thread is gone. */
  async call<Name extends HistoryCall>(
    name: Name,
    ...args: Parameters<History[Name]>
  ): Promise<ReturnType<History[Name]>> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#thread ??= this.#begin();
    const id = this.#nextId++;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#thread.postMessage({ id, name, args } satisfies HistoryRequest);
    return (await answered) as ReturnType<History[Name]>;
  }

  /** Closes the file when what was asked before is answered. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined || this.#ended !== undefined) {
      this.#end(new Error('the history has ended'));
      return;
    }
    const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.ref();
    thread.postMessage({ id: -1, name: 'close', args: [] } satisfies HistoryRequest);
    await exited;
  }

  #begin(): Worker {
    const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: this.#path });
    thread.on('message', (answer: Answer) => this.#answer(answer));
    thread.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#end(new Error('the history has ended')));
    // A look back must not keep a service alive that is done.
    thread.unref();
    return thread;
  }

  #answer({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}
