import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { ActivityEntry, StoredActivityEntry, ActivityLog } from '@shopee-webhook/store';
import type { HistoryClient } from '../history/history-client.ts';
import type { LiveFeed } from './live-feed.ts';

/** Activity that only the disk spool has while Redis is unavailable. */
export interface SpooledActivity {
  /** Entries after a cursor, oldest first. */
  steps(options: { after: number; limit: number }): { seq: number; step: ActivityEntry }[];
  /** Removes entries up to and including `seq`. */
  removeSteps(seq: number): void;
}

export interface TailerDeps {
  history: HistoryClient;
  feed: LiveFeed;
  /** undefined: REDIS_ENABLED=false. */
  redis: { activity: ActivityLog; isAvailable: () => boolean } | undefined;
  spool: SpooledActivity;
  logger: Logger;
}

const readBatchSize = 1_000;
/** A blocking read ends with an entry or after this time, to check the spool and the stop signal. */
const blockMs = 1_000;
/** After a read, to batch what a busy time brings; a single entry is shown immediately. */
const batchWindowMs = 150;
const spoolPollMs = 250;
const errorBackoffMs = 1_000;

/**
 * Tails activity into the history and the live feed: the stream while Redis is available, and what only the
 * spool has while it is not. With REDIS_ENABLED=false only the history needs the spool's entries, which are then removed.
 */
export class HistoryTailer {
  readonly #deps: TailerDeps;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #spoolCursor = 0;
  #cursor: string | undefined;

  constructor(options: TailerDeps) {
    this.#deps = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the blocking read. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#deps.redis?.activity.close();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failing = false;
    while (!signal.aborted) {
      try {
        await this.poll();
        if (failing) this.#deps.logger.info('history writes recovered');
        failing = false;
      } catch (err) {
        if (signal.aborted) return;
        if (!failing) this.#deps.logger.error({ err }, 'history write failed');
        failing = true;
        // The file may have been quarantined meanwhile: a new one is refilled from the stream.
        this.#cursor = undefined;
        await this.#pause(errorBackoffMs);
      }
    }
  }

  /** Reads what is new, or waits a moment. */
  async poll(): Promise<void> {
    const { redis } = this.#deps;
    if (redis?.isAvailable() === true) await this.#readStream(redis.activity);
    else await this.#readSpool();
  }

  async #readStream(activity: ActivityLog): Promise<void> {
    const { history, feed } = this.#deps;
    this.#cursor ??= await history.call('cursor');
    const read = await activity
      .readText({ after: this.#cursor, count: readBatchSize, blockMs })
      .catch(() => 'failed' as const);
    if (read === 'failed') {
      // Redis disconnected during the read: its monitor reports that.
      await this.#pause(spoolPollMs);
      return;
    }
    if (read === undefined) return;
    const { text, lastEntryId } = read;
    await history.call('appendText', text, lastEntryId);
    this.#cursor = lastEntryId;
    feed.publishStream(text, lastEntryId);
    await this.#pause(batchWindowMs);
  }

  async #readSpool(): Promise<void> {
    const { history, feed, spool, redis } = this.#deps;
    const steps = spool.steps({ after: this.#spoolCursor, limit: readBatchSize });
    const last = steps.at(-1);
    if (last !== undefined) {
      await history.call('appendLocal', steps);
      this.#spoolCursor = last.seq;
      // Otherwise they are relayed to the stream, which every forwarder reads.
      if (redis === undefined) spool.removeSteps(last.seq);
      feed.publishSpool(
        steps.map(({ seq, step }): StoredActivityEntry => ({ ...step, at: step.at ?? 0, entryId: `s${String(seq)}` })),
      );
    }
    await this.#pause(spoolPollMs);
  }

  async #pause(ms: number): Promise<void> {
    // Stopping ends the pause early.
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
