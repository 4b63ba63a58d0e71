import type { Lease, Locks } from '@shopee-webhook/store';
import { expect, test, vi } from 'vitest';
import { FallbackLocks } from './fallback-locks.ts';

/** A Redis that can be sent away. */
function sharedLocks() {
  const state = { away: false, releases: 0 };
  const check = () => {
    if (state.away) throw new Error('away');
  };
  const lease: Lease = {
    fencingToken: 7,
    previousHolderCrashed: false,
    held: true,
    renew: async () => {
      check();
      return true;
    },
    release: async () => {
      check();
      state.releases += 1;
    },
  };
  const shared: Locks = {
    acquire: async () => {
      check();
      return lease;
    },
  };
  return { state, shared };
}

test('while Redis responds, and for a minute after, only its locks are used', async () => {
  const { state, shared } = sharedLocks();
  const away = { ms: 0 };
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => away.ms });
  expect((await locks.acquire('sheet:x', 1000))?.fencingToken).toBe(7);
  state.away = true;
  away.ms = 59_999;
  await expect(locks.acquire('sheet:x', 1000)).rejects.toThrow('away');
});

test('after a minute without Redis the process uses local locks, one holder at a time', async () => {
  const { state, shared } = sharedLocks();
  state.away = true;
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => 60_000 });
  const first = await locks.acquire('sheet:x', 1000);
  expect(first).toBeDefined();
  expect(await locks.acquire('sheet:x', 1000)).toBeUndefined();
  await first?.release();
  expect(await locks.acquire('sheet:x', 1000)).toBeDefined();
});

test('a local lock is lost when Redis recovers', async () => {
  const { shared } = sharedLocks();
  const away = { ms: 60_000 };
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => away.ms });
  const own = await locks.acquire('sheet:x', 30_000);
  expect(await own?.renew()).toBe(true);
  away.ms = 0;
  expect(own?.held).toBe(false);
  expect(await own?.renew()).toBe(false);
});

test('a lock that could not be released is released when Redis recovers', async () => {
  const { state, shared } = sharedLocks();
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => 0 });
  const lease = await locks.acquire('sheet:x', 30_000);
  state.away = true;
  await lease?.release();
  expect(state.releases).toBe(0);
  state.away = false;
  await vi.waitFor(() => expect(state.releases).toBe(1), { timeout: 2000 });
});
