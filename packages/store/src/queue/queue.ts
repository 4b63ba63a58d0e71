import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime/clock';
import type { RedisConnection } from '../redis/connection.ts';
import { parseDelivery, type Delivery, type Settlement } from './delivery.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import { toDeadLetterRecord, type DeadLetterInput } from '../dead-letters/dead-letter.ts';
import { deadLetterScript } from '../dead-letters/dead-letter-scripts.ts';
import { InFlight } from './in-flight.ts';
import { deadLetterKeys, type QueueKeys } from '../redis/keys.ts';
import {
  enqueueAll,
  type EnqueueOptions,
  type EnqueueRequest,
  type EnqueueResult,
  type EnqueueTarget,
} from './enqueue.ts';
import { fillBatchScript, heartbeatScript, settleScript, takeSuspectsScript } from './queue-scripts.ts';
import type { Replication } from '../redis/replication.ts';
import { RetrySet } from './retry-set.ts';
import { LeaseReclaimer, type ReclaimResult } from './lease-reclaimer.ts';
import { settlementArgs } from './lua-args.ts';

/** The digest of a push that was accepted without Redis as message `id`; known until `until`, ms. */
export interface SeenDigest {
  digest: string;
  id: string;
  until: number;
}

export interface TakeOptions {
  max: number;
  blockMs: number;
  signal?: AbortSignal | undefined;
}

export interface QueueDeps {
  redis: RedisConnection;
  keys: QueueKeys;
  /** Where settling puts notifications. */
  outboxKeys?: QueueKeys | undefined;
  /** The activity stream; without it no entries are written. */
  activityKey?: string | undefined;
  /** The stream for the activity given to `settle`, where nothing else is written: the outbox' ids are not those of events. */
  settlementActivityKey?: string | undefined;
  /** Confirms each enqueue; without it the reply of Redis is enough. */
  replication?: Replication | undefined;
  /** A monotonic clock, ms: it shows when that of Redis steps. */
  clock?: (() => number) | undefined;
  /** How long a consumer counts as alive after a heartbeat. */
  leaseMs?: number | undefined;
}

/** Lua returns at most about 8,000 values. */
const maxBatchSize = 5_000;
/** One that is gone costs a search through the whole processing list: Redis must not be blocked by thousands of these. */
const settleBatchSize = 50;
const emptyTakePauseMs = 100;
/** How often a consumer looks for suspects. */
const suspectsPollMs = 500;

/** The queue of pushes, or of the outbox: the one type that changes a message's state. */
export class Queue {
  readonly keys: QueueKeys;
  readonly leaseMs: number;
  readonly #redis: RedisConnection;
  readonly #outbox: QueueKeys | undefined;
  readonly #settlementActivityKey: string | undefined;
  readonly #target: EnqueueTarget;
  readonly #reclaimer: LeaseReclaimer;
  readonly #retrySet: RetrySet;
  readonly #inFlightByConsumer = new Map<string, InFlight>();

  constructor(parts: QueueDeps) {
    const { redis, keys, outboxKeys, activityKey, leaseMs = 15_000 } = parts;
    this.#redis = redis;
    this.keys = keys;
    this.leaseMs = leaseMs;
    this.#outbox = outboxKeys;
    this.#target = { redis, keys, activityKey, replication: parts.replication };
    this.#settlementActivityKey = parts.settlementActivityKey ?? activityKey;
    this.#reclaimer = new LeaseReclaimer({ redis, keys, activityKey, leaseMs });
    this.#retrySet = new RetrySet({ redis, keys, clock: parts.clock });
  }

  /** Enqueues a payload, the JSON text of an object; Redis has it when this resolves. */
  async enqueue(payloadText: string, options: EnqueueOptions = {}): Promise<EnqueueResult> {
    const [enqueued] = await this.enqueueAll([{ ...options, payloadText }]);
    if (enqueued === undefined) throw new Error('Redis sent no reply for a message');
    return enqueued;
  }

