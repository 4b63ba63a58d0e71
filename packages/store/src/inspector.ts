import { fieldsOf, type ActivityStep } from './activity.ts';
import type { RedisConnection } from './connection.ts';
import { consumerReports, type ConsumerState } from './consumer-reports.ts';
import { parseDeadLetter, replayText, type DeadLetter } from './dead-letter.ts';
import { redisFacts } from './durability.ts';
import { NotAMessageError } from './errors.ts';
import type { QueueKeys } from './keys.ts';
import { parseMessage, type Message } from './message.ts';
import { swapDeadScript } from './queue-scripts.ts';

/** Which dead letters: all conditions that are given must hold. */
export interface DeadLetterFilter {
  reason?: string | undefined;
  code?: number | undefined;
  shopId?: string | undefined;
  /** Died at or after, ms. */
  from?: number | undefined;
  /** Died before, ms. */
  to?: number | undefined;
}

/** Some by id, or all that the filter lets through; `{ filter: {} }` is all. */
export type DeadLetterChoice = { ids: string[] } | { filter: DeadLetterFilter };

/** Dead letters that died of the same thing. */
export interface DeadLetterGroup {
  reason: string;
  /** The error of the newest. */
  error: string;
  count: number;
  /** ms. */
  firstDeadAt: number | undefined;
  lastDeadAt: number | undefined;
  codes: number[];
}

/** The parts of /queue/stats that Redis knows. */
export interface QueueStats {
  redis: { enabled: boolean; connected: boolean; memoryUsedBytes: number; memoryMaxBytes: number };
  queue: { depth: number; retrying: number; processing: number; deadLetter: number; oldestSeconds: number };
  totals: {
    received: number;
    enqueued: number;
    duplicates: number;
    processed: number;
    failed: number;
    retried: number;
    deadLettered: number;
    fallback: number;
    replayed: number;
    discarded: number;
  };
}

const chunk = 500;

