import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { Redis } from 'ioredis';
import { freePort } from '../../sandbox/src/processes/redis-server.ts';
import { blockingConnection, connectRedis, waitUntilReady } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { push, setUpQueue, shortTake } from './queues.ts';

const connect = () => {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') }, { name: 'test' });
  onTestFinished(() => redis.disconnect());
  return redis;
};

it('connects at the first command', async () => {
  const redis = connect();
  expect(redis.status).toBe('wait');
  expect(await redis.client('GETNAME')).toBe('test');
});

it('comes back when ioredis gave it up, and stays closed when we close it', async () => {
  const redis = connect();
  const ended = new Promise<void>((resolve) => redis.once('end', resolve));
  // What happens when a failover is noticed in the moment of connecting.
  redis.connect().catch(() => undefined);
  redis.disconnect(true);
  await ended;
  await waitUntilReady(redis, 5_000);
  await redis.quit();
  await expect.poll(() => redis.status).toBe('end');
  await expect(redis.ping()).rejects.toThrow('closed');
  expect(redis.status).toBe('end');
});

it('stops waiting when aborted', async () => {
  const stop = new AbortController();
  const redis = connectRedis({ host: '127.0.0.1', port: 1 });
  onTestFinished(() => redis.disconnect());
  const ready = waitUntilReady(redis, 60_000, stop.signal);
  stop.abort();
  await expect(ready).rejects.toThrow('not reachable');
});

it('shows nobody what a failing command was about', async () => {
  const redis = connect();
  const blocking = blockingConnection(redis);
  onTestFinished(() => blocking.disconnect());
  await redis.set('t-text', 'x');
  const failures = await Promise.allSettled([
    redis.lpush('t-text', 'buyer’s address'),
    redis.call('EVAL', 'return redis.call("LPUSH", KEYS[1], ARGV[1])', 1, 't-text', 'buyer’s address'),
    blocking.call('LPUSH', 't-text', 'buyer’s address'),
  ]);
  expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(inspect(failures, { depth: 9 })).toContain('WRONGTYPE');
  expect(inspect(failures, { depth: 9 })).not.toContain('address');
});

it('reports the cause when there is no Redis', async () => {
  const errors: Error[] = [];
  const redis = connectRedis({ host: '127.0.0.1', port: 1 }, { onError: (error) => errors.push(error) });
  onTestFinished(() => redis.disconnect());
  const failure: unknown = await waitUntilReady(redis, 300).catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  expect(errors.length).toBeGreaterThan(1);
  await expect(redis.ping()).rejects.toBeInstanceOf(Error);
});

it('hides the password from whoever prints the connection’s error', async () => {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort'), username: 'u', password: 'hunter2' });
  onTestFinished(() => redis.disconnect());
  const failure: unknown = await waitUntilReady(redis, 500).catch((error: unknown) => error);
  const { cause } = failure as Error;
  expect(cause).toBeInstanceOf(Error);
  expect(inspect(cause, { depth: 9 })).not.toContain('hunter2');
  expect(redis).toBeInstanceOf(Redis);
});

it('speaks TLS as a user with a password, and only to a server it can trust', { timeout: 30_000 }, async () => {
  const file = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no'];
  const certificate = ['--tls-cert-file', file('redis-cert.pem'), '--tls-key-file', file('redis-key.pem')];
  const users = ['--user', 'orders', 'on', '>hunter2', '~*', '&*', '+@all', '--user', 'default', 'off'];
  await startDedicatedRedis([...tls, ...certificate, ...users]);
  const location = { host: '127.0.0.1', port, tls: true, username: 'orders', password: 'hunter2' };
  const wary = connectRedis(location);
  onTestFinished(() => wary.disconnect());
  const failure: unknown = await waitUntilReady(wary, 500).catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });

  const usual = getCACertificates();
  onTestFinished(() => setDefaultCACertificates(usual));
  setDefaultCACertificates([...usual, readFileSync(file('redis-cert.pem'), 'utf8')]);
  const redis = connectRedis(location);
  onTestFinished(() => redis.disconnect());
  await waitUntilReady(redis, 5_000);
  const { queue } = setUpQueue(redis);
  await queue.enqueue(push(1));
  expect(await queue.take('c', shortTake)).toMatchObject([{ payloadText: push(1) }]);
});
