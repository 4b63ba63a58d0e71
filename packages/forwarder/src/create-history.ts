import { join } from 'node:path';
import { PeriodicTask, type Logger } from '@shopee-webhook/runtime';
import { HistoryClient, HistoryTailer, LiveFeed, PushRecorder } from '@shopee-webhook/history';
import type { RedisDeps } from './redis/create-redis.ts';
import type { SpoolDeps } from './spool/create-spool.ts';

/** The look back: DATA_DIR/history.db, what fills it, and the live feed beside it. */
export interface HistoryDeps {
  history: HistoryClient;
  feed: LiveFeed;
  pushRecorder: PushRecorder;
  start(): void;
  /** Writes what is in hand and closes the file. */
  stop(): Promise<void>;
}

const dayMs = 24 * 3_600_000;
/** Pruning pauses between batches, so that a search never waits for long. */
const pruneBatch = 2_000;

export function createHistory(parts: {
  dataDir: string;
  retentionDays: number;
  store: RedisDeps | undefined;
  spool: SpoolDeps;
  logger: Logger;
}): HistoryDeps {
  const { dataDir, retentionDays, store, spool } = parts;
  const logger = parts.logger.child({ part: 'history' });
  const history = new HistoryClient(join(dataDir, 'history.db'));
  const feed = new LiveFeed();
  const pushRecorder = new PushRecorder(history);
  const redis = store && { activity: store.activity, isAvailable: () => store.monitor.isAvailable };
  const tailer = new HistoryTailer({ history, feed, redis, spool: spool.events, logger });
  const tasks = [
    new PeriodicTask({ name: 'history pushes', intervalMs: 300, run: () => pushRecorder.flush(), logger }),
    new PeriodicTask({ name: 'history retention', intervalMs: 3_600_000, run: (signal) => prune(signal), logger }),
  ];

  async function prune(signal: AbortSignal): Promise<void> {
    const oldest = Date.now() - retentionDays * dayMs;
    while (!signal.aborted && (await history.call('prune', oldest, pruneBatch)) === pruneBatch);
  }

  return {
    history,
    feed,
    pushRecorder,
    start() {
      tailer.start();
      for (const chore of tasks) chore.start();
    },
    async stop() {
      await Promise.all([tailer.stop(), ...tasks.map((chore) => chore.stop())]);
      // What a full disk refuses here is missed by the look back only.
      await pushRecorder.flush().catch((err: unknown) => logger.warn({ err }, 'pushes not kept'));
      await history.close();
    },
  };
}
