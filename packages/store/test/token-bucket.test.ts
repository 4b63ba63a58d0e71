import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { connectRedis, buildKeys, RedisTokenBucket } from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const bucket = (key: string) => new RedisTokenBucket({ redis, key, burst: 3, intervalMs: 1000 });
const newKey = () => buildKeys(`t${randomUUID()}`).tokenBucket('sheets');

test('a full bucket gives its burst at once, then everyone stands in line, whichever process asks', async () => {
  const key = newKey();
  const [one, other] = [bucket(key), bucket(key)];
  const waits: number[] = [];
  for (let n = 0; n < 6; n += 1) waits.push(await (n % 2 === 0 ? one : other).takeToken());
  expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
  expect(waits.slice(3).map((wait) => Math.ceil(wait / 1000))).toEqual([1, 2, 3]);
});

test('a pause holds everyone back', async () => {
  const key = newKey();
  await bucket(key).pause(5000);
  expect(await bucket(key).takeToken()).toBeGreaterThan(4500);
});

test('a clock that was set back makes nobody wait longer', async () => {
  const key = newKey();
  for (let n = 0; n < 4; n += 1) await bucket(key).takeToken();
  // As it would lie there, had the clock stood an hour later.
  const [full = 0, written = 0] = String(await redis.get(key))
    .split(':')
    .map(Number);
  await redis.set(key, `${full + 3_600_000}:${written + 3_600_000}`);
  const wait = await bucket(key).takeToken();
  expect(wait).toBeGreaterThan(1_000);
  expect(wait).toBeLessThanOrEqual(2_000);
});

test('the key does not outlive what it remembers', async () => {
  const key = newKey();
  await bucket(key).takeToken();
  expect(await redis.pttl(key)).toBeLessThanOrEqual(2001);
});
