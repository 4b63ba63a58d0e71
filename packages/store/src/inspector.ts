import type { RedisConnection } from './connection.ts';
import { consumerReports, type ConsumerState } from './consumer-reports.ts';
import { replayText, type DeadLetter } from './dead-letter.ts';
import {
  DeadLetterBox,
  type DeadLetterChoice,
  type DeadLetterFilter,
  type DeadLetterGroup,
} from './dead-letter-box.ts';
import { redisFacts } from './durability.ts';
import { NotAMessageError } from './errors.ts';
import type { QueueKeys } from './keys.ts';
import { parseMessage, type Message } from './message.ts';
import { defineScript } from './script.ts';

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

/**
 * Where messages are, all at one moment: what is just moved would be counted twice or not at all.
 * KEYS 1 main, 2 retry, 3 dead letters, 4 consumers
 * ARGV 1 what the names of all processing lists begin with
 * Reply {waiting, waiting to be tried again, dead, in hand}
 */
const sizesScript = defineScript(
  `local held = 0
for _, consumer in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  held = held + redis.call('LLEN', ARGV[1] .. consumer)
end
return { redis.call('LLEN', KEYS[1]), redis.call('ZCARD', KEYS[2]), redis.call('LLEN', KEYS[3]), held }`,
  { readOnly: true },
);

/** Hears how many were dealt with so far. */
export type DeadLetterProgress = (soFar: { done: number; refused: number }) => void;

/** Looks into a queue, and lets a person decide over its dead letters: what dashboard and CLI stand on. */
export class Inspector {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #dead: DeadLetterBox;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys; activityKey?: string | undefined }) {
    const { redis, keys, activityKey } = parts;
    this.#redis = redis;
    this.#keys = keys;
    this.#dead = new DeadLetterBox({ redis, keys, activityKey });
  }

  /** Counters and sizes, with the age of the message that is next. */
  async queueStats(): Promise<QueueStats> {
    const { main, retry, deadLetter, stats, consumers, processing } = this.#keys;
    const redis = this.#redis;
    const [facts, sizes, totals, [seconds, micros], next] = await Promise.all([
      redisFacts(redis),
      sizesScript.run(redis, [main, retry, deadLetter, consumers], [processing('')]),
      redis.hgetall(stats),
      redis.time(),
      redis.lindex(main, -1),
    ]);
    const [depth, retrying, dead, held] = sizes as [number, number, number, number];
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
        processing: held,
        deadLetter: dead,
        oldestSeconds: next === null ? 0 : ageSeconds(next, Number(seconds) * 1000 + Number(micros) / 1000),
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
    return this.#dead.list(options);
  }

  /** Every dead letter that the filter lets through, newest first, read piece by piece. */
  eachDeadLetter(filter: DeadLetterFilter = {}): AsyncGenerator<DeadLetter> {
    return this.#dead.each(filter);
  }

  /** One dead letter; undefined when there is none of that id. */
  async deadLetter(id: string): Promise<DeadLetter | undefined> {
    return this.#dead.find(id);
  }

  /** Dead letters grouped by reason, the largest group first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    return this.#dead.groups(filter);
  }

  /**
   * Puts dead letters back into the line, each in one step, as new but with their history. Garbage that is still not a
   * message stays and counts as refused; ids that are gone count as missing.
   */
  async replay(
    choice: DeadLetterChoice,
    onProgress?: DeadLetterProgress,
  ): Promise<{ replayed: number; refused: number; missing: number }> {
    const { done, refused, missing } = await this.#dead.swap(choice, 'replayed', replayText, onProgress);
    return { replayed: done, refused, missing };
  }

  /** Throws dead letters away for good. */
  async discard(
    choice: DeadLetterChoice,
    onProgress?: DeadLetterProgress,
  ): Promise<{ discarded: number; missing: number }> {
    const { done, missing } = await this.#dead.swap(choice, 'discarded', () => '', onProgress);
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
