import type { Logger } from '@shopee-webhook/runtime';
import {
  buildMessage,
  crashLimit,
  newMessageId,
  type ActivityLog,
  type ActivityStep,
  type Enqueued,
  type Queue,
} from '@shopee-webhook/store';
import type { Alarms } from '../alarms.ts';
import type { EnqueueGroups } from '../enqueue-groups.ts';
import type { RedisGate } from '../redis-gate.ts';
import type { SpoolFile } from './spool-file.ts';
import type { SpoolOutbox } from './spool-outbox.ts';
import type { Spool, SpooledEvent } from './spool.ts';
import type { WorkerAnswer, WorkerClient } from './worker-client.ts';

export interface DrainerOptions {
  file: SpoolFile;
  spool: Spool;
  outbox: SpoolOutbox;
  /** undefined: REDIS_ENABLED=false. */
  redis: { gate: RedisGate; groups: EnqueueGroups; queue: Queue; activity: ActivityLog } | undefined;
  worker: WorkerClient;
  maxRetries: number;
  alarms: Alarms;
  logger: Logger;
  /** Told of each event that left the spool. */
  onDrained?: (to: 'redis' | 'worker' | 'dead-letter') => void;
  now?: () => number;
}

const batch = 100;
const digestsAtOnce = 500;
/** The worker writes what arrives together in one request to the sheet, so that more at once is more a minute. */
const mostAtOnce = 50;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
/** The worker may be restarting: a person is told when it stays away. */
const alarmAfterMs = 30_000;

/**
 * Empties the spool: into Redis when that is usable, else to the worker over HTTP. An event leaves only when Redis has
 * it or the worker handled it; a crash in between hands it over twice, which the digest (Redis) and the idempotent
 * effects (worker) make harmless. Events of one order go one after the other. Those that the worker had in hand at two
 * crashes go alone, so that a third shows which of them kills it, and only that one becomes a dead letter.
 */
export class Drainer {
  readonly #options: DrainerOptions;
  readonly #inFlight = new Map<number, Promise<void>>();
  /** Answers that could not be recorded (the disk is full): recorded later, without asking the worker again. */
  readonly #unrecorded = new Map<number, { event: SpooledEvent; answer: WorkerAnswer }>();
  /** What Redis has and the spool could not let go (the disk is full): removed later, without giving it to Redis again. */
  #inRedis: { events: SpooledEvent[]; repeats: ActivityStep[] } = { events: [], repeats: [] };
  /** The last step that Redis was told and the spool could not forget; 0: none. */
  #lastStepInRedis = 0;
  /** A suspect is under way: nothing else goes with it. */
  #suspectIsOut = false;
  #abandon = new AbortController();
  #awaySince: number | undefined;
  #pauseMs = firstPauseMs;
  #pausedUntil = 0;
  /** How often the file was written when nothing was in it. */
  #emptyAt: number | undefined;

  constructor(options: DrainerOptions) {
    this.#options = options;
  }

