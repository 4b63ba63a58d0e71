import { inspect } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { Redis } from 'ioredis';
import { blockingConnection, connectRedis, waitUntilReady } from '../src/index.ts';

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

it('stops waiting when told to', async () => {
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

it('tells the cause when there is no Redis', async () => {
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
