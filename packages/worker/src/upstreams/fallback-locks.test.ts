import type { Lease, Locks } from '@shopee-webhook/store';
import { expect, test, vi } from 'vitest';
import { FallbackLocks } from './fallback-locks.ts';

/** A Redis that can be made unavailable. */
function sharedLocks() {
  const state = { unavailable: false, releases: 0 };
  const check = () => {
    if (state.unavailable) throw new Error('unavailable');
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
  const unavailable = { ms: 0 };
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => unavailable.ms });
  expect((await locks.acquire('sheet:x', 1000))?.fencingToken).toBe(7);
  state.unavailable = true;
  unavailable.ms = 59_999;
  await expect(locks.acquire('sheet:x', 1000)).rejects.toThrow('unavailable');
});

test('after a minute without Redis the process uses local locks, one holder at a time', async () => {
  const { state, shared } = sharedLocks();
  state.unavailable = true;
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => 60_000 });
  const first = await locks.acquire('sheet:x', 1000);
  expect(first).toBeDefined();
  expect(await locks.acquire('sheet:x', 1000)).toBeUndefined();
  await first?.release();
  expect(await locks.acquire('sheet:x', 1000)).toBeDefined();
});

test('a local lock is lost when Redis recovers', async () => {
  const { shared } = sharedLocks();
  const unavailable = { ms: 60_000 };
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => unavailable.ms });
  const own = await locks.acquire('sheet:x', 30_000);
  expect(await own?.renew()).toBe(true);
  unavailable.ms = 0;
  expect(own?.held).toBe(false);
  expect(await own?.renew()).toBe(false);
});

test('a lock that could not be released is released when Redis recovers', async () => {
  const { state, shared } = sharedLocks();
  const locks = new FallbackLocks({ shared, redisUnavailableMs: () => 0 });
  const lease = await locks.acquire('sheet:x', 30_000);
  state.unavailable = true;
  await lease?.release();
  expect(state.releases).toBe(0);
  state.unavailable = false;
  await vi.waitFor(() => expect(state.releases).toBe(1), { timeout: 2000 });
});
