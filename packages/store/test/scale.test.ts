import { describe, expect, it } from 'vitest';
import { buildKeys, Queue, QueueInspector, type RedisConnection } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { ack, deadLetter, push, retryNow } from './queues.ts';

const few = 10_000;
const many = 1_000_000;

/** Fills every structure of a queue, in the server: dead letters m0 … with their index, waiting messages, retries. */
const fill = `
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local payload = '"payload":{"code":3,"shop_id":1,"data":{"ordersn":"SN' .. n .. '"}}'
  local dead = '{"id":"m' .. n .. '",' .. payload .. ',"metadata":{"reason":"x","dead_at":' .. string.format('%d', 1790000000000 + n) .. '}}'
  redis.call('LPUSH', KEYS[1], dead)
  redis.call('HSET', KEYS[2], 'm' .. n, dead)
  redis.call('ZADD', KEYS[3], (1790000000000 + n) * 4096, 'm' .. n)
  redis.call('LPUSH', KEYS[4], '{"id":"w' .. n .. '",' .. payload .. '}')
  redis.call('ZADD', KEYS[5], 4000000000000 + n, '{"id":"r' .. n .. '",' .. payload .. '}')
end`;

async function setUp(redis: RedisConnection, size: number) {
  const keys = buildKeys(`n${size}`);
  const { deadLetter: list, deadLetterRecords, deadLetterOrder, main, retry } = keys.webhooks;
  for (let from = 0; from < size; from += 10_000) {
    await redis.eval(fill, 5, list, deadLetterRecords, deadLetterOrder, main, retry, from, from + 10_000);
  }
  const deps = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity };
  return { keys, size, queue: new Queue(deps), inspector: new QueueInspector(deps) };
}

type Filled = Awaited<ReturnType<typeof setUp>>;

let next = 0;
/** Ids in the middle of the dead letters, each used once. */
const ids = ({ size }: Filled, count: number) => Array.from({ length: count }, () => `m${size / 2 + next++}`);
const take = ({ queue }: Filled) => queue.take('c', { max: 20, blockMs: 20 });

const operations: Record<string, (filled: Filled) => Promise<unknown>> = {
  'replay 50 dead letters': (filled) => filled.inspector.replayDeadLetters({ ids: ids(filled, 50) }),
  'discard 50 dead letters': (filled) => filled.inspector.discardDeadLetters({ ids: ids(filled, 50) }),
  'find a dead letter': (filled) => filled.inspector.deadLetter(ids(filled, 1)[0] ?? ''),
  'page through dead letters': ({ inspector, size }) =>
    inspector.listDeadLetters({ offset: Math.floor(size / 3), count: 50 }),
  'add a dead letter': ({ queue }) =>
    queue.deadLetter({
      id: `new${next++}`,
      payloadText: push(1),
      maxRetries: 3,
      acceptedAt: 1,
      firstFailedAt: 1,
      deadLetteredAt: Date.now(),
      attempts: 1,
      reason: 'x',
      error: 'E',
      history: [],
    }),
  enqueue: ({ queue }) => queue.enqueue(push(1), { digest: `d${next++}`, activity: { code: 3 } }),
  'take and ack': async (filled) => filled.queue.settle('c', (await take(filled)).map(ack)),
  'take and retry': async (filled) => filled.queue.settle('c', (await take(filled)).map(retryNow)),
  'take and dead-letter': async (filled) => filled.queue.settle('c', (await take(filled)).map(deadLetter('x'))),
  'take and requeue': async (filled) => filled.queue.requeue('c', await take(filled)),
  promote: ({ queue }) => queue.promoteDue(50),
  reap: ({ queue }) => queue.reap(),
  'recover orphans': ({ queue }) => queue.recoverOrphans(),
  'queue stats': ({ inspector }) => inspector.queueStats(),
  'list waiting and retries': async ({ inspector }) => [await inspector.listWaiting(), await inspector.listRetrying()],
};

/** What the server computes for `work`, µs, by its own account. */
async function cpuOf(redis: RedisConnection, work: () => Promise<unknown>): Promise<number> {
  await redis.config('RESETSTAT');
  await work();
  const stats = await redis.info('commandstats');
  const calls = stats.matchAll(/cmdstat_(?!info|config|blmove)[^:]*:calls=\d+,usec=(\d+)/g);
  return [...calls].reduce((sum, [, us]) => sum + Number(us), 0);
}

describe('the work of Redis', { timeout: 300_000 }, () => {
  it('grows no more than a logarithm with what lies in the queue', async () => {
    const server = await startDedicatedRedis(['--maxmemory', '0', '--appendonly', 'no', '--save', '']);
    const redis = server.connect({ commandTimeoutMs: 60_000 });
    const small = await setUp(redis, few);
    const large = await setUp(redis, many);
    for (const [name, operation] of Object.entries(operations)) {
      const cost = async (filled: Filled) => {
        const times: number[] = [];
        for (let run = 0; run < 5; run++) times.push(await cpuOf(redis, () => operation(filled)));
        return Math.min(...times);
      };
      const [before, after] = [await cost(small), await cost(large)];
      // The logarithm of a million is 1.5 times that of ten thousand; the rest is for a busy machine.
      expect.soft(after, `${name}: ${before} µs, then ${after} µs`).toBeLessThan(before * 4 + 200);
    }
  });
});
