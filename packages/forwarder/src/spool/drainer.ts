import type { Logger } from '@shopee-webhook/runtime';
import {
  buildMessage,
  maxDeliveryCount,
  newMessageId,
  type ActivityLog,
  type ActivityEntry,
  type EnqueueResult,
  type Queue,
} from '@shopee-webhook/store';
import type { Alerts } from '../alerts/alerts.ts';
import type { EnqueueBatcher } from '../ingest/enqueue-batcher.ts';
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
  alerts: Alerts;
  logger: Logger;
  /** Told of each event that left the spool. */
  onDrained?: (to: 'redis' | 'worker' | 'dead-letter') => void;
  now?: () => number;
}

const batchSize = 100;
const digestBatchSize = 500;
/** The worker writes what arrives together in one request to the sheet, so that more at once is more a minute. */
const maxConcurrent = 50;
const initialPauseMs = 1_000;
const maxPauseMs = 30_000;
/** The worker may be restarting: a person is told when it stays away. */
const alertAfterMs = 30_000;

/**
 * Empties the spool: into Redis when that is usable, else to the worker over HTTP. An event leaves only when Redis has
 * it or the worker handled it; a crash in between hands it over twice, which the digest (Redis) and the idempotent
 * effects (worker) make harmless. Events of one order go one after the other. Those that the worker had in hand at two
 * crashes go alone, so that a third shows which of them kills it, and only that one becomes a dead letter.
 */
export class Drainer {
  readonly #deps: DrainerDeps;
  readonly #inFlight = new Map<number, Promise<void>>();
  /** Answers that could not be recorded (the disk is full): recorded later, without asking the worker again. */
  readonly #unsaved = new Map<number, { event: SpooledEvent; response: WorkerResponse }>();
  /** What Redis has and the spool could not let go (the disk is full): removed later, without giving it to Redis again. */
  #delivered: { events: SpooledEvent[]; repeats: ActivityEntry[] } = { events: [], repeats: [] };
  /** The last step that Redis was told and the spool could not forget; 0: none. */
  #lastDeliveredActivity = 0;
  /** A suspect is under way: nothing else goes with it. */
  #suspectInFlight = false;
  #forceStop = new AbortController();
  #unavailableSince: number | undefined;
  #pauseMs = initialPauseMs;
  #pausedUntil = 0;
  /** How often the file was written when nothing was in it. */
  #emptyAt: number | undefined;

  constructor(deps: DrainerDeps) {
    this.#deps = deps;
  }

  /** One round: everything into Redis, or as much as the worker may have at once. Does not wait for the worker. */
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

