import { join } from 'node:path';
import { PeriodicTask, type Logger, systemClock } from '@shopee-webhook/runtime';
import { HistoryClient, HistoryTailer, LiveFeed, PushRecorder } from '@shopee-webhook/history';
import type { Admission } from './admission.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { SpoolDeps } from '../spool/create-spool.ts';

/** Event history: DATA_DIR/history.db, its writers, and the live feed. */
export interface HistoryDeps {
  history: HistoryClient;
  feed: LiveFeed;
  pushRecorder: PushRecorder;
  start(): void;
  /** Writes what is buffered and closes the file. */
  stop(): Promise<void>;
}

/** Pushes go first, for so long at most. */
const maxYieldMs = 1_000;
const dayMs = 24 * 3_600_000;
/** Pruned in batches, so that a search never waits for long. */
const pruneBatch = 2_000;

/** Wires the event history; nothing runs before `start`. */
export function createHistory(deps: {
  dataDir: string;
  retentionDays: number;
  redis: RedisDeps | undefined;
  spool: SpoolDeps;
  admission: Admission;
  logger: Logger;
}): HistoryDeps {
  const { dataDir, retentionDays, redis, spool, admission } = deps;
  const logger = deps.logger.child({ part: 'history' });
  const history = new HistoryClient(join(dataDir, 'history.db'));
  const feed = new LiveFeed();
  const pushRecorder = new PushRecorder(history);
  const stream = redis && { activity: redis.activity, isAvailable: () => redis.monitor.isAvailable };
  const tailer = new HistoryTailer({ history, feed, redis: stream, spool: spool.events, logger });
  const tasks = [
    new PeriodicTask({ name: 'history pushes', intervalMs: 300, run: flush, logger }),
    new PeriodicTask({ name: 'history retention', intervalMs: 3_600_000, run: (signal) => prune(signal), logger }),
  ];

  async function flush(): Promise<void> {
    await admission.quiet(maxYieldMs);
    await pushRecorder.flush();
  }

  async function prune(signal: AbortSignal): Promise<void> {
    const oldest = systemClock.wallMs() - retentionDays * dayMs;
    while (!signal.aborted && (await history.call('prune', oldest, pruneBatch)) === pruneBatch);
  }

  return {
    history,
    feed,
    pushRecorder,
    start() {
      tailer.start();
      for (const task of tasks) task.start();
    },
    async stop() {
      await Promise.all([tailer.stop(), ...tasks.map((task) => task.stop())]);
      // What a full disk rejects here is missing from the event pages only.
      await pushRecorder.flush().catch((err: unknown) => logger.warn({ err }, 'final save failed'));
      await history.close();
    },
  };
}
