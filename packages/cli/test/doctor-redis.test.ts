import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { connectRedis } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { freshDir, runJson } from './helpers.ts';

const closing: (() => unknown)[] = [];
let env: Record<string, string>;

beforeEach(() => {
  // Nothing else is set: what is missing is told, and Redis is looked at all the same.
  env = { REDIS_HOST: '127.0.0.1', SHOPEE_API_URL: 'http://127.0.0.1:1', DATA_DIR: freshDir(), LOG_DIR: freshDir() };
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Finding {
  area: string;
  level: string;
  text: string;
  action?: string;
  link?: string;
}

/** What the doctor says of the Redis at this port, as `level text → action`. */
async function told(port: number): Promise<string[]> {
  const { values } = await runJson(['doctor'], { ...env, REDIS_PORT: String(port) });
  return (values as Finding[])
    .filter(({ area }) => area === 'redis')
    .map(({ level, text, action = '' }) => `${level} ${text} → ${action}`);
}

async function ownRedis(...args: string[]): Promise<RedisServer> {
  const redis = await startRedis({ dir: freshDir(), args });
  closing.push(() => redis.close());
  return redis;
}

/** So many times 100 kB. */
async function fill(port: number, times: number): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port });
  try {
    for (let time = 0; time < times; time += 1) await redis.set(`fill:${String(time)}`, 'x'.repeat(100_000));
  } finally {
    redis.disconnect();
  }
}

/** Stands between the doctor and Redis and changes its answers. */
async function between(port: number, change: (answer: string) => string, delayMs = 0): Promise<number> {
  const server: Server = createServer((client) => {
    const redis = connect(port, '127.0.0.1');
    client.on('error', () => redis.destroy()).pipe(redis);
    redis.on('error', () => client.destroy());
    redis.on('data', (data) => {
      const answer = Buffer.from(change(data.toString('latin1')), 'latin1');
      setTimeout(() => client.write(answer), delayMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a Redis with the project’s redis.conf is in order', async () => {
  const lines = await told(inject('redisPort'));
  expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(lines.join('\n')).toContain('is on the disk before it answers');
});

test('a Redis that is not there fails', async () => {
  expect(await told(1)).toEqual(['fail not reachable → start it, and check REDIS_HOST, REDIS_PORT and REDIS_PASSWORD']);
});

test('no append-only file, an eviction policy, and too little memory are told', async () => {
  const { port } = await ownRedis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru', '--maxmemory', '12mb');
  await fill(port, 85);
  const lines = (await told(port)).join('\n');
  expect(lines).toMatch(/fail no append-only file.* → appendonly yes/);
  expect(lines).toMatch(/fail maxmemory-policy is allkeys-lru → maxmemory-policy noeviction/);
  expect(lines).toMatch(/warn memory is \d+ % full → raise maxmemory/);
});

test('a Redis that is full, and so takes no more, fails', async () => {
  const { port } = await ownRedis();
  await fill(port, 20);
  const redis = connectRedis({ host: '127.0.0.1', port });
  await redis.config('SET', 'maxmemory', '1mb');
  redis.disconnect();
  const lines = (await told(port)).join('\n');
  expect(lines).toMatch(/warn memory is \d+ % full/);
  expect(lines).toMatch(/fail takes no writes: OOM .* → raise maxmemory/);
  expect(lines).toContain('ok keeps an append-only file');
});

test('a Redis that answers before it is on the disk is told', async () => {
  const { port } = await ownRedis('--appendfsync', 'everysec');
  expect((await told(port)).join('\n')).toMatch(/warn appendfsync is everysec.* → appendfsync always/);
});

test('a Redis that is too old, or slow, is told', async () => {
  const old = await between(inject('redisPort'), (answer) =>
    answer.replace(/(redis|valkey)_version:\d/g, '$1_version:6'),
  );
  expect((await told(old)).join('\n')).toMatch(/fail version 6\S+ is too old → install Redis 7.0 or newer/);
  const slow = await between(inject('redisPort'), (answer) => answer, 60);
  expect((await told(slow)).join('\n')).toMatch(/warn a write takes \d+ ms → the disk is slow at fsync/);
});

test('a managed Redis that forbids CONFIG is looked at all the same', async () => {
  const { port } = await ownRedis('--rename-command', 'CONFIG', '');
  const lines = (await told(port)).join('\n');
  expect(lines).toContain('skip does not tell when it writes to its disk');
  expect(lines).not.toContain('fail');
});
