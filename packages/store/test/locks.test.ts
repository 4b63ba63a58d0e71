import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, inject, it, vi } from 'vitest';
import { connectRedis, buildKeys, LocalLocks, RedisLocks, withLock, type Locks } from '../src/index.ts';
import { defined } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const kinds: [string, () => Locks][] = [
  ['RedisLocks', () => new RedisLocks({ redis, keys: buildKeys(`t${randomUUID()}`) })],
  ['LocalLocks', () => new LocalLocks()],
];

describe.each(kinds)('%s', (_, make) => {
  it('gives a lock to one of many that ask', async () => {
    const locks = make();
    const leases = await Promise.all(Array.from({ length: 10 }, () => locks.acquire('a', 10_000)));
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
    expect(await locks.acquire('b', 10_000)).toBeDefined();
  });

  it('gives it to the next when it is released, with a larger number', async () => {
    const locks = make();
    const first = defined(await locks.acquire('a', 10_000));
    expect(first.held).toBe(true);
    await first.release();
    expect(first.held).toBe(false);
    const second = defined(await locks.acquire('a', 10_000));
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
  });

  it('ends by itself, and the late holder can neither renew nor release it', async () => {
    const locks = make();
    const late = defined(await locks.acquire('a', 30));
    let next = await locks.acquire('a', 10_000);
    while (next === undefined) next = await locks.acquire('a', 10_000);
    expect(late.held).toBe(false);
    expect(await late.renew()).toBe(false);
    await late.release();
    expect(await locks.acquire('a', 10_000)).toBeUndefined();
    expect(next.held).toBe(true);
  });

  it('shows the next holder that the last one did not release it', async () => {
    const locks = make();
    const first = defined(await locks.acquire('a', 10_000));
    expect(first.previousHolderCrashed).toBe(false);
    await first.release();
    const second = defined(await locks.acquire('a', 20));
    expect(second.previousHolderCrashed).toBe(false);
    const third = defined(await vi.waitFor(async () => defined(await locks.acquire('a', 10_000)), 10_000));
    expect(third.previousHolderCrashed).toBe(true);
    await second.release();
    await third.release();
    expect((await locks.acquire('a', 10_000))?.previousHolderCrashed).toBe(false);
  });

  it('lasts as long as it is renewed', async () => {
    const locks = make();
    const ran = await withLock(locks, 'a', {
      ttlMs: 1_000,
      work: async (lease) => {
        await sleep(2_000);
        return [lease.held, await locks.acquire('a', 10)];
      },
    });
    expect(ran).toEqual({ result: [true, undefined] });
    expect(await locks.acquire('a', 10)).toBeDefined();
  });

  it('runs nothing while another has it, and is released when the work fails', async () => {
    const locks = make();
    const held = defined(await locks.acquire('a', 10_000));
    const work = () => Promise.reject(new Error('work failed'));
    expect(await withLock(locks, 'a', { ttlMs: 1_000, work })).toBeUndefined();
    await held.release();
    await expect(withLock(locks, 'a', { ttlMs: 1_000, work })).rejects.toThrow('work failed');
    expect(await locks.acquire('a', 10_000)).toBeDefined();
  });
});
