import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { connectRedis } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { freshDir, runJson } from './helpers.ts';

const closing: (() => unknown)[] = [];
let env: Record<string, string>;

beforeEach(() => {
  // Nothing else is set: Redis is checked all the same.
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

/** The doctor's findings for the Redis at this port, as `level text → action`. */
async function findings(port: number): Promise<string[]> {
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

/** A proxy between the doctor and Redis that changes the replies. */
async function between(port: number, change: (reply: string) => string, delayMs = 0): Promise<number> {
  const server: Server = createServer((client) => {
    const redis = connect(port, '127.0.0.1');
    client.on('error', () => redis.destroy()).pipe(redis);
    redis.on('error', () => client.destroy());
    redis.on('data', (data) => {
      const reply = Buffer.from(change(data.toString('latin1')), 'latin1');
      setTimeout(() => client.write(reply), delayMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a Redis with the project’s redis.conf passes', async () => {
  const lines = await findings(inject('redisPort'));
  expect(lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(lines.join('\n')).toContain('appendfsync is always');
});

test('an unreachable Redis fails', async () => {
  expect(await findings(1)).toEqual([
    'fail unreachable: nothing listens there → start it; check REDIS_HOST and REDIS_PORT. If it does not start, its log names the damaged file',
  ]);
});

test('a wrong password, a missing one and an unknown host have a cure each', async () => {
  const { port } = await ownRedis('--requirepass', 'secret');
  const cure = 'set REDIS_PASSWORD to the one Redis was started with';
  expect(await findings(port)).toEqual([`fail wants a password → ${cure}`]);
  env['REDIS_PASSWORD'] = 'wrong';
  expect(await findings(port)).toEqual([`fail rejects the password → ${cure}`]);
  env['REDIS_HOST'] = 'redis.invalid';
  expect(await findings(port)).toEqual(['fail its host name is unknown → check REDIS_HOST']);
});

test('no append-only file and an eviction policy fail, full memory is a warning', async () => {
  const { port } = await ownRedis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru', '--maxmemory', '12mb');
  await fill(port, 85);
  const lines = (await findings(port)).join('\n');
  expect(lines).toMatch(/fail no append-only file.* → appendonly yes/);
  expect(lines).toMatch(/fail maxmemory-policy is allkeys-lru → maxmemory-policy noeviction/);
  expect(lines).toMatch(/warn memory is \d+ % full → raise maxmemory/);
});

test('a full Redis that rejects writes fails', async () => {
  const { port } = await ownRedis();
  await fill(port, 20);
  const redis = connectRedis({ host: '127.0.0.1', port });
  await redis.config('SET', 'maxmemory', '1mb');
  redis.disconnect();
  const lines = (await findings(port)).join('\n');
  expect(lines).toMatch(/warn memory is \d+ % full/);
  expect(lines).toMatch(/fail rejects writes: OOM .* → raise maxmemory/);
  expect(lines).toContain('ok append-only file is enabled');
});

test('a Redis that replies before fsync is a warning', async () => {
  const { port } = await ownRedis('--appendfsync', 'everysec');
  expect((await findings(port)).join('\n')).toMatch(/warn appendfsync is everysec.* → appendfsync always/);
});

test('an old Redis fails, a slow one is a warning', async () => {
  const old = await between(inject('redisPort'), (reply) =>
    reply.replace(/(redis|valkey)_version:\d/g, '$1_version:6'),
  );
  expect((await findings(old)).join('\n')).toMatch(/fail version 6\S+ is too old → install Redis 7.0 or newer/);
  const slow = await between(inject('redisPort'), (reply) => reply, 60);
  expect((await findings(slow)).join('\n')).toMatch(/warn a write takes \d+ ms → slow fsync/);
});

test('a managed Redis that forbids CONFIG is still checked', async () => {
  const { port } = await ownRedis('--rename-command', 'CONFIG', '');
  const lines = (await findings(port)).join('\n');
  expect(lines).toContain('skip appendfsync is unknown');
  expect(lines).not.toContain('fail');
});
