import { type Logger, systemClock } from '@shopee-webhook/runtime';
import {
  buildMessage,
  maxDeliveryCount,
  newMessageId,
  type ActivityLog,
  type ActivityEntry,
  type EnqueueBatcher,
  type EnqueueResult,
  type Queue,
} from '@shopee-webhook/store';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { SpoolFile } from './spool-file.ts';
import type { SpoolOutbox } from './spool-outbox.ts';
import type { Spool, SpooledEvent } from './spool.ts';
import type { WorkerResponse, WorkerClient } from './worker-client.ts';

export interface DrainerDeps {
  file: SpoolFile;
  spool: Spool;
  outbox: SpoolOutbox;
  /** undefined: REDIS_ENABLED=false. */
  redis: { monitor: RedisMonitor; batcher: EnqueueBatcher; queue: Queue; activity: ActivityLog } | undefined;
  worker: WorkerClient;
  maxRetries: number;
  logger: Logger;
  /** Called with each event that left the spool. */
  onDrained?: (to: 'redis' | 'worker' | 'dead-letter') => void;
}

interface Delivered {
  events: SpooledEvent[];
  repeats: ActivityEntry[];
  /** How many of them Redis had counted before. */
  late: number;
}

const nothingDelivered: Delivered = { events: [], repeats: [], late: 0 };
const batchSize = 100;
const digestBatchSize = 500;
/** The worker writes what arrives together in one request to the sheet: more at once is more a minute. */
const maxConcurrent = 50;
/** Responses within this time share a transaction. */
const saveDelayMs = 50;
const initialPauseMs = 1_000;
const maxPauseMs = 30_000;

/**
 * Empties the spool: into Redis when that is available, else to the worker over HTTP. An event leaves only when Redis has
 * it or the worker handled it; a crash in between delivers it twice, which the digest (Redis) and the idempotent effects
 * (worker) make harmless. Events of one order go one after the other. Those that were in flight at two crashes of the
 * worker go alone, so that a third shows which of them crashes it, and only that one becomes a dead letter.
 */
export class Drainer {
  readonly #deps: DrainerDeps;
  readonly #inFlight = new Map<number, Promise<void>>();
  /** Responses of the worker that are saved together, or later (the disk is full), without asking the worker again. */
  readonly #unsaved = new Map<number, { event: SpooledEvent; response: WorkerResponse }>();
  /** What Redis has and the spool could not remove (the disk is full): removed later, without sending it to Redis again. */
  #delivered: Delivered = nothingDelivered;
  /** The last activity that Redis has and the spool could not remove; 0: none. */
  #lastDeliveredActivity = 0;
  /** A suspect is in flight: nothing else goes with it. */
  #suspectInFlight = false;
  #forceStop = new AbortController();
  #unavailable: { since: number; error: string } | undefined;
  #pauseMs = initialPauseMs;
  #pausedUntil = 0;
  /** Events in a row that the worker deferred: what it waits for concerns all. */
  #deferredInARow = 0;
  #isSaveScheduled = false;
  /** `writes` of the file when nothing was in it. */
  #emptyAt: number | undefined;

  constructor(deps: DrainerDeps) {
    this.#deps = deps;
  }

  /** For how long the worker has not been reachable while events waited for it. */
  get workerUnreachable(): { ms: number; error: string } | undefined {
    const { since, error } = this.#unavailable ?? {};
    return since === undefined || error === undefined ? undefined : { ms: systemClock.monotonicMs() - since, error };
  }