/** Looks into a queue, and lets a person decide over its dead letters: what dashboard and CLI stand on. */
export class Inspector {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #activityKey: string | undefined;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys; activityKey?: string | undefined }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
    this.#activityKey = parts.activityKey;
  }

  /** Counters and sizes, with the age of the message that is next. */
  async queueStats(): Promise<QueueStats> {
    const { main, retry, deadLetter, stats, consumers } = this.#keys;
    const redis = this.#redis;
    const [facts, depth, retrying, dead, totals, names, [seconds], next] = await Promise.all([
      redisFacts(redis),
      redis.llen(main),
      redis.zcard(retry),
      redis.llen(deadLetter),
      redis.hgetall(stats),
      redis.zrange(consumers, '0', '-1'),
      redis.time(),
      redis.lindex(main, -1),
    ]);
    const held = await Promise.all(names.map((name) => redis.llen(this.#keys.processing(name))));
    return {
      redis: {
        enabled: true,
        connected: true,
        memoryUsedBytes: facts.memoryUsedBytes,
        memoryMaxBytes: facts.memoryMaxBytes,
      },
      queue: {
        depth,
        retrying,
        processing: held.reduce((sum, count) => sum + count, 0),
        deadLetter: dead,
        oldestSeconds: next === null ? 0 : ageSeconds(next, Number(seconds) * 1000),
      },
      totals: totalsOf(totals),
    };
  }

  /** All consumers' reports, over all processes. */
  async workerStats(): Promise<ConsumerState[]> {
    return consumerReports(this.#redis, this.#keys);
  }

  /** Dead letters, newest first, and how many the filter lets through. */
  async deadLetters(
    options: { offset?: number; count?: number; filter?: DeadLetterFilter } = {},
  ): Promise<{ total: number; letters: DeadLetter[] }> {
    const { offset = 0, count = 50, filter } = options;
    if (filter === undefined) {
      const [total, raws] = await Promise.all([
        this.#redis.llen(this.#keys.deadLetter),
        this.#redis.lrange(this.#keys.deadLetter, offset, offset + count - 1),
      ]);
      return { total, letters: raws.map((raw) => parseDeadLetter(raw)) };
    }
    const letters: DeadLetter[] = [];
    let total = 0;
    for await (const letter of this.#scan()) {
      if (!passes(letter, filter)) continue;
      if (total >= offset && letters.length < count) letters.push(letter);
      total++;
    }
    return { total, letters };
  }

  /** One dead letter; undefined when there is none of that id. */
  async deadLetter(id: string): Promise<DeadLetter | undefined> {
    for await (const letter of this.#scan()) if (letter.id === id) return letter;
    return undefined;
  }

  /** Dead letters grouped by reason, the largest group first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.#scan()) {
      if (!passes(letter, filter)) continue;
      const { reason, error, deadAt } = letter;
      const group = groups.get(reason) ?? {
        reason,
        error,
        count: 0,
        firstDeadAt: deadAt,
        lastDeadAt: deadAt,
        codes: [],
      };
      group.count++;
      group.firstDeadAt = smaller(group.firstDeadAt, deadAt);
      if (letter.code !== undefined && !group.codes.includes(letter.code)) group.codes.push(letter.code);
      groups.set(reason, group);
    }
    return [...groups.values()].sort((one, other) => other.count - one.count);
  }

  /**
   * Puts dead letters back into the line, each in one step, as new but with their history. Garbage that is still not a
   * message stays and counts as refused; ids that are gone count as missing.
   */
  async replay(choice: DeadLetterChoice): Promise<{ replayed: number; refused: number; missing: number }> {
    const { done, refused, missing } = await this.#swap(choice, (letter) => replayText(letter), 'replayed');
    return { replayed: done, refused, missing };
  }

  /** Throws dead letters away for good. */
  async discard(choice: DeadLetterChoice): Promise<{ discarded: number; missing: number }> {
    const { done, missing } = await this.#swap(choice, () => '', 'discarded');
    return { discarded: done, missing };
  }

  /** What a consumer holds, oldest first. */
  async holdings(consumer: string): Promise<Message[]> {
    const raws = await this.#redis.lrange(this.#keys.processing(consumer), 0, -1);
    return raws.toReversed().flatMap((raw) => readMessage(raw));
  }

  /** Waiting messages, the next one first. */
  async waiting(options: { offset?: number; count?: number } = {}): Promise<Message[]> {
    const { offset = 0, count = 50 } = options;
    const raws = await this.#redis.lrange(this.#keys.main, -(offset + count), -(offset + 1));
    return raws.toReversed().flatMap((raw) => readMessage(raw));
  }

  /** Messages that wait for their next attempt, the next due first, with their due time in ms. */
  async retrying(options: { offset?: number; count?: number } = {}): Promise<{ dueAt: number; message: Message }[]> {
    const { offset = 0, count = 50 } = options;
    const reply = await this.#redis.zrange(this.#keys.retry, `${offset}`, `${offset + count - 1}`, 'WITHSCORES');
    return reply.flatMap((raw, index) =>
      index % 2 === 0 ? readMessage(raw).map((message) => ({ dueAt: Number(reply[index + 1]), message })) : [],
    );
  }

  async #swap(
    choice: DeadLetterChoice,
    textFor: (letter: DeadLetter) => string | undefined,
    step: 'replayed' | 'discarded',
  ): Promise<{ done: number; refused: number; missing: number }> {
    const { chosen, missing } = await this.#choose(choice);
    const count = { done: 0, refused: 0, missing };
    for (let from = 0; from < chosen.length; from += chunk) {
      const args: (string | number)[] = [];
      let asked = 0;
      for (const letter of chosen.slice(from, from + chunk)) {
        const text = textFor(letter);
        if (text === undefined) {
          count.refused++;
          continue;
        }
        args.push(letter.raw, text, ...this.#step({ id: letter.id, step, code: letter.code, shop: letter.shopId }));
        asked++;
      }
      const done = await this.#runSwap(asked, args);
      count.done += done;
      count.missing += asked - done;
    }
    return count;
  }

  async #runSwap(asked: number, args: (string | number)[]): Promise<number> {
    const { deadLetter, main, stats } = this.#keys;
    const reply = await swapDeadScript.run(
      this.#redis,
      [deadLetter, main, stats, this.#activityKey ?? stats],
      [asked, ...args],
    );
    return (reply as number[]).filter((one) => one === 1).length;
  }

  /** Read in full before anything is moved, for moving shifts the places that the scan counts by. Oldest first. */
  async #choose(choice: DeadLetterChoice): Promise<{ chosen: DeadLetter[]; missing: number }> {
    const ids = 'ids' in choice ? new Set(choice.ids) : undefined;
    const chosen: DeadLetter[] = [];
    for await (const letter of this.#scan()) {
      const wanted = 'ids' in choice ? ids?.has(letter.id) === true : passes(letter, choice.filter);
      if (wanted) chosen.push(letter);
    }
    const found = new Set(chosen.map(({ id }) => id));
    return { chosen: chosen.toReversed(), missing: [...(ids ?? [])].filter((id) => !found.has(id)).length };
  }

  /** All dead letters, newest first, in chunks. */
  async *#scan(): AsyncGenerator<DeadLetter> {
    for (let from = 0; ; from += chunk) {
      const raws = await this.#redis.lrange(this.#keys.deadLetter, from, from + chunk - 1);
      for (const raw of raws) yield parseDeadLetter(raw);
      if (raws.length < chunk) return;
    }
  }

  #step(step: ActivityStep): (string | number)[] {
    if (this.#activityKey === undefined) return [0];
    const fields = fieldsOf(step);
    return [1, fields.length, ...fields];
  }
}

function passes(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { reason, code, shopId, from, to } = filter;
  const at = letter.deadAt ?? 0;
  return (
    (reason === undefined || letter.reason === reason) &&
    (code === undefined || letter.code === code) &&
    (shopId === undefined || letter.shopId === shopId) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to)
  );
}

function totalsOf(stats: Record<string, string>): QueueStats['totals'] {
  const of = (name: string) => Number(stats[`total_${name}`] ?? 0);
  return {
    received: of('received'),
    enqueued: of('enqueued'),
    duplicates: of('duplicates'),
    processed: of('processed'),
    failed: of('failed'),
    retried: of('retried'),
    deadLettered: of('dead_lettered'),
    fallback: of('fallback'),
    replayed: of('replayed'),
    discarded: of('discarded'),
  };
}

function ageSeconds(raw: string, now: number): number {
  const [message] = readMessage(raw);
  return message === undefined ? 0 : Math.max(0, Math.round((now - message.metadata.enqueued_at) / 1000));
}

/** Nothing for what is not a message; a consumer will put it to the dead letters. */
function readMessage(raw: string): Message[] {
  try {
    return [parseMessage(raw)];
  } catch (error) {
    if (error instanceof NotAMessageError) return [];
    throw error;
  }
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
