import { flushCompileCache } from 'node:module';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { isCorrupt } from '@shopee-webhook/runtime';
import { quarantine } from '../sqlite/database.ts';
import { History } from './history.ts';

/** The niceness of background work. */
const backgroundNice = 19;

/** The methods that the main thread may call. */
export type HistoryCall = Exclude<keyof History, 'close'>;

/** A request of our own main thread, so it is not validated (zod alone would cost this thread 6 MB). */
export interface HistoryRequest {
  id: number;
  name: HistoryCall | 'close';
  args: readonly unknown[];
}

// On Linux this is per thread: responses to pushes go before history queries.
if (process.platform === 'linux') setPriority(0, backgroundNice);

// Its own thread: SQLite is synchronous, and a search must not delay the response to a push.
const path = String(workerData);
const history = new History(path);
// The main thread caches only what it loaded itself; here it saves the type stripper, 15 MB.
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
      // The thread exits, and the next one creates a new file.
      quarantine(path);
      history.close();
      throw error;
    }
    parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