  /** Drains everything into Redis, or as much as the worker may have at once. Does not wait for the worker. */
  async tick(signal: AbortSignal): Promise<void> {
    this.#saveResponses();
    const { redis, file, spool } = this.#deps;
    if (this.#emptyAt === file.writes) return;
    if (spool.isEmpty()) {
      this.#emptyAt = file.writes;
      return;
    }
    if (redis?.monitor.isAvailable === true) await this.#drainToRedis(redis, signal);
    else {
      this.#toWorker(signal);
      this.#removeDelivered();
    }
  }

  /** One tick, and the responses to what it sent to the worker. */
  async runOnce(): Promise<void> {
    await this.tick(new AbortController().signal);
    await Promise.all(this.#inFlight.values());
    this.#saveResponses();
  }

  /** Waits for the worker's responses up to `deadlineMs`, then aborts: those events stay. */
  async stop(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.forceStop(), deadlineMs);
    await Promise.all(this.#inFlight.values());
    clearTimeout(timer);
    this.#saveResponses();
  }

  forceStop(): void {
    this.#forceStop.abort();
  }

  async #drainToRedis(redis: NonNullable<DrainerDeps['redis']>, signal: AbortSignal): Promise<void> {
    const { spool, maxRetries, onDrained } = this.#deps;
    // A digest that cannot be removed is no reason for an event to wait.
    const [digests] = await Promise.allSettled([this.#drainDigests(redis, signal)]);
    this.#removeDelivered();
    for (;;) {
      const events = spool.oldest(batchSize, this.#excluded());
      const results = await Promise.allSettled(
        events.map(({ id, digest, payloadText, code, shop, sn, acceptedAt }) =>
          redis.batcher.enqueue({
            payloadText,
            id,
            digest,
            maxRetries,
            source: 'push',
            enqueuedAt: acceptedAt,
            activity: { code, shop, sn },
          }),
        ),
      );
      const done = events.filter((_, index) => results[index]?.status === 'fulfilled');
      const repeats = events.flatMap((event, index) => this.#toDuplicate(event, results[index]) ?? []);
      for (const _ of done) onDrained?.('redis');
      const late = events.filter((event, index) => isTakenLate(event, results[index])).length;
      this.#delivered = { events: done, repeats, late };
      this.#removeDelivered();
      if (done.length < batchSize || signal.aborted) break;
    }
    if (redis.monitor.isAvailable) await this.#drainRemaining(redis);
    this.#onWorkerReachable();
    if (digests.status === 'rejected') throw digests.reason;
  }

  /** Throws while the spool cannot be written. */
  #removeDelivered(): void {
    const { events, repeats, late } = this.#delivered;
    if (events.length === 0) return;
    this.#deps.spool.remove(events, { activity: repeats, late });
    this.#delivered = nothingDelivered;
  }

  /** First of all: Shopee may repeat what the worker handled meanwhile, and that now goes to Redis. */
  async #drainDigests({ monitor, queue }: NonNullable<DrainerDeps['redis']>, signal: AbortSignal): Promise<void> {
    const { spool } = this.#deps;
    for (;;) {
      const digests = spool.handledDigests(digestBatchSize);
      if (digests.length === 0 || signal.aborted) return;
      const late = await monitor.run(() => queue.markSeen(digests));
      spool.removeHandledDigests(digests, late.length);
    }
  }

  /** The last activity of an event whose push Redis has under another id; it would seem to wait forever. */
  #toDuplicate(
    event: SpooledEvent,
    result: PromiseSettledResult<EnqueueResult> | undefined,
  ): ActivityEntry | undefined {
    if (result?.status !== 'fulfilled' || result.value.id === event.id) return undefined;
    const { id, code, shop, sn } = event;
    const error = `Redis had it already, as ${result.value.id}`;
    return { id, step: 'discarded', at: systemClock.wallMs(), code, shop, sn, reason: 'duplicate', error };
  }

  /** Dead letters, and the activity that Redis does not have. */
  async #drainRemaining({ monitor, queue, activity }: NonNullable<DrainerDeps['redis']>): Promise<void> {
    const { spool, maxRetries } = this.#deps;
    for (const deadLetter of spool.deadLetters({ limit: batchSize })) {
      await monitor.run(() => queue.deadLetter({ ...deadLetter, maxRetries }));
      spool.removeDeadLetters([deadLetter.id]);
    }
    const steps = spool.steps({ after: this.#lastDeliveredActivity, limit: 1_000 });
    const last = steps.at(-1);
    if (last !== undefined) {
      await monitor.run(() => activity.append(steps.map(({ step }) => step)));
      this.#lastDeliveredActivity = last.seq;
    }
    if (this.#lastDeliveredActivity === 0) return;
    spool.removeSteps(this.#lastDeliveredActivity);
    this.#lastDeliveredActivity = 0;
  }

  #toWorker(signal: AbortSignal): void {
    const { spool } = this.#deps;
    const capacity = maxConcurrent - this.#inFlight.size;
    if (signal.aborted || capacity <= 0 || systemClock.monotonicMs() < this.#pausedUntil) return;
    for (const event of this.#selectConcurrent(spool.due(capacity, this.#excluded()).slice(0, capacity))) {
      if (isSuspect(event)) this.#suspectInFlight = true;
      const delivery = this.#deliver(event).finally(() => {
        this.#inFlight.delete(event.seq);
        if (isSuspect(event)) this.#suspectInFlight = false;
        // The next one at once, not at the next tick.
        if (this.#deps.redis?.monitor.isAvailable !== true) this.#toWorkerBestEffort(signal);
      });
      this.#inFlight.set(event.seq, delivery);
    }
  }

  /** Of those that are due, the first ones that may go together with what is in flight. */
  #selectConcurrent(due: SpooledEvent[]): SpooledEvent[] {
    if (this.#suspectInFlight) return [];
    const suspect = due.findIndex(isSuspect);
    if (suspect === 0) return this.#inFlight.size === 0 ? due.slice(0, 1) : [];
    return suspect === -1 ? due : due.slice(0, suspect);
  }

  #toWorkerBestEffort(signal: AbortSignal): void {
    try {
      this.#toWorker(signal);
    } catch (err) {
      // The spool cannot be read now: the next tick fails with it.
      this.#deps.logger.debug({ err }, 'drainer stopped early');
    }
  }

  async #deliver(event: SpooledEvent): Promise<void> {
    const { worker, maxRetries, logger } = this.#deps;
    const { id, payloadText, acceptedAt } = event;
    const message = buildMessage(id, payloadText, {
      retry_count: event.attempts,
      enqueued_at: acceptedAt,
      max_retries: maxRetries,
      source: 'push',
    });
    const startedAt = systemClock.monotonicMs();
    const response = await worker.process(message, this.#forceStop.signal);
    if (this.#forceStop.signal.aborted) return;
    if (response.kind === 'unreachable') {
      if (response.interrupted === true) this.#recordInterruption(event);
      this.#onWorkerUnreachable(response.error);
      return;
    }
    this.#onWorkerReachable();
    const { code, shop } = event;
    const ms = Math.round(systemClock.monotonicMs() - startedAt);
    logger.info({ id, code, shop, ms, outcome: response.kind }, 'delivered to worker over http');
    this.#record(event, response);
  }

  #recordInterruption(event: SpooledEvent): void {
    const { spool, logger, onDrained } = this.#deps;
    const { id, code, shop, sn } = event;
    const times = event.interruptions + 1;
    const facts = { id, at: systemClock.wallMs(), code, shop, sn, attempt: event.attempts + 1 };
    try {
      if (times < maxDeliveryCount) {
        spool.recordInterruption(event, [{ ...facts, step: 'requeued', reason: 'consumer-died' }]);
        return;
      }
      const failure = { reason: 'crash-loop', error: `in flight ${String(times)} times when the worker crashed` };
      spool.deadLetter(event, failure, [{ ...facts, step: 'dead-lettered', ...failure }]);
      logger.error({ id, code, shop, ...failure }, 'event dead-lettered');
      onDrained?.('dead-letter');
    } catch (err) {
      // The disk is full: it is counted the next time.
      logger.error({ err, id }, 'worker crash not recorded');
    }
  }

  /** Responses that come in together are saved in one transaction. */
  #record(event: SpooledEvent, response: WorkerResponse): void {
    this.#unsaved.set(event.seq, { event, response });
    this.#paceDeferrals(response);
    if (this.#isSaveScheduled) return;
    this.#isSaveScheduled = true;
    setTimeout(() => {
      this.#isSaveScheduled = false;
      this.#saveResponses();
    }, saveDelayMs).unref();
  }

  /** What cannot be saved now is saved by a later tick. */
  #saveResponses(): void {
    const unsaved = [...this.#unsaved.values()];
    if (unsaved.length === 0) return;
    const { file, outbox, logger, onDrained } = this.#deps;
    try {
      file.write(() => {
        for (const { event, response } of unsaved) this.#write(event, response);
      });
    } catch (err) {
      logger.error({ err, events: unsaved.length }, 'worker responses not recorded');
      return;
    }
    for (const { event, response } of unsaved) {
      this.#unsaved.delete(event.seq);
      if (response.kind === 'handled') onDrained?.('worker');
      if (response.kind === 'dead-letter') onDrained?.('dead-letter');
    }
    outbox.notifyAdded();
  }

  /** When the worker defers one event after the other (Shopee or Google is down), it is not asked with all of them. */
  #paceDeferrals(response: WorkerResponse): void {
    const isDeferred = response.kind === 'retry' && !response.countsAsFailure;
    this.#deferredInARow = isDeferred ? this.#deferredInARow + 1 : 0;
    if (this.#deferredInARow >= maxConcurrent) this.#pause();
    else if (!isDeferred) this.#pauseMs = initialPauseMs;
  }

  #write(event: SpooledEvent, response: WorkerResponse): void {
    const { spool } = this.#deps;
    const { id, code, shop, sn } = event;
    const attempt = event.attempts + 1;
    // The worker knows better what happened; each entry gets the number of this delivery.
    const reported = 'steps' in response ? response.steps?.map((one) => ({ ...one, attempt })) : undefined;
    const steps = (step: ActivityEntry['step'], more: Partial<ActivityEntry> = {}): ActivityEntry[] =>
      reported ?? [{ id, step, at: systemClock.wallMs(), code, shop, sn, attempt, ...more }];
    switch (response.kind) {
      case 'handled': {
        const text = response.notificationText;
        spool.handled(event, text === undefined ? undefined : { id: newMessageId(), text }, steps('handled'));
        return;
      }
      case 'dead-letter':
        spool.deadLetter(event, response, steps('dead-lettered', { reason: response.reason, error: response.error }));
        return;
      case 'retry':
        spool.defer(event, response, reported ?? []);
        return;
      case 'unreachable':
        return;
    }
  }

  #excluded(): ReadonlySet<number> {
    const inRedis = this.#delivered.events.map(({ seq }) => seq);
    return new Set([...this.#inFlight.keys(), ...this.#unsaved.keys(), ...inRedis]);
  }

  #onWorkerUnreachable(error: string): void {
    if (this.#unavailable === undefined) this.#deps.logger.warn({ error }, 'worker unreachable');
    this.#unavailable = { since: this.#unavailable?.since ?? systemClock.monotonicMs(), error };
    this.#pause();
  }

  #onWorkerReachable(): void {
    if (this.#unavailable === undefined) return;
    this.#deps.logger.info('spool draining resumed');
    this.#unavailable = undefined;
    this.#pauseMs = initialPauseMs;
    this.#pausedUntil = 0;
  }

  #pause(): void {
    const now = systemClock.monotonicMs();
    if (now < this.#pausedUntil) return;
    this.#pausedUntil = now + this.#pauseMs * (0.5 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
  }
}

/** It was not known whether Redis would apply its write: it did, so that it was counted there before. */
function isTakenLate(event: SpooledEvent, result: PromiseSettledResult<EnqueueResult> | undefined): boolean {
  return event.uncertain && result?.status === 'fulfilled' && isDuplicateOf(event, result.value);
}

function isDuplicateOf({ id }: SpooledEvent, { kind, id: known }: EnqueueResult): boolean {
  return kind === 'duplicate' && known === id;
}

function isSuspect({ interruptions }: SpooledEvent): boolean {
  return interruptions >= maxDeliveryCount - 1;
}
