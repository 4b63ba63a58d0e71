import type { ActivityEntry } from '../activity/activity-entry.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { parseDeadLetter, type DeadLetter } from './dead-letter.ts';
import type { QueueKeys } from '../redis/keys.ts';
import { replayOrDiscardScript } from '../queue/queue-scripts.ts';
import type { ScriptArg } from '../redis/script.ts';
import { activityArgs } from '../queue/lua-args.ts';

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

// Messages are up to 1 MiB each.
const batchSize = 100;

/** The dead letters, newest at the left. They are read and decided over in chunks, so that a large pile stops nobody. */
export class DeadLetterStore {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #activityKey: string | undefined;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys; activityKey: string | undefined }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
    this.#activityKey = parts.activityKey;
  }

  /** Those that the filter lets through, newest first, and how many they are. */
  async list(options: {
    offset?: number | undefined;
    count?: number | undefined;
    filter?: DeadLetterFilter | undefined;
  }): Promise<{ total: number; deadLetters: DeadLetter[] }> {
    const { offset = 0, count = 50, filter = {} } = options;
    if (isEmpty(filter)) {
      const [total, raws] = await Promise.all([
        this.#redis.llen(this.#keys.deadLetter),
        count > 0 ? this.#redis.lrange(this.#keys.deadLetter, offset, offset + count - 1) : [],
      ]);
      return { total, deadLetters: raws.map((raw) => parseDeadLetter(raw)) };
    }
    const deadLetters: DeadLetter[] = [];
    let total = 0;
    for await (const letter of this.#scan()) {
      if (!matches(letter, filter)) continue;
      if (total >= offset && deadLetters.length < count) deadLetters.push(letter);
      total++;
    }
    return { total, deadLetters };
  }

  /** One by its id. */
  async find(id: string): Promise<DeadLetter | undefined> {
    for await (const letter of this.#scan((raw) => mightMatch(raw, id))) if (letter.id === id) return letter;
    return undefined;
  }

  /** Groups by reason, the largest first. */
  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.#scan()) {
      if (!matches(letter, filter)) continue;
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

  /** Those that the filter lets through, newest first, one after the other. */
  async *iterate(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    for await (const letter of this.#scan()) if (matches(letter, filter)) yield letter;
  }

  /**
   * Goes from the oldest to the newest of those that were there at the beginning, and swaps each that is chosen for the
   * text that `textFor` gives ('' = throw it away, undefined = leave it). What dies again meanwhile comes in at the other end.
   */
  async replayOrDiscard(
    selection: DeadLetterSelection,
    step: 'replayed' | 'discarded',
    textFor: (letter: DeadLetter) => string | undefined,
    onProgress: (soFar: { done: number; rejected: number }) => void = () => undefined,
  ): Promise<BulkResult> {
    const wanted = 'ids' in selection ? new Set(selection.ids) : undefined;
    const isChosen = (letter: DeadLetter) =>
      'ids' in selection ? wanted?.has(letter.id) === true : matches(letter, selection.filter);
    const total: BulkResult = { done: 0, rejected: 0, missing: 0 };
    let unseen = await this.#redis.llen(this.#keys.deadLetter);
    let left = 0;
    while (unseen > 0) {
      const size = Math.min(batchSize, unseen);
      const raws = await this.#redis.lrange(this.#keys.deadLetter, -(left + size), -(left + 1));
      if (raws.length === 0) break;
      const chosen = raws
        .toReversed()
        .map((raw) => parseDeadLetter(raw))
        .filter(isChosen);
      const { done, refused } = await this.#replayOrDiscardBatch(chosen, step, textFor);
      for (const { id } of chosen) wanted?.delete(id);
      total.done += done;
      total.rejected += refused;
      onProgress({ done: total.done, rejected: total.rejected });
      left += raws.length - done;
      unseen -= raws.length;
      if (wanted?.size === 0) break;
    }
    total.missing = wanted?.size ?? 0;
    return total;
  }

  async #replayOrDiscardBatch(
    letters: DeadLetter[],
    step: ActivityEntry['step'],
    textFor: (letter: DeadLetter) => string | undefined,
  ): Promise<{ done: number; refused: number }> {
    const args: ScriptArg[] = [];
    let asked = 0;
    for (const letter of letters) {
      const text = textFor(letter);
      if (text === undefined) continue;
      const { id, code, shopId, reason } = letter;
      const steps = this.#activityKey === undefined ? [] : [{ id, step, code, shop: shopId, reason }];
      args.push(letter.raw, text, ...activityArgs(steps));
      asked++;
    }
    const refused = letters.length - asked;
    if (asked === 0) return { done: 0, refused };
    const { deadLetter, main, stats } = this.#keys;
    const keys = [deadLetter, main, stats, this.#activityKey ?? stats];
    const reply = (await replayOrDiscardScript.run(this.#redis, keys, [asked, ...args])) as number[];
    return { done: reply.filter((one) => one === 1).length, refused };
  }

  /** All, newest first; only those whose text passes are parsed. */
  async *#scan(prefilter: (raw: string) => boolean = () => true): AsyncGenerator<DeadLetter> {
    for (let from = 0; ; from += batchSize) {
      const raws = await this.#redis.lrange(this.#keys.deadLetter, from, from + batchSize - 1);
      for (const raw of raws) if (prefilter(raw)) yield parseDeadLetter(raw);
      if (raws.length < batchSize) return;
    }
  }
}

/** A record that holds an id, but not this one, need not be parsed. */
function mightMatch(raw: string, id: string): boolean {
  return raw.includes(id) || !raw.includes('"id"');
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
