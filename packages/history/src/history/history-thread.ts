import { flushCompileCache } from 'node:module';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { isCorrupt } from '@shopee-webhook/runtime';
import { quarantine } from '../sqlite/database.ts';
import { History } from './history.ts';

/** The niceness of work that nobody waits for. */
const backgroundNice = 19;

/** The names that may be called from the other side. */
export type HistoryCall = Exclude<keyof History, 'close'>;

/** What the other side sends: our own main thread, so that it is not checked (zod alone would cost this thread 6 MB). */
export interface HistoryRequest {
  id: number;
  name: HistoryCall | 'close';
  args: readonly unknown[];
}

// On Linux this is the thread's own: whoever waits for the answer to a push goes before whoever looks back.
if (process.platform === 'linux') setPriority(0, backgroundNice);

// Runs in a thread of its own: SQLite is synchronous, and a search must not hold up the answer to a push.
const path = String(workerData);
const history = new History(path);
// The main thread keeps only what it loaded itself; here too it makes the difference of the type stripper, 15 MB.
flushCompileCache();

parentPort?.on('message', ({ id, name, args }: HistoryRequest) => {
  if (name === 'close') {
    history.close();
    parentPort?.close();
    return;
  }
  try {
    const method: unknown = Reflect.get(history, name);
    if (typeof method !== 'function') throw new Error(`history has no ${name}`);
    parentPort?.postMessage({ id, result: Reflect.apply(method, history, args) });
  } catch (error) {
    if (isCorrupt(error)) {
      // The thread ends, and the next one begins a new file.
      quarantine(path);
      history.close();
      throw error;
    }
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
