import { systemClock } from '@shopee-webhook/runtime/clock';
import type { ActivityEntry } from '../activity/activity-entry.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { parseDeadLetter, type DeadLetter } from './dead-letter.ts';
import { replayOrDiscardScript, rotateScript } from './dead-letter-scripts.ts';
import { deadLetterKeys, type QueueKeys } from '../redis/keys.ts';
import type { ScriptArg } from '../redis/script.ts';
import { activityArgs } from '../activity/activity-log.ts';

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
export type DeadLetterSelection = { ids: string[] } | { filter: DeadLetterFilter };

/** Dead letters that died of the same thing. */
export interface DeadLetterGroup {
  reason: string;
  /** The error of the newest. */
  error: string;
  count: number;
  /** ms. */
  firstDeadLetteredAt: number | undefined;
  lastDeadLetteredAt: number | undefined;
  codes: number[];
}

interface BulkResult {
  done: number;
  rejected: number;
  missing: number;
}

/** Decides over one dead letter: the text to enqueue, '' to discard it, undefined to leave it. */
type ToText = (letter: DeadLetter) => string | undefined;

// Messages are up to 1 MiB each.
const batchSize = 100;
const compactionMs = 60_000;

/**
 * The dead letters: read and decided over by id or in batches, each in O(log n), so that a large pile blocks nobody.
 * See dead-letter-scripts.ts for how they lie in Redis.
 */
export class DeadLetterStore {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #activityKey: string | undefined;
  /** By how much the list was longer than the index when every element had been looked at. */
  #explained = 0;

  constructor(deps: { redis: RedisConnection; keys: QueueKeys; activityKey: string | undefined }) {
    this.#redis = deps.redis;
    this.#keys = deps.keys;
    this.#activityKey = deps.activityKey;
  }

