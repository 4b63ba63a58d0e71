import type { RedisConnection } from '../redis/connection.ts';
import { listConsumers, type ConsumerState } from './consumer-registry.ts';
import { replayText, type DeadLetter } from '../dead-letters/dead-letter.ts';
import {
  DeadLetterStore,
  type DeadLetterSelection,
  type DeadLetterFilter,
  type DeadLetterGroup,
} from '../dead-letters/dead-letter-store.ts';
import { getRedisInfo } from '../redis/durability.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import type { QueueKeys } from '../redis/keys.ts';
import { parseMessage, type Message } from '../messages/message.ts';
import { defineScript } from '../redis/script.ts';

/** The part of /queue/stats that comes from Redis. */
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

/**
 * How many messages are where, at one moment: one that is just moved would be counted twice or not at all.
 * KEYS 1 main, 2 retry, 3 dead letters, 4 consumers, 5 removed dead letters, 6 suspects
 * ARGV 1 what the names of all processing lists begin with
 * Reply {waiting, waiting for a retry, dead-lettered, in flight}
 */
const sizesScript = defineScript(
  `local in_flight = 0
for _, consumer in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  in_flight = in_flight + redis.call('LLEN', ARGV[1] .. consumer)
end
local dead_letters = redis.call('LLEN', KEYS[3]) - redis.call('SCARD', KEYS[5])
return { redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[6]), redis.call('ZCARD', KEYS[2]), dead_letters, in_flight }`,
  { readOnly: true },
);

/** Called with how many were processed so far. */
export type DeadLetterProgress = (soFar: { done: number; rejected: number }) => void;

/** Reads a queue, and replays or discards its dead letters: for dashboard and CLI. */
export class QueueInspector {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #deadLetters: DeadLetterStore;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys; activityKey?: string | undefined }) {
    const { redis, keys, activityKey } = parts;
    this.#redis = redis;
    this.#keys = keys;
    this.#deadLetters = new DeadLetterStore({ redis, keys, activityKey });
  }

  /** Counters and sizes, with the age of the message that is next. */
  async queueStats(): Promise<QueueStats> {
    const { main, suspects, retry, deadLetter, deadLetterRemoved, stats, consumers, processing } = this.#keys;
    const redis = this.#redis;
    const [facts, sizes, totals, [seconds, micros], ...next] = await Promise.all([
      getRedisInfo(redis),
      sizesScript.run(redis, [main, retry, deadLetter, consumers, deadLetterRemoved, suspects], [processing('')]),
      redis.hgetall(stats),
      redis.time(),
      redis.lindex(main, -1),
      redis.lindex(suspects, -1),
    ]);
    const [depth, retrying, dead, inFlight] = sizes as [number, number, number, number];
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
        processing: inFlight,
        deadLetter: dead,
        oldestSeconds: Math.max(...next.map((raw) => ageSeconds(raw, Number(seconds) * 1000 + Number(micros) / 1000))),
      },
      totals: parseTotals(totals),
    };
  }

  /** All consumers' reports, over all processes. */
  async listConsumers(): Promise<ConsumerState[]> {
    return listConsumers(this.#redis, this.#keys);
  }

  /** Dead letters, newest first, and how many match the filter. */
  async listDeadLetters(
    options: { offset?: number; count?: number; filter?: DeadLetterFilter } = {},
  ): Promise<{ total: number; deadLetters: DeadLetter[] }> {
    return this.#deadLetters.list(options);
  }

  /** Every dead letter that matches the filter, newest first, read in batches. */
  iterateDeadLetters(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetter> {
    return this.#deadLetters.iterate(filter);
  }

  /** One dead letter; undefined when there is none of that id. */
  async deadLetter(id: string): Promise<DeadLetter | undefined> {
    return this.#deadLetters.find(id);
  }

  /** Dead letters grouped by reason, the largest group first. */
  async listDeadLetterGroups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    return this.#deadLetters.groups(filter);
  }

  /**
   * Requeues dead letters, each in one step, as new but with their history. What is still not a message stays and counts as
   * rejected; ids that are gone count as missing.
   */
  async replayDeadLetters(
    selection: DeadLetterSelection,
    onProgress?: DeadLetterProgress,
  ): Promise<{ replayed: number; rejected: number; missing: number }> {
    const { done, rejected, missing } = await this.#deadLetters.replayOrDiscard(
      selection,
      'replayed',
      replayText,
      onProgress,
    );
    return { replayed: done, rejected, missing };
  }

  /** Discards dead letters permanently. */
  async discardDeadLetters(
    selection: DeadLetterSelection,
    onProgress?: DeadLetterProgress,
  ): Promise<{ discarded: number; missing: number }> {
    const { done, missing } = await this.#deadLetters.replayOrDiscard(selection, 'discarded', () => '', onProgress);
    return { discarded: done, missing };
  }

  /** Drops replayed and discarded dead letters from the list that operators read; does nothing while they are few. */
  async compactDeadLetters(): Promise<void> {
    await this.#deadLetters.compact();
  }

  /** What a consumer has in flight, oldest first. */
  async listInFlight(consumer: string): Promise<Message[]> {
    const raws = await this.#redis.lrange(this.#keys.processing(consumer), 0, -1);
    return raws.toReversed().flatMap((raw) => tryParseMessage(raw));
  }

  /** Waiting messages without suspects, the next one first. */
  async listWaiting(options: { offset?: number; count?: number } = {}): Promise<Message[]> {
    const { offset = 0, count = 50 } = options;
    const raws = await this.#redis.lrange(this.#keys.main, -(offset + count), -(offset + 1));
    return raws.toReversed().flatMap((raw) => tryParseMessage(raw));
  }

  /** Messages that wait for a retry, the next due first, with their due time in ms. */
  async listRetrying(
    options: { offset?: number; count?: number } = {},
  ): Promise<{ dueAt: number; message: Message }[]> {
    const { offset = 0, count = 50 } = options;
    const [reply, clockOffset] = await Promise.all([
      this.#redis.zrange(this.#keys.retry, `${offset}`, `${offset + count - 1}`, 'WITHSCORES'),
      this.#redis.get(this.#keys.clockOffset),
    ]);
    return reply.flatMap((raw, index) =>
      index % 2 === 0
        ? tryParseMessage(raw).map((message) => ({
            dueAt: Number(reply[index + 1]) - Number(clockOffset ?? 0),
            message,
          }))
        : [],
    );
  }
}

function parseTotals(stats: Record<string, string>): QueueStats['totals'] {
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

function ageSeconds(raw: string | null, now: number): number {
  const [message] = raw === null ? [] : tryParseMessage(raw);
  return message === undefined ? 0 : Math.max(0, Math.round((now - message.metadata.enqueued_at) / 1000));
}

/** Nothing for what is not a message; a consumer will dead-letter it. */
function tryParseMessage(raw: string): Message[] {
  try {
    return [parseMessage(raw)];
  } catch (error) {
    if (error instanceof MalformedMessageError) return [];
    throw error;
  }
}
