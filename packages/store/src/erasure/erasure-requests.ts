import type { RedisConnection } from '../redis/connection.ts';
import { parseDeadLetter } from '../dead-letters/dead-letter.ts';
import { QueueInspector } from '../queue/queue-inspector.ts';
import type { Keys, QueueKeys } from '../redis/keys.ts';

/**
 * Orders whose buyer asked to be forgotten: their numbers, and since when. Shopee still has the buyer's data, and the
 * next event of the order would bring it back, so the numbers are kept for good.
 */
export class ErasureRequests {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(parts: { redis: RedisConnection; keys: Pick<Keys, 'erasures'> }) {
    this.#redis = parts.redis;
    this.#key = parts.keys.erasures;
  }

  /** Adds order numbers; those that are there already get the time of now, so that each process looks again. */
  async add(orderSns: readonly string[]): Promise<void> {
    if (orderSns.length === 0) return;
    const [seconds, micros] = await this.#redis.time();
    const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    await this.#redis.zadd(this.#key, ...orderSns.flatMap((sn) => [now, sn]));
  }

  /** All of them. */
  async listOrderSns(): Promise<string[]> {
    return this.#redis.zrange(this.#key, '0', '-1');
  }

  /** Those added after `at` (ms by Redis' clock), the oldest first. */
  async listSince(at: number): Promise<{ sn: string; at: number }[]> {
    const reply = await this.#redis.zrange(this.#key, `(${String(at)}`, '+inf', 'BYSCORE', 'WITHSCORES');
    return reply.flatMap((sn, index) => (index % 2 === 0 ? [{ sn, at: Number(reply[index + 1]) }] : []));
  }
}

/** What was, or would be, erased. */
export interface ErasureResult {
  deadLetters: number;
  /** Notifications that were not told yet, or that Telegram refused. */
  notifications: number;
}

const batchSize = 100;

/**
 * Throws away dead letters and notifications that name one of these words (order numbers, a user name). Pushes that wait
 * are left: they hold no more than that something happened to an order, and are gone when they are handled.
 */
export async function eraseReferences(
  { redis, keys }: { redis: RedisConnection; keys: Keys },
  terms: readonly string[],
  { dryRun }: { dryRun: boolean },
): Promise<ErasureResult> {
  const mentionsAny = (raw: string) => terms.some((word) => mentions(raw, word));
  const { webhooks, notifications, activity } = keys;
  const pushes = { redis, keys: webhooks, activityKey: activity };
  const outbox = { redis, keys: notifications };
  return {
    deadLetters: await eraseDeadLetters(pushes, mentionsAny, dryRun),
    notifications:
      (await eraseDeadLetters(outbox, mentionsAny, dryRun)) + (await erasePending(outbox, mentionsAny, dryRun)),
  };
}

/** As a JSON text, also inside a JSON text that is a value itself. */
function mentions(raw: string, term: string): boolean {
  const text = JSON.stringify(term);
  return raw.includes(text) || raw.includes(JSON.stringify(text).slice(1, -1));
}

interface ErasureDeps {
  redis: RedisConnection;
  keys: QueueKeys;
  activityKey?: string;
}

async function eraseDeadLetters(
  parts: ErasureDeps,
  mentionsAny: (raw: string) => boolean,
  dryRun: boolean,
): Promise<number> {
  const { redis, keys } = parts;
  const ids: string[] = [];
  for await (const raw of iterateList(redis, keys.deadLetter)) if (mentionsAny(raw)) ids.push(parseDeadLetter(raw).id);
  if (dryRun || ids.length === 0) return ids.length;
  return (await new QueueInspector(parts).discardDeadLetters({ ids })).discarded;
}

/** One that is just being sent is not among them any more. */
async function erasePending(
  { redis, keys }: ErasureDeps,
  mentionsAny: (raw: string) => boolean,
  dryRun: boolean,
): Promise<number> {
  const waiting: string[] = [];
  for await (const raw of iterateList(redis, keys.main)) if (mentionsAny(raw)) waiting.push(raw);
  const later = (await redis.zrange(keys.retry, '0', '-1')).filter((raw) => mentionsAny(raw));
  if (dryRun) return waiting.length + later.length;
  let erased = 0;
  for (const raw of waiting) erased += await redis.lrem(keys.main, 1, raw);
  for (const raw of later) erased += await redis.zrem(keys.retry, raw);
  return erased;
}

async function* iterateList(redis: RedisConnection, list: string): AsyncGenerator<string> {
  for (let from = 0; ; from += batchSize) {
    const raws = await redis.lrange(list, from, from + batchSize - 1);
    yield* raws;
    if (raws.length < batchSize) return;
  }
}