  /** As `enqueue`, for up to 1,000 payloads in one step: all that are no repeats are enqueued, in this order, or none. */
  async enqueueAll(requests: readonly EnqueueRequest[]): Promise<EnqueueResult[]> {
    return enqueueAll(this.#target, requests);
  }

  /**
   * Makes pushes known as seen that were accepted and handled without Redis; those that it knows stay as they are. Returns
   * the digests of messages that Redis had itself, under the same id.
   */
  async markSeen(digests: readonly SeenDigest[]): Promise<string[]> {
    const now = systemClock.wallMs();
    const fresh = digests.filter(({ until }) => until > now);
    const known = await Promise.all(
      fresh.map(({ digest, id, until }) => this.#redis.set(this.keys.seen(digest), id, 'PX', until - now, 'NX', 'GET')),
    );
    return fresh.filter(({ id }, index) => known[index] === id).map(({ digest }) => digest);
  }

  /** Adds a message that was given up elsewhere to the dead letters; idempotent. */
  async deadLetter(message: DeadLetterInput): Promise<void> {
    const record = toDeadLetterRecord(message);
    await deadLetterScript.run(this.#redis, deadLetterKeys(this.keys), [message.id, record, message.deadLetteredAt]);
  }

  /**
   * Takes up to `max` messages, oldest first, and waits up to `blockMs` for the first; [] when none came. They stay in the
   * consumer's processing list until settled. What is not a message is dead-lettered and not returned. The first call requeues
   * what an earlier process left under this consumer's name. One call at a time for each consumer.
   */
  async take(consumer: string, { max, blockMs, signal }: TakeOptions): Promise<Delivery[]> {
    const inFlight = this.#getInFlight(consumer);
    if (signal?.aborted === true) return [];
    await this.#reconcileInFlight(consumer, inFlight);

    // Until the replies are here, Redis may have moved what is not known here.
    inFlight.outOfSync = true;
    const first = await inFlight.blockingMove(this.#redis, {
      from: this.keys.main,
      to: this.keys.processing(consumer),
      blockMs,
      signal,
    });
    if (first === 'aborted') return [];
    if (first === undefined) {
      inFlight.compareLength(await this.#redis.llen(this.keys.processing(consumer)));
      return [];
    }
    const batch = await this.#fillBatch(consumer, inFlight, first === 'full' ? '' : first, max);
    // Without a pause, a full Redis with nothing to take would be polled in a busy loop.
    if (batch.length === 0 && first === 'full') await sleepUnlessAborted(Math.min(blockMs, emptyTakePauseMs), signal);
    return this.#deliver(consumer, inFlight, batch);
  }

  /**
   * As `take`, of the suspects: those that may be delivered together, if the consumer has nothing in flight. A process has
   * one consumer for them, or a crash does not tell them apart.
   */
  async takeSuspects(consumer: string, { max, blockMs, signal }: TakeOptions): Promise<Delivery[]> {
    const inFlight = this.#getInFlight(consumer);
    if (signal?.aborted === true) return [];
    await this.#reconcileInFlight(consumer, inFlight);
    inFlight.outOfSync = true;
    const { suspects, processing, consumers, erased, stats } = this.keys;
    const reply = await takeSuspectsScript.runBuffer(
      this.#redis,
      [suspects, processing(consumer), consumers, erased, stats],
      [consumer, Math.min(max, maxBatchSize), inFlight.suspectsFactor()],
    );
    const [length, ...batch] = reply as [number, ...Buffer[]];
    inFlight.compareLength(length - batch.length);
    inFlight.onSuspects(batch.length, length);
    if (batch.length === 0) await sleepUnlessAborted(Math.min(blockMs, suspectsPollMs), signal);
    return this.#deliver(consumer, inFlight, batch);
  }

  /**
   * Settles deliveries, each in one step: removes it from the consumer's processing list and, only if it was still there,
   * does what its outcome says, with its notification, counters and activity. Returns for each whether it counted. When it
   * throws, some may be settled.
   */
  async settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    const settled: boolean[] = [];
    try {
      for (let at = 0; at < settlements.length; at += settleBatchSize) {
        settled.push(...(await this.#settleBatch(consumer, settlements.slice(at, at + settleBatchSize))));
      }
      return settled;
    } finally {
      // Also those that were not reached: what is still there is delivered again at the next take.
      for (const { delivery } of settlements) this.#getInFlight(consumer).remove(delivery.raw);
    }
  }

  async #settleBatch(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    const { processing, retry, stats, clockOffset } = this.keys;
    const outbox = this.#outbox ?? this.keys;
    const activityKey = this.#settlementActivityKey ?? stats;
    const inFlight = this.#getInFlight(consumer);
    const parts = { outbox: this.#outbox !== undefined, activity: this.#settlementActivityKey !== undefined };
    try {
      const reply = await settleScript.run(
        this.#redis,
        [
          processing(consumer),
          retry,
          stats,
          activityKey,
          outbox.main,
          outbox.stats,
          ...deadLetterKeys(this.keys),
          clockOffset,
        ],
        [settlements.length, ...settlements.flatMap((settlement) => settlementArgs(settlement, parts))],
      );
      return (reply as number[]).map((one) => one === 1);
    } catch (error) {
      // The outcome is unknown. What is still there is delivered again at the next take.
      inFlight.outOfSync = true;
      throw error;
    }
  }

  /**
   * Requeues deliveries at the front of the queue as they were, without counting a delivery: those that were not started when
   * the consumer stops. Returns how many were still there.
   */
  async requeue(consumer: string, deliveries: Delivery[]): Promise<number> {
    const inFlight = this.#getInFlight(consumer);
    for (const { raw } of deliveries) inFlight.remove(raw);
    const raws = deliveries.map(({ raw }) => Buffer.from(raw)).toReversed();
    const { requeued } = await this.#reclaimer.requeue(consumer, raws);
    return requeued;
  }

  /** Moves up to `max` due retries to the back of the queue; returns how many. */
  async promoteDue(max = 200): Promise<number> {
    return this.#retrySet.promoteDue(max);
  }

  /** Makes those retries due now whose reason ends with ` <reasonSuffix>`: what they waited for recovered. Returns how many. */
  async retryNow(reasonSuffix: string): Promise<number> {
    return this.#retrySet.retryNow(reasonSuffix, await this.now());
  }

  /** Requeues what consumers have in flight whose lease expired. Any process may do it, also two at the same time. */
  async reap(): Promise<ReclaimResult> {
    return this.#reclaimer.reap(await this.now());
  }

  /** Finds processing lists without a consumer and leaves them to the reaper; returns their consumers. */
  async recoverOrphans(): Promise<string[]> {
    return this.#reclaimer.recoverOrphans();
  }

  /** Renews the leases of these consumers. */
  async heartbeat(consumers: string | string[]): Promise<void> {
    const list = typeof consumers === 'string' ? [consumers] : consumers;
    if (list.length > 0) await heartbeatScript.run(this.#redis, [this.keys.consumers, this.keys.knownConsumers], list);
  }

  /**
   * Ends a consumer: what it still has in flight is requeued at the front, without counting a delivery. Its name stays a while,
   * for Redis may still deliver what it waited for.
   */
  async releaseConsumer(consumer: string): Promise<void> {
    this.#inFlightByConsumer.get(consumer)?.disconnect();
    this.#inFlightByConsumer.delete(consumer);
    await this.#reclaimer.release(consumer);
  }

  /** How many messages wait. */
  async depth(): Promise<number> {
    return this.#redis.llen(this.keys.main);
  }

  /** Adds to one of the queue's counters, such as `total_fallback`. */
  async incrementCounter(name: `total_${string}`, by = 1): Promise<void> {
    await this.#redis.hincrby(this.keys.stats, name, by);
  }

  /** Redis' clock, ms. */
  async now(): Promise<number> {
    const [seconds, micros] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Closes the consumers' own connections. What is in flight stays in the processing lists. */
  close(): void {
    for (const inFlight of this.#inFlightByConsumer.values()) inFlight.disconnect();
  }

  #getInFlight(consumer: string): InFlight {
    const known = this.#inFlightByConsumer.get(consumer);
    if (known !== undefined) return known;
    const inFlight = new InFlight();
    this.#inFlightByConsumer.set(consumer, inFlight);
    return inFlight;
  }

  /** Requeues what is in the processing list and was not delivered to this process. */
  async #reconcileInFlight(consumer: string, inFlight: InFlight): Promise<void> {
    if (!inFlight.initialized) {
      await this.heartbeat(consumer);
      await this.#reclaimer.reclaimCrashed(consumer);
      inFlight.initialized = true;
    } else if (inFlight.outOfSync) {
      const listed = await this.#redis.lrangeBuffer(this.keys.processing(consumer), 0, -1);
      await this.#reclaimer.requeue(consumer, inFlight.untracked(listed));
    }
    inFlight.outOfSync = false;
  }

  /** The batch that begins with `first`; empty when another consumer has it by now. */
  async #fillBatch(consumer: string, inFlight: InFlight, first: Buffer | '', max: number): Promise<Buffer[]> {
    const { main, processing, suspects, consumers, erased, stats } = this.keys;
    const reply = await fillBatchScript.runBuffer(
      this.#redis,
      [main, processing(consumer), suspects, consumers, erased, stats],
      [consumer, first, Math.min(max, maxBatchSize)],
    );
    const [length, ...batch] = reply as [number, ...Buffer[]];
    inFlight.compareLength(length - batch.length);
    return batch;
  }

  async #deliver(consumer: string, inFlight: InFlight, batch: Buffer[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    const malformed: Buffer[] = [];
    for (const bytes of batch) {
      const delivery = parseDelivery(bytes, consumer);
      if (delivery instanceof MalformedMessageError) malformed.push(bytes);
      else deliveries.push(delivery);
    }
    for (const { raw } of deliveries) inFlight.add(raw);
    try {
      await this.#reclaimer.requeue(consumer, malformed);
    } catch (error) {
      // Nothing was delivered after all.
      for (const { raw } of deliveries) inFlight.remove(raw);
      inFlight.outOfSync = true;
      throw error;
    }
    return deliveries;
  }
}

/** Ends early, without an error, when aborted. */
async function sleepUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
