import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { ActivityEntry, StoredActivityEntry, ActivityLog } from '@shopee-webhook/store';
import type { HistoryClient } from '../history/history-client.ts';
import type { LiveFeed } from './live-feed.ts';

/** Activity that only the disk spool knows while Redis cannot take it. */
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
/** A read that waits is ended by a step, or after this time, to look at the spool and whether to stop. */
const blockMs = 1_000;
/** After a read, so that what a busy time brings is read and written some at a time; what comes alone is shown at once. */
const batchWindowMs = 150;
const spoolPollMs = 250;
const errorBackoffMs = 1_000;

/**
 * Brings what happens into the history and the live feed: the activity stream while Redis can be used, and what only the
 * spool knows while it cannot. Without Redis the spool's steps are the history's alone and are forgotten there.
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

  /** Ends the read that waits. May be called twice. */
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
        if (failing) this.#deps.logger.info('history is written again');
        failing = false;
      } catch (err) {
        if (signal.aborted) return;
        if (!failing) this.#deps.logger.error({ err }, 'history cannot be written');
        failing = true;
        // The file may have been set aside meanwhile: a new one gets again what the stream still has.
        this.#cursor = undefined;
        await this.#pause(errorBackoffMs);
      }
    }
  }

  /** Takes what is new, and waits a moment when nothing is. */
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
      // Redis went away under the read: the gate says so soon, and an alarm with it.
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
      // With Redis to come back they are the stream's, which every forwarder reads.
      if (redis === undefined) spool.removeSteps(last.seq);
      feed.publishSpool(
        steps.map(({ seq, step }): StoredActivityEntry => ({ ...step, at: step.at ?? 0, entryId: `s${String(seq)}` })),
      );
    }
    await this.#pause(spoolPollMs);
  }

  async #pause(ms: number): Promise<void> {
    // Stopping ends the pause early, which is no fault.
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
