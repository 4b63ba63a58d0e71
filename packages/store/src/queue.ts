import { setTimeout as sleep } from 'node:timers/promises';
import { fieldsOf } from './activity.ts';
import type { ActivityStep } from './activity-step.ts';
import type { RedisConnection } from './connection.ts';
import { readDelivery, type Delivery, type Settlement } from './delivery.ts';
import { NotAMessageError } from './errors.ts';
import { buriedText, type BuriedMessage } from './dead-letter.ts';
import { Hand } from './hand.ts';
import type { QueueKeys } from './keys.ts';
import { buildMessage, newMessageId } from './message.ts';
import { buryScript, enqueueScript, fillScript, heartbeatScript, settleScript } from './queue-scripts.ts';
import type { Replication } from './replication.ts';
import { Retries } from './retries.ts';
import { Returns, type Returned } from './returns.ts';
import type { ScriptArg } from './script.ts';
import { settlementArgs } from './script-args.ts';

export interface EnqueueOptions {
  id?: string | undefined;
  /** With it a payload that was accepted within `dedupeSeconds` is not queued again. */
  digest?: string | undefined;
  /** Default 6 h. */
  dedupeSeconds?: number | undefined;
  maxRetries?: number | undefined;
  source?: string | undefined;
  /** ms; when it was accepted, if that is not now (a spooled push). */
  enqueuedAt?: number | undefined;
  /** What the activity says of it; without it no step is written. */
  activity?: Omit<ActivityStep, 'id' | 'step'> | undefined;
}

export interface EnqueueRequest extends EnqueueOptions {
  /** The JSON text of an object. */
  payloadText: string;
}

/** `id` of a duplicate is the message that was accepted before. */
export interface Enqueued {
  kind: 'enqueued' | 'duplicate';
  id: string;
}

/** Of a push that was accepted without Redis, as message `id`; known until `until`, ms. */
export interface AcceptedDigest {
  digest: string;
  id: string;
  until: number;
}

export interface TakeOptions {
  max: number;
  blockMs: number;
  signal?: AbortSignal | undefined;
}

export interface QueueParts {
  redis: RedisConnection;
  keys: QueueKeys;
  /** Where settling puts notifications. */
  outboxKeys?: QueueKeys | undefined;
  /** The activity stream; without it no steps are written. */
  activityKey?: string | undefined;
  /** The stream for the steps given to `settle`, where nothing else is to be told: the outbox' ids are no events'. */
  settledStepsKey?: string | undefined;
  /** Confirms each enqueue; without it Redis' own word is enough. */
  replication?: Replication | undefined;
  /** A clock that never goes back, ms: it tells when that of Redis does. */
  clock?: (() => number) | undefined;
  /** How long a consumer counts as alive after its heartbeat. */
  leaseMs?: number | undefined;
}

export const defaultDedupeSeconds = 6 * 3600;
/** Lua returns at most about 8,000 values. */
const largestBatch = 5_000;
/** One that is gone costs a look through the whole list: Redis must not be held up by thousands of these. */
const settledAtOnce = 50;
/** How many messages that were in hand at a crash a consumer holds at most. */
const fewAfterCrash = 20;
/** How many that were in hand at two are handed out together. */
const handfulAfterTwo = 10;
const busyPauseMs = 100;

/** The queue of pushes, and the same for the outbox: the one type that changes a message's state. */
export class Queue {
  readonly keys: QueueKeys;
  readonly leaseMs: number;
  readonly #redis: RedisConnection;
  readonly #outbox: QueueKeys | undefined;
  readonly #activityKey: string | undefined;
  readonly #settledStepsKey: string | undefined;
  readonly #replication: Replication | undefined;
  readonly #returns: Returns;
  readonly #retries: Retries;
  readonly #hands = new Map<string, Hand>();

  constructor(parts: QueueParts) {
    const { redis, keys, outboxKeys, activityKey, leaseMs = 15_000 } = parts;
    this.#redis = redis;
    this.keys = keys;
    this.leaseMs = leaseMs;
    this.#outbox = outboxKeys;
    this.#activityKey = activityKey;
    this.#replication = parts.replication;
    this.#settledStepsKey = parts.settledStepsKey ?? activityKey;
    this.#returns = new Returns({ redis, keys, activityKey, leaseMs });
    this.#retries = new Retries({ redis, keys, clock: parts.clock });
  }

  /** Puts a payload, which must be the JSON text of an object, into the line in one step; Redis has it when this resolves. */
  async enqueue(payloadText: string, options: EnqueueOptions = {}): Promise<Enqueued> {
    const [enqueued] = await this.enqueueAll([{ ...options, payloadText }]);
    if (enqueued === undefined) throw new Error('Redis gave no answer for a message');
    return enqueued;
  }

