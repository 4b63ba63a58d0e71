import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { ActivityEntry, ActivityLog } from '@shopee-webhook/store';
import type { Spool } from '../spool/spool.ts';
import type { HistoryClient } from './history-client.ts';
import type { LiveFeed } from './live-feed.ts';

export interface TailerOptions {
  history: HistoryClient;
  feed: LiveFeed;
  /** undefined: REDIS_ENABLED=false. */
  redis: { activity: ActivityLog; isUsable: () => boolean } | undefined;
  spool: Pick<Spool, 'steps' | 'forgetSteps'>;
  logger: Logger;
}

const readAtOnce = 1_000;
/** A read that waits is ended by a step, or after this time, to look at the spool and whether to stop. */
const blockMs = 1_000;
/** After a read, so that what a busy time brings is read and written some at a time; what comes alone is shown at once. */
const gatherMs = 150;
const spoolEveryMs = 250;
const troublePauseMs = 1_000;

/**
 * Brings what happens into the history and the live feed: the activity stream while Redis can be used, and what only the
 * spool knows while it cannot. Without Redis the spool's steps are the history's alone and are forgotten there.
 */
export class HistoryTailer {
  readonly #options: TailerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #spooledUpTo = 0;
  #cursor: string | undefined;

  constructor(options: TailerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the read that waits. May be called twice. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.redis?.activity.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failing = false;
    while (!signal.aborted) {
      try {
        await this.round();
        if (failing) this.#options.logger.info('history is written again');
        failing = false;
      } catch (err) {
        if (signal.aborted) return;
        if (!failing) this.#options.logger.error({ err }, 'history cannot be written');
        failing = true;
        // The file may have been set aside meanwhile: a new one gets again what the stream still has.
        this.#cursor = undefined;
        await this.#pause(troublePauseMs);
      }
    }
  }

  /** Takes what is new, and waits a moment when nothing is. */
  async round(): Promise<void> {
    const { redis } = this.#options;
    if (redis?.isUsable() === true) await this.#fromStream(redis.activity);
    else await this.#fromSpool();
  }

  async #fromStream(activity: ActivityLog): Promise<void> {
    const { history, feed } = this.#options;
    this.#cursor ??= await history.call('cursor');
    const read = await activity
      .readText({ after: this.#cursor, count: readAtOnce, blockMs })
      .catch(() => 'failed' as const);
    if (read === 'failed') {
      // Redis went away under the read: the gate says so soon, and an alarm with it.
      await this.#pause(spoolEveryMs);
      return;
    }
    if (read === undefined) return;
    const { text, lastEntryId } = read;
    await history.call('appendText', text, lastEntryId);
    this.#cursor = lastEntryId;
    feed.fromStream(text, lastEntryId);
    await this.#pause(gatherMs);
  }

  async #fromSpool(): Promise<void> {
    const { history, feed, spool, redis } = this.#options;
    const steps = spool.steps({ after: this.#spooledUpTo, limit: readAtOnce });
    const last = steps.at(-1);
    if (last !== undefined) {
      await history.call('appendLocal', steps);
      this.#spooledUpTo = last.seq;
      // With Redis to come back they are the stream's, which every forwarder reads.
      if (redis === undefined) spool.forgetSteps(last.seq);
      feed.fromSpool(
        steps.map(({ seq, step }): ActivityEntry => ({ ...step, at: step.at ?? 0, entryId: `s${String(seq)}` })),
      );
    }
    await this.#pause(spoolEveryMs);
  }

  async #pause(ms: number): Promise<void> {
    // Stopping ends the pause early, which is no fault.
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
