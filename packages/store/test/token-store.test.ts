import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  connectRedis,
  buildKeys,
  TokenFileError,
  TokenStore,
  waitUntilReady,
  type NewShopTokens,
} from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { defined } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const pair = (shopId: string, name: string): NewShopTokens => ({
  shopId,
  accessToken: `access-${name}`,
  refreshToken: `refresh-${name}`,
  accessExpiresAt: 1,
  refreshExpiresAt: 2,
  state: 'active',
});

async function newFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'store-tokens-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

const newKeys = () => buildKeys(`t${randomUUID()}`);

describe.each(['with Redis', 'without Redis'])('%s', (mode) => {
  const setUp = async () => {
    const [keys, dataDir] = [newKeys(), await newFolder()];
    const parts = mode === 'with Redis' ? { redis, keys, dataDir } : { keys, dataDir };
    return { keys, dataDir, store: new TokenStore(parts), another: () => new TokenStore(parts) };
  };

  it('knows nothing of a shop that was never connected', async () => {
    const { store } = await setUp();
    expect(await store.get('1')).toBeUndefined();
    expect(await store.list()).toEqual([]);
  });

  it('stores a pair that other processes see at once', async () => {
    const { store, another } = await setUp();
    const other = another();
    await store.save({ ...pair('1', 'a'), shopName: 'Teas', region: 'SG' });
    expect(await other.get('1')).toMatchObject({ accessToken: 'access-a', shopName: 'Teas', region: 'SG' });
    await other.save(pair('1', 'b'));
    await other.save(pair('2', 'c'));
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b' });
    expect((await store.list()).map(({ shopId }) => shopId)).toEqual(['1', '2']);
  });

  it('lists known shops without tokens, until they are connected or revoke their authorization', async () => {
    const { store, another } = await setUp();
    await store.save(pair('1', 'a'));
    for (const id of ['3', '2', '1', '3']) await store.registerShop(id);
    expect(await another().listShopsWithoutTokens()).toEqual(['2', '3']);
    await store.save(pair('3', 'c'));
    expect(await another().listShopsWithoutTokens()).toEqual(['2']);
    await store.unregisterShop('2');
    expect(await another().listShopsWithoutTokens()).toEqual([]);
  });

  it('keeps the file to itself: mode 0600, whole, and nothing beside it but its lock', async () => {
    const { store, dataDir } = await setUp();
    await store.save(pair('1', 'a'));
    expect((await stat(join(dataDir, 'tokens.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['tokens.json', 'tokens.json.lock']);
    expect(JSON.parse(await readFile(join(dataDir, 'tokens.json'), 'utf8'))).toMatchObject({
      shops: { '1': { refreshToken: 'refresh-a' } },
    });
  });

  it('loses no shop when many processes write at once', async () => {
    const { store, another } = await setUp();
    const ids = Array.from({ length: 12 }, (_, n) => `${n}`);
    await Promise.all(ids.map((id) => another().save(pair(id, id))));
    expect((await store.list()).map(({ shopId }) => shopId).toSorted()).toEqual(ids.toSorted());
  });

  it('forgets a shop’s tokens in both places, and keeps its name', async () => {
    const { store, another, keys, dataDir } = await setUp();
    await store.save({ ...pair('1', 'a'), shopName: 'Teas', region: 'SG' });
    await another().revoke('1', 'a person said so');
    expect(await store.get('1')).toMatchObject({ state: 'revoked', reason: 'a person said so', shopName: 'Teas' });
    expect(await readFile(join(dataDir, 'tokens.json'), 'utf8')).not.toMatch(/access-|refresh-/);
    expect(JSON.stringify(await redis.hgetall(keys.tokens('1')))).not.toMatch(/access-|refresh-/);
    await store.revoke('unknown', 'nobody');
    expect(await store.get('unknown')).toBeUndefined();
    await another().save(pair('1', 'b'));
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b', state: 'active' });
  });

  it('does not take from the environment again what was forgotten', async () => {
    const { store, another } = await setUp();
    const env = { shopId: '1', accessToken: 'A', refreshToken: 'R' };
    await store.seedFromEnv(env);
    await store.revoke('1', 'a person said so');
    expect(await another().seedFromEnv(env)).toBe(false);
    expect(await store.get('1')).toMatchObject({ refreshToken: '', state: 'revoked' });
  });

  it('changes what stands there at that moment, whoever else stores meanwhile', async () => {
    const { store, another } = await setUp();
    expect(await store.update('1', (known) => known)).toBe(false);
    await store.save({ ...pair('1', 'a'), shopName: '' });
    const changes = Array.from({ length: 5 }, (_, n) =>
      another().update('1', (known) => ({ ...known, shopName: `${known.shopName ?? ''}${n}` })),
    );
    await Promise.all([...changes, another().save({ ...pair('1', 'b'), shopName: 'new ' })]);
    const { shopName, refreshToken } = (await store.get('1')) ?? {};
    expect(refreshToken).toBe('refresh-b');
    expect(shopName).toMatch(/^new \d*$/);
    await Promise.all(
      changes.map(() => another().update('1', (known) => ({ ...known, shopName: `${known.shopName ?? ''}x` }))),
    );
    expect((await another().get('1'))?.shopName).toBe(`${shopName ?? ''}xxxxx`);
    expect(await store.update('1', () => undefined)).toBe(false);
  });

  it('takes the pair from the environment once for each refresh token', async () => {
    const { store, another } = await setUp();
    const env = { shopId: '1', accessToken: 'A', refreshToken: 'R' };
    expect(await Promise.all([store.seedFromEnv(env), another().seedFromEnv(env)])).toContainEqual(true);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'R', accessExpiresAt: 0, state: 'active' });
    await store.save(pair('1', 'rotated'));
    expect(await another().seedFromEnv(env)).toBe(false);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-rotated' });
    expect(await another().seedFromEnv({ ...env, refreshToken: 'R2' })).toBe(true);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'R2' });
    // The one before last is used up as well.
    expect(await store.seedFromEnv(env)).toBe(false);
  });

  it('gives a later save a later time, also when the clock went back', async () => {
    const { keys, dataDir } = await setUp();
    const parts = mode === 'with Redis' ? { redis, keys, dataDir } : { keys, dataDir };
    await new TokenStore({ ...parts, now: () => 2_000 }).save(pair('1', 'a'));
    await new TokenStore({ ...parts, now: () => 1_000 }).save(pair('1', 'b'));
    expect(await new TokenStore(parts).get('1')).toMatchObject({ refreshToken: 'refresh-b', updatedAt: 2_001 });
  });

  it('sets a damaged file aside and begins a new one', async () => {
    const { store, dataDir } = await setUp();
    await store.save(pair('1', 'a'));
    await writeFile(join(dataDir, 'tokens.json'), '{"shops":{"1":{"refreshTok');
    await store.save(pair('2', 'b'));
    const names = await readdir(dataDir);
    const aside = defined(names.find((name) => name.startsWith('tokens.json.corrupt-')));
    expect(await readFile(join(dataDir, aside), 'utf8')).toBe('{"shops":{"1":{"refreshTok');
    expect(await store.get('2')).toMatchObject({ refreshToken: 'refresh-b' });
  });

  it.each([
    ['from a minute ago', -60_000, ''],
    ['from next year, when the clock was wrong', 365 * 86_400_000, ''],
    ['of another program', 0, '4711'],
  ])('does not wait for a lock file that nobody holds: %s', async (_what, ms, text) => {
    const { store, dataDir } = await setUp();
    const lock = join(dataDir, 'tokens.json.lock');
    await writeFile(lock, text);
    const time = new Date(Date.now() + ms);
    await utimes(lock, time, time);
    await store.save(pair('1', 'a'));
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-a' });
  });
});