  /** As `enqueue`, for up to 1,000 payloads in one step: all that are no repeats are enqueued, in this order, or none. */
  async enqueueAll(requests: readonly EnqueueRequest[]): Promise<Enqueued[]> {
    const { main, stats, seen } = this.keys;
    const activityKey = this.#activityKey ?? stats;
    const keys = requests.map(({ digest }) => (digest === undefined ? stats : seen(digest)));
    const args: ScriptArg[] = [];
    for (const request of requests) {
      const { payloadText, digest, id = newMessageId(), dedupeSeconds = defaultDedupeSeconds } = request;
      const { maxRetries, source, enqueuedAt } = request;
      const text = buildMessage(id, payloadText, { enqueued_at: enqueuedAt, max_retries: maxRetries, source });
      const [head = '', tail = ''] = text.split('\0');
      const fields = this.#firstStep(request);
      args.push(head, tail, id, digest === undefined ? '' : dedupeSeconds, fields.length, ...fields);
    }
    const reply = (await enqueueScript.run(this.#redis, [main, stats, activityKey, ...keys], args)) as (
      number | string
    )[];
    // A duplicate too: what it repeats may not be on the replicas yet.
    await this.#replication?.confirm();
    return requests.map((_, index) => ({
      kind: reply[2 * index] === 1 ? 'enqueued' : 'duplicate',
      id: String(reply[2 * index + 1]),
    }));
  }

  /** Makes repeats known of pushes that were accepted and handled without Redis; those that it knows stay as they are. */
  async remember(digests: readonly AcceptedDigest[]): Promise<void> {
    const now = Date.now();
    const fresh = digests.filter(({ until }) => until > now);
    await Promise.all(
      fresh.map(({ digest, id, until }) => this.#redis.set(this.keys.seen(digest), id, 'PX', until - now, 'NX')),
    );
  }

  /** Adds a message that was given up elsewhere to the dead letters; telling it again changes nothing. */
  async bury(message: BuriedMessage): Promise<void> {
    await buryScript.run(this.#redis, [this.keys.deadLetter], [buriedText(message)]);
  }

  /**
   * Takes up to `max` messages, oldest first, and waits up to `blockMs` for the first; [] when none came. They stay in the
   * consumer's processing list until settled. What is not a message goes to the dead letters and is not returned. The
   * first take gives back what an earlier process of this consumer's name left. One take at a time for each consumer.
   */
  async take(consumer: string, { max, blockMs, signal }: TakeOptions): Promise<Delivery[]> {
    const hand = this.#hand(consumer);
    if (signal?.aborted === true) return [];
    await this.#settleDoubts(consumer, hand);

    // Until the replies are here, Redis may have moved what we do not hear of.
    hand.doubtful = true;
    const first = await hand.moveFirst(this.#redis, {
      from: this.keys.main,
      to: this.keys.processing(consumer),
      blockMs,
      signal,
    });
    if (first === 'aborted') return [];
    if (first === undefined) {
      hand.compare(await this.#redis.llen(this.keys.processing(consumer)));
      return [];
    }
    const { batch, wait } = await this.#fill(consumer, hand, first === 'full' ? '' : first, max);
    // Without a pause a full Redis with nothing to take, or a message that has to wait, would be asked for without end.
    if (batch.length === 0 && (wait || first === 'full')) await pause(Math.min(blockMs, busyPauseMs), signal);
    return this.#deliver(consumer, hand, batch);
  }

  /**
   * Settles deliveries, each in one step: removes it from the consumer's processing list and, only if it was still there,
   * does what its outcome says, with its notification, counters and steps. Tells for each whether it counted. When it
   * throws, some may be settled.
   */
  async settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    const settled: boolean[] = [];
    try {
      for (let at = 0; at < settlements.length; at += settledAtOnce) {
        settled.push(...(await this.#settle(consumer, settlements.slice(at, at + settledAtOnce))));
      }
      return settled;
    } finally {
      // Also those that were not come to: what is still there comes again at the next take.
      for (const { delivery } of settlements) this.#hand(consumer).release(delivery.raw);
    }
  }

  async #settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    const { processing, retry, deadLetter, stats, suspect } = this.keys;
    const outbox = this.#outbox ?? this.keys;
    const activityKey = this.#settledStepsKey ?? stats;
    const hand = this.#hand(consumer);
    const parts = { outbox: this.#outbox !== undefined, activity: this.#settledStepsKey !== undefined };
    try {
      const reply = await settleScript.run(
        this.#redis,
        [processing(consumer), retry, deadLetter, stats, activityKey, outbox.main, outbox.stats, suspect],
        [consumer, settlements.length, ...settlements.flatMap((settlement) => settlementArgs(settlement, parts))],
      );
      return (reply as number[]).map((one) => one === 1);
    } catch (error) {
      // Whether it happened is unknown. What is still there comes again at the next take.
      hand.doubtful = true;
      throw error;
    }
  }

  /**
   * Puts deliveries back at the head of the line as they were, for nobody is to blame: those that were not begun when the
   * consumer stops. Tells how many were still there.
   */
  async giveBack(consumer: string, deliveries: Delivery[]): Promise<number> {
    const hand = this.#hand(consumer);
    for (const { raw } of deliveries) hand.release(raw);
    const raws = deliveries.map(({ raw }) => Buffer.from(raw)).toReversed();
    const { returned } = await this.#returns.some(consumer, raws, { counted: false });
    return returned;
  }

  /** Moves up to `max` due retries to the end of the line; tells how many. */
  async promote(max = 200): Promise<number> {
    return this.#retries.promote(max);
  }

  /** Makes those retries due at once whose reason ends with ` <word>`: what they waited for is there again. Tells how many. */
  async hasten(word: string): Promise<number> {
    return this.#retries.hasten(word, await this.now());
  }

  /** Gives back what consumers hold whose heartbeat is older than the lease. Any process may do it, also two at once. */
  async reap(): Promise<Returned> {
    return this.#returns.reap(await this.now());
  }

  /** Finds processing lists whose consumer Redis has forgotten and leaves them to the reaper; tells their consumers. */
  async adoptOrphans(): Promise<string[]> {
    return this.#returns.adopt();
  }

  /** Renews the leases of these consumers. */
  async heartbeat(consumers: string | string[]): Promise<void> {
    const list = typeof consumers === 'string' ? [consumers] : consumers;
    if (list.length > 0) await heartbeatScript.run(this.#redis, [this.keys.consumers], list);
  }

  /**
   * A consumer's last act: what it still holds goes back to the head of the line, and nobody is to blame. Its name is kept
   * a while, for Redis may still hand it what it waited for.
   */
  async clearHeartbeat(consumer: string): Promise<void> {
    this.#hands.get(consumer)?.disconnect();
    this.#hands.delete(consumer);
    await this.#returns.all(consumer, { counted: false });
  }

  /** How many messages wait. */
  async depth(): Promise<number> {
    return this.#redis.llen(this.keys.main);
  }

  /** Adds to one of the queue's counters, such as `total_fallback`. */
  async count(name: `total_${string}`, by = 1): Promise<void> {
    await this.#redis.hincrby(this.keys.stats, name, by);
  }

  /** Redis' clock, ms. */
  async now(): Promise<number> {
    const [seconds, micros] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Closes the consumers' own connections. What they hold stays in the processing lists. */
  close(): void {
    for (const hand of this.#hands.values()) hand.disconnect();
  }

  /** The fields and values of the step that tells of an enqueue; none when nothing is to be told. */
  #firstStep({ activity, source }: EnqueueOptions): string[] {
    if (activity === undefined || this.#activityKey === undefined) return [];
    const isOurs = source !== undefined && source !== 'push';
    return fieldsOf(isOurs ? { ...activity, source } : activity);
  }

  #hand(consumer: string): Hand {
    const known = this.#hands.get(consumer);
    if (known !== undefined) return known;
    const hand = new Hand();
    this.#hands.set(consumer, hand);
    return hand;
  }

  /** Leaves nothing in the processing list that this process does not know it holds. */
  async #settleDoubts(consumer: string, hand: Hand): Promise<void> {
    if (!hand.begun) {
      await this.heartbeat(consumer);
      await this.#returns.all(consumer, { counted: true });
      hand.begun = true;
    } else if (hand.doubtful) {
      const listed = await this.#redis.lrangeBuffer(this.keys.processing(consumer), 0, -1);
      await this.#returns.some(consumer, hand.strangers(listed), { counted: false });
    }
    hand.doubtful = false;
  }

  /** The batch that begins with `first`; empty when it was not ours any more or has to wait. */
  async #fill(
    consumer: string,
    hand: Hand,
    first: Buffer | '',
    max: number,
  ): Promise<{ batch: Buffer[]; wait: boolean }> {
    const { main, processing, suspect, consumers, retry } = this.keys;
    const most = Math.min(max, largestBatch);
    const reply = await fillScript.runBuffer(
      this.#redis,
      [main, processing(consumer), suspect, consumers, retry],
      [consumer, first, most, fewAfterCrash, handfulAfterTwo, processing('')],
    );
    const [verdict, length, ...batch] = reply as [Buffer, number, ...Buffer[]];
    hand.compare(length - batch.length);
    return { batch, wait: verdict.toString() === 'wait' };
  }

  async #deliver(consumer: string, hand: Hand, batch: Buffer[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    const garbage: Buffer[] = [];
    for (const bytes of batch) {
      const delivery = readDelivery(bytes, consumer);
      if (delivery instanceof NotAMessageError) garbage.push(bytes);
      else deliveries.push(delivery);
    }
    for (const { raw } of deliveries) hand.hold(raw);
    try {
      await this.#returns.some(consumer, garbage, { counted: false });
    } catch (error) {
      // Nothing was delivered after all.
      for (const { raw } of deliveries) hand.release(raw);
      hand.doubtful = true;
      throw error;
    }
    return deliveries;
  }
}

/** Ends early, without an error, when aborted. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
