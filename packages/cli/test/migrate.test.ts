import { randomUUID } from 'node:crypto';
import { buildKeys, connectRedis, type RedisConnection } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { freshDir, run, runJson } from './helpers.ts';

let server: RedisServer;
let old: RedisConnection;
let ours: RedisConnection;
let env: Record<string, string>;

beforeEach(async () => {
  server = await startRedis({ dir: freshDir(), args: ['--requirepass', 'p@ss:word'] });
  old = connectRedis({ host: '127.0.0.1', port: server.port, password: 'p@ss:word' });
  ours = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  env = {
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(inject('redisPort')),
    REDIS_KEY_PREFIX: `t${randomUUID()}`,
    DATA_DIR: freshDir(),
  };
});

afterEach(async () => {
  old.disconnect();
  ours.disconnect();
  await server.close();
});

const keys = buildKeys('bot').webhooks;
const address = (database = '') => `redis://:p%40ss%3Aword@127.0.0.1:${String(server.port)}${database}`;
const push = (n: number) => ({
  code: 3,
  shop_id: 700_000_001,
  timestamp: 1_788_220_800 + n,
  data: { ordersn: `O${String(n)}` },
});
/** What other receivers queue: a bare push, a payload alone, and one with an id and metadata of their own. */
const shapes = (n: number) =>
  [push(n), { payload: push(n) }, { id: `job-${String(n)}`, payload: push(n), metadata: { tries: 2 } }][n % 3];

/** 250 waiting, 2 in flight, 3 scheduled in seconds, 120 dead, and one that is no message. */
async function fill(): Promise<void> {
  for (let n = 0; n < 250; n += 1) await old.lpush(keys.main, JSON.stringify(shapes(n)));
  await old.lpush(keys.main, 'no message at all');
  await old.lpush(keys.processing('worker-1'), JSON.stringify(shapes(900)), JSON.stringify(shapes(901)));
  for (const n of [0, 1, 2]) await old.call('ZADD', keys.retry, String(1_788_220_800 + n), JSON.stringify(shapes(n)));
  for (let n = 0; n < 120; n += 1) await old.lpush(keys.deadLetter, JSON.stringify({ ...push(n), reason: String(n) }));
}

async function contents(redis: RedisConnection, prefix: string) {
  const queue = buildKeys(prefix).webhooks;
  const [main, dead, retry] = await Promise.all([
    redis.lrange(queue.main, 0, -1),
    redis.lrange(queue.deadLetter, 0, -1),
    redis.zrange(queue.retry, '0', '-1', 'WITHSCORES'),
  ]);
  return { main, dead, retry };
}

test('a dry run counts and moves nothing; with --yes all of it is in our queue in its order, and nothing is left', async () => {
  await fill();
  const before = await contents(old, 'bot');
  const command = ['migrate', 'from', address(), '--prefix', 'bot'];
  const dry = await run(command, env);
  expect([dry.code, dry.err]).toEqual([0, '']);
  expect(dry.out).toContain(
    'bot:webhooks:main: 251 messages would be moved into the queue, of which 1 are no messages',
  );
  expect(dry.out).toContain('bot:webhooks:processing:worker-1: 2 messages would be moved into the queue');
  expect(dry.out).toContain('bot:webhooks:dead_letter: 120 messages would be moved into the dead letters');
  expect(dry.out).not.toContain('p@ss');
  expect(await contents(old, 'bot')).toEqual(before);
  const prefix = env['REDIS_KEY_PREFIX'] ?? '';
  expect((await contents(ours, prefix)).main).toEqual([]);

  await ours.lpush(buildKeys(prefix).webhooks.main, 'ours');
  expect((await runJson([...command, '--yes'], env)).values).toMatchObject([{ done: true, keys: { length: 4 } }]);
  const after = await contents(ours, prefix);
  const inFlight = [901, 900].map((n) => JSON.stringify(shapes(n)));
  expect(after.main).toEqual([...before.main, ...inFlight, 'ours']);
  expect(after.dead).toEqual(before.dead);
  // In milliseconds here.
  expect(after.retry.filter((_, index) => index % 2 === 1)).toEqual([
    '1788220800000',
    '1788220801000',
    '1788220802000',
  ]);
  expect(await old.dbsize()).toBe(0);
  expect((await run(['dlq', 'list'], env)).out).toMatch(/\b120\b/);
  expect((await run([...command, '--yes'], env)).out).toBe('nothing waits there under the prefix bot');
});

test('another database is found by its number', async () => {
  await old.call('SELECT', '3');
  await old.lpush(keys.main, JSON.stringify(shapes(1)));
  expect((await run(['migrate', 'from', address('/3'), '--prefix', 'bot'], env)).out).toContain('main: 1 messages');
  expect((await run(['migrate', 'from', address('/0'), '--prefix', 'bot'], env)).out).toContain('nothing waits there');
});

test('our own queue, an address that is none, and a wrong password are rejected', async () => {
  const own = `redis://127.0.0.1:${String(inject('redisPort'))}`;
  expect(await run(['migrate', 'from', own, '--prefix', env['REDIS_KEY_PREFIX'] ?? ''], env)).toMatchObject({
    code: 2,
    err: expect.stringContaining('own queue'),
  });
  expect((await run(['migrate', 'from', 'http://x'], env)).code).toBe(2);
  const wrong = await run(['migrate', 'from', address().replace('p%40ss', 'no')], env);
  expect([wrong.code, wrong.err]).toEqual([69, expect.stringContaining('WRONGPASS')]);
});
