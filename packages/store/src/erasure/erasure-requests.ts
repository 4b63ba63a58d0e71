import type { RedisConnection } from '../redis/connection.ts';
import { QueueInspector } from '../queue/queue-inspector.ts';
import type { Keys, QueueKeys } from '../redis/keys.ts';
import { defineScript } from '../redis/script.ts';

/**
 * Orders whose buyer asked for erasure: their numbers, and since when. Shopee still has the buyer's data, and the next event of
 * the order would bring it back, so the numbers are stored permanently.
 */
export class ErasureRequests {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(deps: { redis: RedisConnection; keys: Pick<Keys, 'erasures'> }) {
    this.#redis = deps.redis;
    this.#key = deps.keys.erasures;
  }

  /** Adds order numbers; known ones get the current time, so that each process erases again. */
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
  /** Notifications that were not sent yet, or that Telegram rejected. */
  notifications: number;
}

const batchSize = 100;
/** A notification that is not sent by then never will be. */
const erasedTtlSeconds = 30 * 86_400;

/**
 * Erases waiting messages in O(log n) each: of the retry set at once; one in the list, which Redis finds only by walking it, is
 * dropped when its turn comes (see fillBatchScript).
 * KEYS 1 retry, 2 erased; ARGV 1 seconds, then the messages; reply how many
 */
const eraseWaitingScript = defineScript(
  `for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 0 then redis.call('SADD', KEYS[2], redis.sha1hex(ARGV[i])) end
end
redis.call('EXPIRE', KEYS[2], ARGV[1])
return #ARGV - 1`,
  { allowOutOfMemory: true },
);

/**
 * Erases dead letters and notifications that mention one of these terms (order numbers, a user name). Waiting pushes stay: they
 * say no more than that something happened to an order, and are gone when they are processed.
 */
export async function eraseReferences(
  { redis, keys }: { redis: RedisConnection; keys: Keys },
  terms: readonly string[],
  { dryRun }: { dryRun: boolean },
): Promise<ErasureResult> {
  const mentionsAny = (raw: string) => terms.some((term) => mentions(raw, term));
  const { webhooks, notifications, activity } = keys;
  const pushes = { redis, keys: webhooks, activityKey: activity };
  const outbox = { redis, keys: notifications };
  return {
    deadLetters: await eraseDeadLetters(pushes, mentionsAny, dryRun),
    notifications:
      (await eraseDeadLetters(outbox, mentionsAny, dryRun)) + (await eraseWaiting(outbox, mentionsAny, dryRun)),
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
  deps: ErasureDeps,
  mentionsAny: (raw: string) => boolean,
  dryRun: boolean,
): Promise<number> {
  const inspector = new QueueInspector(deps);
  const ids: string[] = [];
  for await (const { raw, id } of inspector.iterateDeadLetters()) if (mentionsAny(raw)) ids.push(id);
  if (dryRun || ids.length === 0) return ids.length;
  return (await inspector.discardDeadLetters({ ids })).discarded;
}

/** One that is just being sent is not among them any more. */
async function eraseWaiting(
  { redis, keys }: ErasureDeps,
  mentionsAny: (raw: string) => boolean,
  dryRun: boolean,
): Promise<number> {
  let erased = 0;
  for await (const batch of waitingBatches(redis, keys)) {
    const raws = batch.filter((raw) => mentionsAny(raw));
    erased += raws.length;
    if (dryRun || raws.length === 0) continue;
    await eraseWaitingScript.run(redis, [keys.retry, keys.erased], [erasedTtlSeconds, ...raws]);
  }
  return erased;
}

/** What waits, a batch at a time: the lists from their newest, which moves nothing that is taken meanwhile, then the retry set. */
async function* waitingBatches(redis: RedisConnection, keys: QueueKeys): AsyncGenerator<string[]> {
  for (const list of [keys.main, keys.suspects]) {
    for (let from = 0; ; from += batchSize) {
      const raws = await redis.lrange(list, from, from + batchSize - 1);
      yield raws;
      if (raws.length < batchSize) break;
    }
  }
  let cursor = '0';
  do {
    const [next, reply] = await redis.zscan(keys.retry, cursor, 'COUNT', batchSize);
    yield reply.filter((_, index) => index % 2 === 0);
    cursor = next;
  } while (cursor !== '0');
}