  /** One round, and the end of what it handed to the worker. */
  async runOnce(): Promise<void> {
    await this.tick(new AbortController().signal);
    await Promise.all(this.#inFlight.values());
  }

  /** Waits for the worker's answers up to `deadlineMs`, then gives up on them: those events stay. */
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
    // A digest that cannot leave the spool is no reason for an event to wait.
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
      this.#delivered = { events: done, repeats };
      this.#removeDelivered();
      if (done.length < batchSize || signal.aborted) break;
    }
    if (redis.monitor.isAvailable) await this.#drainRemaining(redis);
    this.#onWorkerReachable();
    if (digests.status === 'rejected') throw digests.reason;
  }

  /** Throws while the spool cannot be written. */
  #removeDelivered(): void {
    const { events, repeats } = this.#delivered;
    if (events.length === 0) return;
    this.#deps.spool.remove(events, repeats);
    this.#delivered = { events: [], repeats: [] };
  }

  /** First of all: Shopee may repeat what the worker handled meanwhile, and now sends it to Redis. */
  async #drainDigests({ monitor, queue }: NonNullable<DrainerDeps['redis']>, signal: AbortSignal): Promise<void> {
    const { spool } = this.#deps;
    for (;;) {
      const digests = spool.handledDigests(digestBatchSize);
      if (digests.length === 0 || signal.aborted) return;
      await monitor.run(() => queue.markSeen(digests));
      spool.removeHandledDigests(digests);
    }
  }

  /** The last step of an event whose push Redis has under another id; it would seem to wait for ever. */
  #toDuplicate(
    event: SpooledEvent,
    result: PromiseSettledResult<EnqueueResult> | undefined,
  ): ActivityEntry | undefined {
    if (result?.status !== 'fulfilled' || result.value.id === event.id) return undefined;
    const { id, code, shop, sn } = event;
    const error = `Redis had it already, as ${result.value.id}`;
    return { id, step: 'discarded', at: this.#now(), code, shop, sn, reason: 'duplicate', error };
  }

  /** What the worker gave up on, and the steps that Redis was not told. */
  async #drainRemaining({ monitor, queue, activity }: NonNullable<DrainerDeps['redis']>): Promise<void> {
    const { spool, maxRetries } = this.#deps;
    for (const letter of spool.deadLetters({ limit: batchSize })) {
      await monitor.run(() => queue.deadLetter({ ...letter, maxRetries }));
      spool.removeDeadLetters([letter.id]);
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
    if (signal.aborted || capacity <= 0 || this.#now() < this.#pausedUntil) return;
    for (const event of this.#selectConcurrent(spool.due(capacity, this.#excluded()).slice(0, capacity))) {
      if (isSuspect(event)) this.#suspectInFlight = true;
      const delivery = this.#deliver(event).finally(() => {
        this.#inFlight.delete(event.seq);
        if (isSuspect(event)) this.#suspectInFlight = false;
        // The next one at once, not at the next round.
        if (this.#deps.redis?.monitor.isAvailable !== true) this.#toWorkerBestEffort(signal);
      });
      this.#inFlight.set(event.seq, delivery);
    }
  }

  /** Of those that are due, the first ones that may go together with what is under way. */
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
      // The spool cannot be read now; the chore's next round says so.
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
    const startedAt = this.#now();
    const response = await worker.process(message, this.#forceStop.signal);
    if (this.#forceStop.signal.aborted) return;
    if (response.kind === 'away') {
      if (response.interrupted === true) this.#recordInterruption(event);
      this.#onWorkerUnreachable(response.error);
      return;
    }
    this.#onWorkerReachable();
    logger.info(
      { id, code: event.code, shop: event.shop, ms: this.#now() - startedAt, outcome: response.kind },
      'handed to the worker',
    );
    this.#record(event, response);
  }

  #recordInterruption(event: SpooledEvent): void {
    const { spool, logger, onDrained } = this.#deps;
    const { id, code, shop, sn } = event;
    const times = event.interruptions + 1;
    const facts = { id, at: this.#now(), code, shop, sn, attempt: event.attempts + 1 };
    try {
      if (times < maxDeliveryCount) {
        spool.recordInterruption(event, [{ ...facts, step: 'requeued', reason: 'consumer-died' }]);
        return;
      }
      const failure = { reason: 'crash-loop', error: `in hand ${String(times)} times when the worker ended` };
      spool.deadLetter(event, failure, [{ ...facts, step: 'dead-lettered', ...failure }]);
      logger.error({ id, code, shop, ...failure }, 'delivery given up');
      onDrained?.('dead-letter');
    } catch (err) {
      // The disk is full: it is counted the next time.
      logger.error({ err, id }, 'end of the worker not recorded');
    }
  }

  #record(event: SpooledEvent, response: WorkerResponse): void {
    try {
      this.#write(event, response);
      this.#unsaved.delete(event.seq);
    } catch (err) {
      this.#unsaved.set(event.seq, { event, response });
      this.#deps.logger.error({ err, id: event.id, outcome: response.kind }, 'answer of the worker not recorded');
    }
  }

  #saveResponses(): void {
    for (const { event, response } of this.#unsaved.values()) this.#record(event, response);
  }

  #write(event: SpooledEvent, response: WorkerResponse): void {
    const { spool, outbox, onDrained } = this.#deps;
    const { id, code, shop, sn } = event;
    const attempt = event.attempts + 1;
    // The worker knows better what happened; each step gets the number of this delivery.
    const reported = 'steps' in response ? response.steps?.map((one) => ({ ...one, attempt })) : undefined;
    const steps = (step: ActivityEntry['step'], more: Partial<ActivityEntry> = {}): ActivityEntry[] =>
      reported ?? [{ id, step, at: this.#now(), code, shop, sn, attempt, ...more }];
    switch (response.kind) {
      case 'handled': {
        const text = response.notificationText;
        spool.handled(event, text === undefined ? undefined : { id: newMessageId(), text }, steps('handled'));
        onDrained?.('worker');
        outbox.notifyAdded();
        return;
      }
      case 'dead-letter':
        spool.deadLetter(event, response, steps('dead-lettered', { reason: response.reason, error: response.error }));
        onDrained?.('dead-letter');
        return;
      case 'retry':
        spool.defer(event, response, reported ?? []);
        return;
      case 'away':
        return;
    }
  }

  #excluded(): ReadonlySet<number> {
    const inRedis = this.#delivered.events.map(({ seq }) => seq);
    return new Set([...this.#inFlight.keys(), ...this.#unsaved.keys(), ...inRedis]);
  }

  #onWorkerUnreachable(error: string): void {
    const { logger, alerts } = this.#deps;
    const now = this.#now();
    if (this.#unavailableSince === undefined) {
      this.#unavailableSince = now;
      logger.warn({ error }, 'worker cannot be reached');
    }
    if (now >= this.#pausedUntil) {
      this.#pausedUntil = now + this.#pauseMs * (0.5 + Math.random() / 2);
      this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
    }
    if (now - this.#unavailableSince < alertAfterMs) return;
    const text = `Pushes wait on the forwarder's disk: Redis is not in use and the worker does not take them. ${error}`;
    alerts.raise('worker-away', { severity: 'critical', title: 'Neither Redis nor the worker can be reached', text });
  }

  #onWorkerReachable(): void {
    if (this.#unavailableSince !== undefined) this.#deps.logger.info('pushes leave the spool again');
    this.#unavailableSince = undefined;
    this.#pauseMs = initialPauseMs;
    this.#pausedUntil = 0;
    this.#deps.alerts.resolve('worker-away', {
      title: 'Waiting pushes are being handled',
      text: 'They leave the disk in order.',
    });
  }

  #now(): number {
    return this.#deps.now?.() ?? Date.now();
  }
}

function isSuspect({ interruptions }: SpooledEvent): boolean {
  return interruptions >= maxDeliveryCount - 1;
}