describe('Redis and the file', () => {
  it('heal each other, and the newer one counts', async () => {
    const [keys, dataDir] = [newKeys(), await newFolder()];
    const store = new TokenStore({ redis, keys, dataDir });
    await store.save(pair('1', 'a'));
    // Redis came back empty.
    await redis.del(keys.tokens('1'), keys.shops);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-a' });
    expect(await redis.smembers(keys.shops)).toEqual(['1']);
    // Another machine stored a newer one.
    const elsewhere = new TokenStore({ redis, keys, dataDir: await newFolder() });
    await elsewhere.save(pair('1', 'b'));
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b' });
    expect(await readFile(join(dataDir, 'tokens.json'), 'utf8')).toContain('refresh-b');
    // An old backup of Redis was put back.
    const fields = { data: JSON.stringify({ ...pair('1', 'old'), updatedAt: 1 }), updatedAt: '1' };
    await redis.hset(keys.tokens('1'), fields);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b' });
    expect(await redis.hget(keys.tokens('1'), 'data')).toContain('refresh-b');
  });

  it('both copies are deleted, also when one was unavailable', async () => {
    const own = await startDedicatedRedis();
    const [keys, dataDir] = [newKeys(), await newFolder()];
    const failFast = own.connect({ failFast: true });
    await waitUntilReady(failFast, 5_000);
    const store = new TokenStore({ redis: failFast, keys, dataDir });
    await store.save(pair('1', 'a'));
    await own.server.kill();
    await store.revoke('1', 'a person said so');
    expect(await readFile(join(dataDir, 'tokens.json'), 'utf8')).not.toContain('refresh-a');
    await own.restart();
    await waitUntilReady(failFast, 5_000);
    expect(await store.get('1')).toMatchObject({ refreshToken: '', state: 'revoked' });
    expect(await own.connect().hget(keys.tokens('1'), 'data')).not.toContain('refresh-a');
  });

  it('stand in for each other', async () => {
    const own = await startDedicatedRedis();
    const [keys, dataDir] = [newKeys(), await newFolder()];
    const failFast = own.connect({ failFast: true });
    await waitUntilReady(failFast, 5_000);
    const store = new TokenStore({ redis: failFast, keys, dataDir });
    await store.save(pair('1', 'a'));
    await own.server.kill();
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-a' });
    expect((await store.list()).map(({ shopId }) => shopId)).toEqual(['1']);
    // A rotated pair must not be lost because Redis is unavailable.
    await store.save(pair('1', 'b'));
    await own.restart();
    expect(await own.connect().hget(keys.tokens('1'), 'data')).toContain('refresh-a');
    await waitUntilReady(failFast, 5_000);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b' });
    expect(await own.connect().hget(keys.tokens('1'), 'data')).toContain('refresh-b');
    await writeFile(join(dataDir, 'tokens.json'), 'damaged');
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-b' });
    await own.server.kill();
    await expect(store.get('1')).rejects.toBeInstanceOf(Error);
  });

  it('do not take a used pair from the environment while Redis, which knows that it was used, is unavailable', async () => {
    const own = await startDedicatedRedis();
    const keys = newKeys();
    const failFast = own.connect({ failFast: true });
    await waitUntilReady(failFast, 5_000);
    const env = { shopId: '1', accessToken: 'A', refreshToken: 'R' };
    await new TokenStore({ redis: failFast, keys, dataDir: await newFolder() }).seedFromEnv(env);
    // Another machine, whose file has the pair from Redis.
    const store = new TokenStore({ redis: failFast, keys, dataDir: await newFolder() });
    await store.save(pair('1', 'rotated'));
    await own.server.kill();
    expect(await store.seedFromEnv(env)).toBe(false);
    expect(await store.get('1')).toMatchObject({ refreshToken: 'refresh-rotated' });
  });

  it('both note what was taken from the environment, whoever brings the pair to the file', async () => {
    for (let round = 0; round < 30; round += 1) {
      const [keys, dataDir] = [newKeys(), await newFolder()];
      const parts = { redis, keys, dataDir };
      const done = new AbortController();
      const reading = Array.from({ length: 8 }, async () => {
        const reader = new TokenStore(parts);
        while (!done.signal.aborted) await reader.get('1');
      });
      await new TokenStore(parts).seedFromEnv({ shopId: '1', accessToken: 'A', refreshToken: 'R' });
      done.abort();
      await Promise.all(reading);
      const book = z.object({ seeds: z.record(z.string(), z.array(z.string())) });
      expect(book.parse(JSON.parse(await readFile(join(dataDir, 'tokens.json'), 'utf8'))).seeds['1']).toHaveLength(1);
    }
  });

  it('says that the file is damaged, and not what is in it', async () => {
    const dataDir = await newFolder();
    await writeFile(join(dataDir, 'tokens.json'), 'secret');
    const failure = await new TokenStore({ keys: newKeys(), dataDir }).get('1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TokenFileError);
    expect(String(failure)).not.toContain('secret');
  });
});