  /** One round: everything into Redis, or as much as the worker may have at once. Does not wait for the worker. */
  async round(signal: AbortSignal): Promise<void> {
    this.#recordAnswers();
    const { redis, file, spool } = this.#options;
    if (this.#emptyAt === file.writes) return;
    if (spool.isEmpty()) {
      this.#emptyAt = file.writes;
      return;
    }
    if (redis?.gate.usable === true) await this.#intoRedis(redis, signal);
    else {
      this.#toWorker(signal);
      this.#removeWhatRedisHas();
    }
  }

  /** One round, and the end of what it handed to the worker. */
  async runOnce(): Promise<void> {
    await this.round(new AbortController().signal);
    await Promise.all(this.#inFlight.values());
  }

  /** Waits for the worker's answers up to `deadlineMs`, then gives up on them: those events stay. */
  async stop(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.abandon(), deadlineMs);
    await Promise.all(this.#inFlight.values());
    clearTimeout(timer);
    this.#recordAnswers();
  }

  abandon(): void {
    this.#abandon.abort();
  }

  async #intoRedis(redis: NonNullable<DrainerOptions['redis']>, signal: AbortSignal): Promise<void> {
    const { spool, maxRetries, onDrained } = this.#options;
    // A digest that cannot leave the spool is no reason for an event to wait.
    const [digests] = await Promise.allSettled([this.#digestsIntoRedis(redis, signal)]);
    this.#removeWhatRedisHas();
    for (;;) {
      const events = spool.oldest(batch, this.#busy());
      const results = await Promise.allSettled(
        events.map(({ id, digest, payloadText, code, shop, sn, acceptedAt }) =>
          redis.groups.enqueue({
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
      const repeats = events.flatMap((event, index) => this.#repeatOf(event, results[index]) ?? []);
      for (const _ of done) onDrained?.('redis');
      this.#inRedis = { events: done, repeats };
      this.#removeWhatRedisHas();
      if (done.length < batch || signal.aborted) break;
    }
    if (redis.gate.usable) await this.#restIntoRedis(redis);
    this.#workerIsBack();
    if (digests.status === 'rejected') throw digests.reason;
  }

  /** Throws while the spool cannot be written. */
  #removeWhatRedisHas(): void {
    const { events, repeats } = this.#inRedis;
    if (events.length === 0) return;
    this.#options.spool.remove(events, repeats);
    this.#inRedis = { events: [], repeats: [] };
  }

  /** First of all: Shopee may repeat what the worker handled meanwhile, and now sends it to Redis. */
  async #digestsIntoRedis({ gate, queue }: NonNullable<DrainerOptions['redis']>, signal: AbortSignal): Promise<void> {
    const { spool } = this.#options;
    for (;;) {
      const digests = spool.handledDigests(digestsAtOnce);
      if (digests.length === 0 || signal.aborted) return;
      await gate.run(() => queue.remember(digests));
      spool.removeHandledDigests(digests);
    }
  }

  /** The last step of an event whose push Redis has under another id; it would seem to wait for ever. */
  #repeatOf(event: SpooledEvent, result: PromiseSettledResult<Enqueued> | undefined): ActivityStep | undefined {
    if (result?.status !== 'fulfilled' || result.value.id === event.id) return undefined;
    const { id, code, shop, sn } = event;
    const error = `Redis had it already, as ${result.value.id}`;
    return { id, step: 'discarded', at: this.#now(), code, shop, sn, reason: 'duplicate', error };
  }

  /** What the worker gave up on, and the steps that Redis was not told. */
  async #restIntoRedis({ gate, queue, activity }: NonNullable<DrainerOptions['redis']>): Promise<void> {
    const { spool, maxRetries } = this.#options;
    for (const letter of spool.deadLetters({ limit: batch })) {
      await gate.run(() => queue.bury({ ...letter, maxRetries }));
      spool.removeDeadLetters([letter.id]);
    }
    const steps = spool.steps({ after: this.#lastStepInRedis, limit: 1_000 });
    const last = steps.at(-1);
    if (last !== undefined) {
      await gate.run(() => activity.append(steps.map(({ step }) => step)));
      this.#lastStepInRedis = last.seq;
    }
    if (this.#lastStepInRedis === 0) return;
    spool.forgetSteps(this.#lastStepInRedis);
    this.#lastStepInRedis = 0;
  }

  #toWorker(signal: AbortSignal): void {
    const { spool } = this.#options;
    const room = mostAtOnce - this.#inFlight.size;
    if (signal.aborted || room <= 0 || this.#now() < this.#pausedUntil) return;
    for (const event of this.#together(spool.due(room, this.#busy()).slice(0, room))) {
      if (isSuspect(event)) this.#suspectIsOut = true;
      const handing = this.#hand(event).finally(() => {
        this.#inFlight.delete(event.seq);
        if (isSuspect(event)) this.#suspectIsOut = false;
        // The next one at once, not at the next round.
        if (this.#options.redis?.gate.usable !== true) this.#toWorkerQuietly(signal);
      });
      this.#inFlight.set(event.seq, handing);
    }
  }

  /** Of those that are due, the first ones that may go together with what is under way. */
  #together(due: SpooledEvent[]): SpooledEvent[] {
    if (this.#suspectIsOut) return [];
    const suspect = due.findIndex(isSuspect);
    if (suspect === 0) return this.#inFlight.size === 0 ? due.slice(0, 1) : [];
    return suspect === -1 ? due : due.slice(0, suspect);
  }

  #toWorkerQuietly(signal: AbortSignal): void {
    try {
      this.#toWorker(signal);
    } catch (err) {
      // The spool cannot be read now; the chore's next round says so.
      this.#options.logger.debug({ err }, 'drainer stopped early');
    }
  }

  async #hand(event: SpooledEvent): Promise<void> {
    const { worker, maxRetries, logger } = this.#options;
    const { id, payloadText, acceptedAt } = event;
    const message = buildMessage(id, payloadText, {
      retry_count: event.attempts,
      enqueued_at: acceptedAt,
      max_retries: maxRetries,
      source: 'push',
    });
    const startedAt = this.#now();
    const answer = await worker.process(message, this.#abandon.signal);
    if (this.#abandon.signal.aborted) return;
    if (answer.kind === 'away') {
      if (answer.brokeOff === true) this.#brokeOff(event);
      this.#workerIsAway(answer.error);
      return;
    }
    this.#workerIsBack();
    logger.info(
      { id, code: event.code, shop: event.shop, ms: this.#now() - startedAt, outcome: answer.kind },
      'handed to the worker',
    );
    this.#record(event, answer);
  }

  #brokeOff(event: SpooledEvent): void {
    const { spool, logger, onDrained } = this.#options;
    const { id, code, shop, sn } = event;
    const times = event.brokenOff + 1;
    const facts = { id, at: this.#now(), code, shop, sn, attempt: event.attempts + 1 };
    try {
      if (times < crashLimit) {
        spool.noteBrokenOff(event, [{ ...facts, step: 'returned', reason: 'consumer-died' }]);
        return;
      }
      const why = { reason: 'crash-loop', error: `in hand ${String(times)} times when the worker ended` };
      spool.bury(event, why, [{ ...facts, step: 'dead-lettered', ...why }]);
      logger.error({ id, code, shop, ...why }, 'delivery given up');
      onDrained?.('dead-letter');
    } catch (err) {
      // The disk is full: it is counted the next time.
      logger.error({ err, id }, 'end of the worker not recorded');
    }
  }

  #record(event: SpooledEvent, answer: WorkerAnswer): void {
    try {
      this.#write(event, answer);
      this.#unrecorded.delete(event.seq);
    } catch (err) {
      this.#unrecorded.set(event.seq, { event, answer });
      this.#options.logger.error({ err, id: event.id, outcome: answer.kind }, 'answer of the worker not recorded');
    }
  }

  #recordAnswers(): void {
    for (const { event, answer } of this.#unrecorded.values()) this.#record(event, answer);
  }

  #write(event: SpooledEvent, answer: WorkerAnswer): void {
    const { spool, outbox, onDrained } = this.#options;
    const { id, code, shop, sn } = event;
    const attempt = event.attempts + 1;
    // The worker knows better what happened; each step gets the number of this delivery.
    const told = 'steps' in answer ? answer.steps?.map((one) => ({ ...one, attempt })) : undefined;
    const steps = (step: ActivityStep['step'], more: Partial<ActivityStep> = {}): ActivityStep[] =>
      told ?? [{ id, step, at: this.#now(), code, shop, sn, attempt, ...more }];
    switch (answer.kind) {
      case 'handled': {
        const text = answer.notificationText;
        spool.handled(event, text === undefined ? undefined : { id: newMessageId(), text }, steps('handled'));
        onDrained?.('worker');
        outbox.wake();
        return;
      }
      case 'dead-letter':
        spool.bury(event, answer, steps('dead-lettered', { reason: answer.reason, error: answer.error }));
        onDrained?.('dead-letter');
        return;
      case 'retry':
        spool.postpone(event, answer, told ?? []);
        return;
      case 'away':
        return;
    }
  }

  #busy(): ReadonlySet<number> {
    const inRedis = this.#inRedis.events.map(({ seq }) => seq);
    return new Set([...this.#inFlight.keys(), ...this.#unrecorded.keys(), ...inRedis]);
  }

  #workerIsAway(error: string): void {
    const { logger, alarms } = this.#options;
    const now = this.#now();
    if (this.#awaySince === undefined) {
      this.#awaySince = now;
      logger.warn({ error }, 'worker cannot be reached');
    }
    if (now >= this.#pausedUntil) {
      this.#pausedUntil = now + this.#pauseMs * (0.5 + Math.random() / 2);
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
    }
    if (now - this.#awaySince < alarmAfterMs) return;
    const text = `Pushes wait on the forwarder's disk: Redis is not in use and the worker does not take them. ${error}`;
    alarms.begin('worker-away', { severity: 'critical', title: 'Neither Redis nor the worker can be reached', text });
  }

  #workerIsBack(): void {
    if (this.#awaySince !== undefined) this.#options.logger.info('pushes leave the spool again');
    this.#awaySince = undefined;
    this.#pauseMs = firstPauseMs;
    this.#pausedUntil = 0;
    this.#options.alarms.end('worker-away', {
      title: 'Waiting pushes are being handled',
      text: 'They leave the disk in order.',
    });
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

function isSuspect({ brokenOff }: SpooledEvent): boolean {
  return brokenOff >= crashLimit - 1;
}
