import type { RedisConnection } from '../redis/connection.ts';
import type { QueueKeys } from '../redis/keys.ts';
import { parseMessage } from '../messages/message.ts';

/** A queue of another program, or ours in another Redis. */
export interface QueueLink {
  redis: RedisConnection;
  keys: QueueKeys;
}

/** What one key of the old queue holds. */
export interface MovedKey {
  key: string;
  /** Where its messages go. */
  to: 'queue' | 'retry' | 'dead letters';
  messages: number;
  /** Of them those that are neither a message nor a push: they become dead letters. */
  malformed: number;
}

const batchSize = 100;

/**
 * Moves what waits in an old queue into ours, letter by letter: waiting messages and those in flight into the queue, behind
 * what is there, scheduled ones with their due time, dead letters behind ours. Each batch is in our Redis before it leaves
 * the old one, so that a crash between the two repeats a batch and loses none. The old program must be stopped. `dryRun`
 * counts only.
 */
export async function moveQueue(from: QueueLink, to: QueueLink, { dryRun }: { dryRun: boolean }): Promise<MovedKey[]> {
  const inFlight = await scan(from);
  const moved: MovedKey[] = [];
  for (const key of [...inFlight, from.keys.main]) {
    moved.push(await moveList(from, key, { to, target: to.keys.main, name: 'queue', dryRun }));
  }
  const retry =
    (await from.redis.type(from.keys.retry)) === 'list'
      ? moveList(from, from.keys.retry, { to, target: to.keys.main, name: 'queue', dryRun })
      : moveSchedule(from, to, { dryRun });
  moved.push(await retry);
  const dead = { to, target: to.keys.deadLetter, name: 'dead letters' as const, dryRun };
  moved.push(await moveList(from, from.keys.deadLetter, dead));
  return moved.filter(({ messages }) => messages > 0);
}

async function scan({ redis, keys }: QueueLink): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const reply = await redis.call('SCAN', cursor, 'MATCH', keys.processingPattern, 'COUNT', '1000', 'TYPE', 'list');
    if (!Array.isArray(reply)) break;
    const [next, names] = reply;
    cursor = String(next);
    for (const name of Array.isArray(names) ? names : []) found.add(String(name));
  } while (cursor !== '0');
  return [...found].toSorted();
}

/** Waiting messages oldest first, from the right end to our left one; dead letters newest first, to our right end. */
async function moveList(
  from: QueueLink,
  key: string,
  { to, target, name, dryRun }: { to: QueueLink; target: string; name: MovedKey['to']; dryRun: boolean },
): Promise<MovedKey> {
  const moved: MovedKey = { key, to: name, messages: 0, malformed: 0 };
  const fromRight = name === 'queue';
  for (;;) {
    const seen = dryRun ? moved.messages : 0;
    const batch = fromRight
      ? (await from.redis.lrangeBuffer(key, -(seen + batchSize), -(seen + 1))).toReversed()
      : await from.redis.lrangeBuffer(key, seen, seen + batchSize - 1);
    if (batch.length === 0) return moved;
    count(moved, batch);
    if (dryRun) continue;
    if (fromRight) {
      await to.redis.lpush(target, ...batch);
      await from.redis.ltrim(key, 0, -(batch.length + 1));
    } else {
      await to.redis.rpush(target, ...batch);
      await from.redis.ltrim(key, batch.length, -1);
    }
  }
}

async function moveSchedule(from: QueueLink, to: QueueLink, { dryRun }: { dryRun: boolean }): Promise<MovedKey> {
  const moved: MovedKey = { key: from.keys.retry, to: 'retry', messages: 0, malformed: 0 };
  for (;;) {
    const start = dryRun ? moved.messages : 0;
    const pairs = await from.redis.zrangeBuffer(
      from.keys.retry,
      String(start),
      String(start + batchSize - 1),
      'WITHSCORES',
    );
    const batch = pairs.filter((_, index) => index % 2 === 0);
    if (batch.length === 0) return moved;
    count(moved, batch);
    if (dryRun) continue;
    const scheduled = batch.flatMap((raw, index) => [dueMs(String(pairs[index * 2 + 1])), raw]);
    await to.redis.call('ZADD', to.keys.retry, ...scheduled);
    await from.redis.zrem(from.keys.retry, ...batch);
  }
}

/** Others store seconds. */
function dueMs(score: string): number {
  const due = Number(score);
  return due < 1e11 ? due * 1_000 : due;
}

function count(moved: MovedKey, batch: readonly Buffer[]): void {
  moved.messages += batch.length;
  moved.malformed += batch.filter((raw) => !isMessage(raw.toString())).length;
}

function isMessage(raw: string): boolean {
  try {
    parseMessage(raw);
    return true;
  } catch {
    return false;
  }
}