  /** Those that match the filter, newest first, and how many they are. */
  async list(options: {
    offset?: number | undefined;
    count?: number | undefined;
    filter?: DeadLetterFilter | undefined;
  }): Promise<{ total: number; deadLetters: DeadLetter[] }> {
    const { offset = 0, count = 50, filter = {} } = options;
    await this.#indexForeign();
    if (isEmpty(filter)) {
      const order = this.#keys.deadLetterOrder;
      const [total, ids] = await Promise.all([
        this.#redis.zcard(order),
        count > 0 ? this.#redis.zrange(order, `${offset}`, `${offset + count - 1}`, 'REV') : [],
      ]);
      return { total, deadLetters: await this.#read(ids) };
    }
    const deadLetters: DeadLetter[] = [];
    let total = 0;
    for await (const letter of this.iterate(filter)) {
      if (total >= offset && deadLetters.length < count) deadLetters.push(letter);
      total++;
    }
    return { total, deadLetters };
  }

  /** One by its id. */
  async find(id: string): Promise<DeadLetter | undefined> {
    const [letter] = await this.#find([id]);
    return letter;
  }

  /** Groups by reason, the largest first. */
  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.iterate(filter)) {
      const { reason, error, deadLetteredAt, code } = letter;
      // The first that is seen is the newest.
      const group = groups.get(reason) ?? {
        reason,
        error,
        count: 0,
        firstDeadLetteredAt: deadLetteredAt,
        lastDeadLetteredAt: deadLetteredAt,
        codes: [],
      };
      group.count++;
      group.firstDeadLetteredAt = deadLetteredAt ?? group.firstDeadLetteredAt;
      if (code !== undefined && !group.codes.includes(code)) group.codes.push(code);
      groups.set(reason, group);
    }
    return [...groups.values()].sort((one, other) => other.count - one.count);
  }

  /** Those that match the filter, newest first. */
  async *iterate(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    await this.#indexForeign();
    for await (const batch of this.#batches({ from: '+inf', to: '-inf', newestFirst: true })) {
      for (const letter of batch) if (matches(letter, filter)) yield letter;
    }
  }

  /**
   * Goes from the oldest to the newest of those that are there at the beginning, and replaces each that is selected by the
   * text that `toText` gives. What is dead-lettered again meanwhile is newer, and stays.
   */
  async replayOrDiscard(
    selection: DeadLetterSelection,
    type: 'replayed' | 'discarded',
    toText: ToText,
    onProgress: (soFar: { done: number; rejected: number }) => void = () => undefined,
  ): Promise<BulkResult> {
    const total: BulkResult = { done: 0, rejected: 0, missing: 0 };
    const ids = 'ids' in selection ? [...new Set(selection.ids)] : undefined;
    const batches = 'ids' in selection ? this.#batchesOf(ids ?? []) : this.#matching(selection.filter);
    let found = 0;
    for await (const letters of batches) {
      const { done, rejected } = await this.#replayOrDiscardBatch(letters, type, toText);
      found += letters.length;
      total.done += done;
      total.rejected += rejected;
      onProgress({ done: total.done, rejected: total.rejected });
    }
    total.missing = ids === undefined ? 0 : ids.length - found;
    return total;
  }

  /**
   * Drops what was replayed or discarded from the list, when it is a tenth of it: each removal then costs ten moves, however
   * long the list is. One process at a time.
   */
  async compact(): Promise<void> {
    const { deadLetter, deadLetterRemoved, deadLetterCompaction } = this.#keys;
    const [length, removed] = await Promise.all([this.#redis.llen(deadLetter), this.#redis.scard(deadLetterRemoved)]);
    if (removed === 0 || removed * 10 < length) return;
    if ((await this.#redis.set(deadLetterCompaction, '1', 'PX', compactionMs, 'NX')) === null) return;
    try {
      await this.#rotate();
    } finally {
      await this.#redis.del(deadLetterCompaction);
    }
  }

  /** Finds what another program put into the list: it is longer than the index then. */
  async #indexForeign(): Promise<void> {
    const { deadLetter, deadLetterOrder, deadLetterRemoved } = this.#keys;
    const difference = async () => {
      const [length, indexed, removed] = await Promise.all([
        this.#redis.llen(deadLetter),
        this.#redis.zcard(deadLetterOrder),
        this.#redis.scard(deadLetterRemoved),
      ]);
      return length - indexed - removed;
    };
    const unexplained = await difference();
    if (unexplained <= 0 || unexplained === this.#explained) return;
    await this.#rotate();
    this.#explained = await difference();
  }

  /** Passes the whole list once, oldest first; ends early when another process does the same. */
  async #rotate(): Promise<void> {
    const { deadLetter, deadLetterRemoved, deadLetterCompaction } = this.#keys;
    const keys = [...deadLetterKeys(this.#keys), deadLetterRemoved];
    let left = await this.#redis.llen(deadLetter);
    while (left > 0) {
      const raws = await this.#redis.lrange(deadLetter, -Math.min(batchSize, left), -1);
      const letters = raws.toReversed().map((raw) => parseDeadLetter(raw));
      const args = letters.flatMap(({ raw, id, deadLetteredAt }) => [raw, id, deadLetteredAt ?? systemClock.wallMs()]);
      const passed = Number(await rotateScript.run(this.#redis, keys, args));
      if (passed === 0) return;
      left -= passed;
      await this.#redis.pexpire(deadLetterCompaction, compactionMs);
    }
  }

  async #replayOrDiscardBatch(
    letters: DeadLetter[],
    type: ActivityEntry['step'],
    toText: ToText,
  ): Promise<{ done: number; rejected: number }> {
    const args: ScriptArg[] = [];
    let requested = 0;
    for (const letter of letters) {
      const text = toText(letter);
      if (text === undefined) continue;
      const { code, shopId, reason } = letter;
      const entry = { id: letter.messageId, step: type, code, shop: shopId, reason };
      args.push(letter.id, letter.raw, text, ...activityArgs(this.#activityKey === undefined ? [] : [entry]));
      requested++;
    }
    const rejected = letters.length - requested;
    if (requested === 0) return { done: 0, rejected };
    const { deadLetterRemoved, main, stats } = this.#keys;
    const keys = [...deadLetterKeys(this.#keys), deadLetterRemoved, main, stats, this.#activityKey ?? stats];
    const reply = (await replayOrDiscardScript.run(this.#redis, keys, [requested, ...args])) as number[];
    return { done: reply.filter((one) => one === 1).length, rejected };
  }

  /** Those that match, oldest first, of those that are there now. */
  async *#matching(filter: DeadLetterFilter): AsyncGenerator<DeadLetter[]> {
    await this.#indexForeign();
    const [, newest] = await this.#redis.zrange(this.#keys.deadLetterOrder, '0', '0', 'REV', 'WITHSCORES');
    if (newest === undefined) return;
    for await (const batch of this.#batches({ from: '-inf', to: newest, newestFirst: false })) {
      yield batch.filter((letter) => matches(letter, filter));
    }
  }

  async *#batchesOf(ids: string[]): AsyncGenerator<DeadLetter[]> {
    for (let at = 0; at < ids.length; at += batchSize) yield await this.#find(ids.slice(at, at + batchSize));
  }

  /** All between two scores, a batch at a time. */
  async *#batches(range: { from: string; to: string; newestFirst: boolean }): AsyncGenerator<DeadLetter[]> {
    const { to, newestFirst } = range;
    const { deadLetterOrder } = this.#keys;
    for (let { from } = range; ;) {
      const reply = newestFirst
        ? await this.#redis.zrange(deadLetterOrder, from, to, 'BYSCORE', 'REV', 'LIMIT', 0, batchSize, 'WITHSCORES')
        : await this.#redis.zrange(deadLetterOrder, from, to, 'BYSCORE', 'LIMIT', 0, batchSize, 'WITHSCORES');
      yield await this.#read(reply.filter((_, index) => index % 2 === 0));
      // Scores are unique.
      if (reply.length < 2 * batchSize) return;
      from = `(${reply.at(-1) ?? ''}`;
    }
  }

  async #find(ids: string[]): Promise<DeadLetter[]> {
    const letters = await this.#read(ids);
    if (letters.length === ids.length) return letters;
    await this.#indexForeign();
    return this.#read(ids);
  }

  async #read(ids: string[]): Promise<DeadLetter[]> {
    if (ids.length === 0) return [];
    const records = await this.#redis.hmget(this.#keys.deadLetterRecords, ...ids);
    return records.flatMap((raw, index) =>
      typeof raw === 'string' ? [{ ...parseDeadLetter(raw), id: ids[index] ?? '' }] : [],
    );
  }
}

function isEmpty(filter: DeadLetterFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { reason, code, shopId, from, to } = filter;
  const at = letter.deadLetteredAt ?? 0;
  return (
    (reason === undefined || letter.reason === reason) &&
    (code === undefined || letter.code === code) &&
    (shopId === undefined || letter.shopId === shopId) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to)
  );
}
