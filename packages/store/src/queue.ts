import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldsOf, type ActivityStep } from './activity.ts';
import type { RedisConnection } from './connection.ts';
import { clip, deadLetterText, garbageText } from './dead-letter.ts';
import { NotAMessageError } from './errors.ts';
import { Hand } from './hand.ts';
import { NOW } from './json.ts';
import { escapeGlob, type QueueKeys } from './keys.ts';
import { buildMessage, newMessageId, parseMessage, withMetadata, type MessageMetadata } from './message.ts';
import {
  buryScript,
  endLeaseScript,
  enqueueScript,
  fillScript,
  heartbeatScript,
  promoteScript,
  returnScript,
  settleScript,
} from './queue-scripts.ts';
import type { ScriptArg } from './script.ts';

/** One handing-out of a message. */
export interface Delivery {
  id: string;
  /** The message, letter by letter: its identity in the processing list. */
  raw: string;
  payloadText: string;
  metadata: MessageMetadata;
  /** From 1; counts failures, not deliveries. */
  attempt: number;
  consumer: string;
}

/** How a delivery ended. */
export type Outcome =
  | { kind: 'ack' }
  | { kind: 'retry'; delayMs: number; reason: string; error: string; countsAsFailure: boolean }
  | { kind: 'dead-letter'; reason: string; error: string };

export interface Settlement {
  delivery: Delivery;
  outcome: Outcome;
  /** Payload (JSON text) of a notification for the outbox. */
  notification?: string | undefined;
  /** Written only if the settlement counts. */
  steps?: ActivityStep[] | undefined;
}

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

/** A message that was given up outside Redis: in the forwarder's spool. Times in ms. */
export interface BuriedMessage {
  id: string;
  payloadText: string;
  maxRetries: number;
  acceptedAt: number;
  deadAt: number;
  attempts: number;
  reason: string;
  error: string;
}

/** `id` of a duplicate is the message that was accepted before. */
export interface Enqueued {
  kind: 'enqueued' | 'duplicate';
  id: string;
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
  /** How long a consumer counts as alive after its heartbeat. */
  leaseMs?: number | undefined;
}

export interface Returned {
  returned: number;
  deadLettered: number;
}

export const defaultDedupeSeconds = 6 * 3600;
/** Deliveries that never came to an end before a message is given up as `crash-loop`. */
export const crashLimit = 3;
const batchAfterCrash = 10;
const busyPauseMs = 250;
const returnChunk = 200;

/** The queue of pushes, and the same for the outbox: the one type that changes a message's state. */
export class Queue {
  readonly keys: QueueKeys;
  readonly leaseMs: number;
  readonly #redis: RedisConnection;
  readonly #outbox: QueueKeys | undefined;
  readonly #activityKey: string | undefined;
  readonly #hands = new Map<string, Hand>();

  constructor(parts: QueueParts) {
    this.#redis = parts.redis;
    this.keys = parts.keys;
    this.#outbox = parts.outboxKeys;
    this.#activityKey = parts.activityKey;
    this.leaseMs = parts.leaseMs ?? 15_000;
  }

