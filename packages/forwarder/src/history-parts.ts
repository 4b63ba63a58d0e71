import { join } from 'node:path';
import { Chore, type Logger } from '@shopee-webhook/runtime';
import { HistoryClient } from './history/history-client.ts';
import { LiveFeed } from './history/live-feed.ts';
import { PushKeeper } from './history/push-keeper.ts';
import { HistoryTailer } from './history/tailer.ts';
import type { StoreParts } from './redis-parts.ts';
import type { SpoolParts } from './spool-parts.ts';

/** The look back: DATA_DIR/history.db, what fills it, and the live feed beside it. */
export interface HistoryParts {
  history: HistoryClient;
  feed: LiveFeed;
  pushes: PushKeeper;
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
  store: StoreParts | undefined;
  spool: SpoolParts;
  logger: Logger;
}): HistoryParts {
  const { dataDir, retentionDays, store, spool } = parts;
  const logger = parts.logger.child({ part: 'history' });
  const history = new HistoryClient(join(dataDir, 'history.db'));
  const feed = new LiveFeed();
  const pushes = new PushKeeper(history);
  const redis = store && { activity: store.activity, isUsable: () => store.gate.usable };
  const tailer = new HistoryTailer({ history, feed, redis, spool: spool.events, logger });
  const chores = [
    new Chore({ name: 'history pushes', everyMs: 300, run: () => pushes.flush(), logger }),
    new Chore({ name: 'history retention', everyMs: 3_600_000, run: (signal) => prune(signal), logger }),
  ];

  async function prune(signal: AbortSignal): Promise<void> {
    const oldest = Date.now() - retentionDays * dayMs;
    while (!signal.aborted && (await history.call('prune', oldest, pruneBatch)) === pruneBatch);
  }

  return {
    history,
    feed,
    pushes,
    start() {
      tailer.start();
      for (const chore of chores) chore.start();
    },
    async stop() {
      await Promise.all([tailer.stop(), ...chores.map((chore) => chore.stop())]);
      // What a full disk refuses here is missed by the look back only.
      await pushes.flush().catch((err: unknown) => logger.warn({ err }, 'pushes not kept'));
      await history.close();
    },
  };
}