  /** Puts a payload, which must be the JSON text of an object, into the line in one step; Redis has it when this resolves. */
  async enqueue(payloadText: string, options: EnqueueOptions = {}): Promise<Enqueued> {
    const { keys } = this;
    const { digest, id = newMessageId(), dedupeSeconds = defaultDedupeSeconds, activity } = options;
    const { maxRetries, source, enqueuedAt } = options;
    const text = buildMessage(id, payloadText, { enqueued_at: enqueuedAt, max_retries: maxRetries, source });
    const step = activity === undefined || this.#activityKey === undefined ? [] : stepFields(activity);
    const reply = await enqueueScript.run(
      this.#redis,
      [keys.main, keys.stats, this.#activityKey ?? keys.stats, ...(digest === undefined ? [] : [keys.seen(digest)])],
      [text, id, digest === undefined ? 0 : dedupeSeconds, ...step],
    );
    const [fresh, known] = reply as [number, string];
    return { kind: fresh === 1 ? 'enqueued' : 'duplicate', id: known };
  }

  /** Adds a message that was given up elsewhere to the dead letters; telling it again changes nothing. */
  async bury(message: BuriedMessage): Promise<void> {
    const { id, payloadText, maxRetries, acceptedAt, deadAt, attempts, reason, error } = message;
    const times = { enqueued_at: acceptedAt, first_failed_at: deadAt, dead_at: deadAt };
    const why = { source: 'push', reason, error: clip(error), attempts, history: [] };
    const record = buildMessage(id, payloadText, { max_retries: maxRetries, ...times, ...why });
    await buryScript.run(this.#redis, [this.keys.deadLetter, this.keys.stats], [record]);
  }

  /**
   * Takes up to `max` messages, oldest first, and waits up to `blockMs` for the first. They stay in the consumer's
   * processing list until settled. What is not a message goes to the dead letters and is not returned. The first take
   * gives back what an earlier process of this consumer's name left. An aborted take returns nothing.
   */
  async take(consumer: string, options: TakeOptions): Promise<Delivery[]> {
    const { max, blockMs, signal } = options;
    const hand = this.#hand(consumer);
    if (signal?.aborted === true) return [];
    await this.#settleDoubts(consumer, hand);

    hand.doubtful = true;
    const first = await this.#moveFirst(hand, consumer, blockMs, signal);
    if (first === undefined) return [];
    if (first === null) {
      hand.doubtful = false;
      return [];
    }
    const rest = await this.#fill(consumer, hand, first, max);
    if (rest === undefined) {
      await pause(Math.min(busyPauseMs, blockMs), signal);
      return [];
    }
    return this.#deliver(consumer, hand, [first, ...rest]);
  }

  /**
   * Settles deliveries in one step: for each, removes it from the consumer's processing list and, only if it was still
   * there, does what its outcome says, with its notification, counters and steps. Tells for each whether it counted.
   */
  async settle(consumer: string, settlements: Settlement[]): Promise<boolean[]> {
    if (settlements.length === 0) return [];
    const { keys } = this;
    const hand = this.#hand(consumer);
    const outbox = this.#outbox ?? keys;
    const args: ScriptArg[] = [settlements.length];
    for (const settlement of settlements) args.push(...this.#settlementArgs(settlement));
    try {
      const reply = await settleScript.run(
        this.#redis,
        [
          keys.processing(consumer),
          keys.retry,
          keys.deadLetter,
          keys.stats,
          this.#activityKey ?? keys.stats,
          outbox.main,
          outbox.stats,
        ],
        args,
      );
      return (reply as number[]).map((one) => one === 1);
    } catch (error) {
      // Whether it happened is unknown. What is still there then comes again at the next take.
      hand.doubtful = true;
      throw error;
    } finally {
      for (const { delivery } of settlements) hand.release(delivery.raw);
    }
  }

  /** Puts deliveries that were not begun back at the head of the line, as they were: nobody is to blame. */
  async giveBack(consumer: string, deliveries: Delivery[]): Promise<number> {
    const hand = this.#hand(consumer);
    for (const { raw } of deliveries) hand.release(raw);
    const raws = deliveries.map(({ raw }) => Buffer.from(raw)).toReversed();
    const { returned } = await this.#return(consumer, raws, { lease: '', counted: false });
    return returned;
  }

  /** Moves what is due from the retries to the end of the line; tells how many. */
  async promote(max = 1_000): Promise<number> {
    return Number(await promoteScript.run(this.#redis, [this.keys.retry, this.keys.main], [max]));
  }

  /**
   * Makes those retries due at once whose reason ends with ` <word>`: what they waited for is there again. Tells how many.
   * It reads every retry, so it is for the rare moments when a side comes back.
   */
  async hasten(word: string): Promise<number> {
    const { retry } = this.keys;
    const pattern = `*${escapeGlob(JSON.stringify(` ${word}`).slice(1))}*`;
    const now = await this.now();
    let hastened = 0;
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.zscan(retry, cursor, 'MATCH', pattern, 'COUNT', 1_000);
      const members = found.filter((_, index) => index % 2 === 0);
      // XX: one that was promoted meanwhile must not come back. LT: one that is due sooner stays so.
      if (members.length > 0) {
        const scores = members.flatMap((member) => [now, member]);
        hastened += await this.#redis.zadd(retry, 'XX', 'LT', 'CH', ...scores);
      }
      cursor = next;
    } while (cursor !== '0');
    return hastened;
  }

  /** Gives back what consumers hold whose heartbeat is older than the lease. Any process may do it, also two at once. */
  async reap(): Promise<Returned> {
    const total: Returned = { returned: 0, deadLettered: 0 };
    const now = await this.now();
    const silent = await this.#redis.zrangebyscore(this.keys.consumers, '-inf', now - this.leaseMs);
    for (const consumer of silent) {
      const { returned, deadLettered } = await this.#returnAll(consumer, String(this.leaseMs));
      total.returned += returned;
      total.deadLettered += deadLettered;
      await this.#endLease(consumer, String(this.leaseMs));
    }
    return total;
  }

  /** Renews the leases of these consumers. */
  async heartbeat(consumers: string | string[]): Promise<void> {
    const list = typeof consumers === 'string' ? [consumers] : consumers;
    if (list.length > 0) await heartbeatScript.run(this.#redis, [this.keys.consumers], list);
  }

  /** Ends a consumer's lease at once: what it still holds is the reaper's. */
  async clearHeartbeat(consumer: string): Promise<void> {
    await this.#endLease(consumer, '');
  }

  /** How many messages wait. */
  async depth(): Promise<number> {
    return this.#redis.llen(this.keys.main);
  }

  /** Adds to one of the queue's counters. */
  async count(name: string, by = 1): Promise<void> {
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
      await this.#returnAll(consumer, '');
      hand.begun = true;
    } else if (hand.doubtful) {
      const listed = await this.#redis.lrangeBuffer(this.keys.processing(consumer), 0, -1);
      await this.#return(consumer, hand.strangers(listed), { lease: '', counted: false });
    }
    hand.doubtful = false;
  }

  /** The first message; null when none came in time; undefined when aborted. */
  async #moveFirst(
    hand: Hand,
    consumer: string,
    blockMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Buffer | null | undefined> {
    const connection = hand.connection(this.#redis);
    const abort = () => hand.disconnect();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const processing = this.keys.processing(consumer);
      return await connection.blmoveBuffer(this.keys.main, processing, 'RIGHT', 'LEFT', Math.max(blockMs, 1) / 1000);
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      // A late reply would come to nobody: this connection is not asked again.
      hand.disconnect();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The rest of the batch; undefined when the first had to go back. */
  async #fill(consumer: string, hand: Hand, first: Buffer, max: number): Promise<Buffer[] | undefined> {
    const { keys } = this;
    const reply = await fillScript.runBuffer(
      this.#redis,
      [keys.main, keys.processing(consumer), keys.suspect, keys.consumers],
      [consumer, first, max, Math.min(batchAfterCrash, max), keys.processing('')],
    );
    const [verdict, length, ...rest] = reply as [Buffer, number, ...Buffer[]];
    const expected = verdict.toString() === 'ok' ? hand.size + 1 + rest.length : hand.size;
    hand.doubtful = verdict.toString() === 'ok' && length !== expected;
    return verdict.toString() === 'ok' ? rest : undefined;
  }

  async #deliver(consumer: string, hand: Hand, raws: Buffer[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    const garbage: Buffer[] = [];
    for (const bytes of raws) {
      const delivery = read(bytes, consumer);
      if (delivery instanceof NotAMessageError) garbage.push(bytes);
      else deliveries.push(delivery);
    }
    if (garbage.length > 0) {
      hand.doubtful = true;
      await this.#return(consumer, garbage, { lease: '', counted: false });
      hand.doubtful = false;
    }
    for (const { raw } of deliveries) hand.hold(raw);
    return deliveries;
  }

  async #endLease(consumer: string, lease: string): Promise<void> {
    await endLeaseScript.run(this.#redis, [this.keys.consumers, this.keys.processing(consumer)], [consumer, lease]);
  }

  /** Gives back, counted, all that a consumer's processing list holds. */
  async #returnAll(consumer: string, lease: string): Promise<Returned> {
    const total: Returned = { returned: 0, deadLettered: 0 };
    for (;;) {
      const raws = await this.#redis.lrangeBuffer(this.keys.processing(consumer), 0, returnChunk - 1);
      if (raws.length === 0) return total;
      const { returned, deadLettered } = await this.#return(consumer, raws, { lease, counted: true });
      // The consumer is alive after all, or another reaper was quicker.
      if (returned + deadLettered === 0) return total;
      total.returned += returned;
      total.deadLettered += deadLettered;
    }
  }

  /** `raws` newest first. Garbage among them goes to the dead letters. */
  async #return(consumer: string, raws: Buffer[], options: { lease: string; counted: boolean }): Promise<Returned> {
    if (raws.length === 0) return { returned: 0, deadLettered: 0 };
    const { keys } = this;
    const reply = await returnScript.run(
      this.#redis,
      [
        keys.processing(consumer),
        keys.main,
        keys.deadLetter,
        keys.stats,
        this.#activityKey ?? keys.stats,
        keys.consumers,
        keys.suspect,
      ],
      [
        consumer,
        options.lease,
        raws.length,
        ...raws.flatMap((raw) => this.#returnArgs(raw, consumer, options.counted)),
      ],
    );
    const [returned, deadLettered] = reply as [number, number];
    return returned === -1 ? { returned: 0, deadLettered: 0 } : { returned, deadLettered };
  }

  #returnArgs(raw: Buffer, consumer: string, counted: boolean): ScriptArg[] {
    const delivery = read(raw, consumer);
    if (delivery instanceof NotAMessageError) {
      const { message: error } = delivery;
      const id = 'malformed';
      return [
        raw,
        '',
        garbageText(raw, error),
        ...this.#steps([]),
        ...this.#steps([{ id, step: 'dead-lettered', reason: 'malformed', error }]),
      ];
    }
    const { id, attempt } = delivery;
    if (!counted) return [raw, raw, '', ...this.#steps([]), ...this.#steps([])];
    const deliveries = (delivery.metadata.deliveries ?? 0) + 1;
    const error = `was in hand ${deliveries} times when its consumer died`;
    const record =
      deliveries >= crashLimit ? deadLetterText(delivery.raw, { reason: 'crash-loop', error, attempts: attempt }) : '';
    return [
      raw,
      withMetadata(delivery.raw, { deliveries }),
      record,
      ...this.#steps([{ id, step: 'returned', attempt, reason: 'consumer-died' }]),
      ...this.#steps([{ id, step: 'dead-lettered', attempt, reason: 'crash-loop', error }]),
    ];
  }

  #settlementArgs({ delivery, outcome, notification, steps }: Settlement): ScriptArg[] {
    const { raw } = delivery;
    const note =
      notification === undefined || this.#outbox === undefined ? '' : buildMessage(newMessageId(), notification);
    const delay = outcome.kind === 'retry' ? Math.max(0, Math.round(outcome.delayMs)) : 0;
    const failure = outcome.kind === 'dead-letter' || (outcome.kind === 'retry' && outcome.countsAsFailure);
    return [
      raw,
      outcome.kind,
      newText(delivery, outcome),
      delay,
      failure ? '1' : '0',
      note,
      ...this.#steps(steps ?? []),
    ];
  }

  #steps(steps: ActivityStep[]): ScriptArg[] {
    if (this.#activityKey === undefined) return [0];
    return [
      steps.length,
      ...steps.flatMap((step) => {
        const fields = fieldsOf(step);
        return [fields.length, ...fields];
      }),
    ];
  }
}

/** What the message becomes: '' when it is done with. */
function newText({ raw, metadata, attempt }: Delivery, outcome: Outcome): string {
  if (outcome.kind === 'ack') return '';
  const { reason, error } = outcome;
  if (outcome.kind === 'dead-letter') return deadLetterText(raw, { reason, error, attempts: attempt });
  return withMetadata(raw, {
    retry_count: metadata.retry_count + (outcome.countsAsFailure ? 1 : 0),
    first_failed_at: metadata.first_failed_at ?? NOW,
    reason,
    last_error: clip(error),
    // It came to an end this time.
    deliveries: undefined,
  });
}

function read(bytes: Buffer, consumer: string): Delivery | NotAMessageError {
  if (!isUtf8(bytes)) return new NotAMessageError('not UTF-8');
  const raw = bytes.toString('utf8');
  try {
    const { id, payloadText, metadata } = parseMessage(raw);
    return { id, raw, payloadText, metadata, attempt: metadata.retry_count + 1, consumer };
  } catch (error) {
    if (error instanceof NotAMessageError) return error;
    throw error;
  }
}

function stepFields(activity: Omit<ActivityStep, 'id' | 'step'>): string[] {
  return Object.entries(activity).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

/** Ends early, without an error, when aborted. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
