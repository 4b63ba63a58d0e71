import { expect, test, vi } from 'vitest';
import { BackgroundQuota, type Quota } from './quota.ts';

/** A quota whose remaining requests the test sets. */
function fakeQuota() {
  const state = { remaining: 6, acquired: 0 };
  const quota: Quota = {
    acquire: async () => {
      state.acquired += 1;
      state.remaining -= 1;
    },
    pause: async () => undefined,
    remaining: async () => state.remaining,
  };
  return { state, quota };
}

test('background work leaves half of the burst, and goes on when there is more', async () => {
  const { state, quota } = fakeQuota();
  const background = new BackgroundQuota(quota);
  const all = Promise.all(Array.from({ length: 4 }, () => background.acquire('read')));
  await vi.waitFor(() => expect(state.acquired).toBe(3));
  expect(state.remaining).toBe(3);
  state.remaining = 4;
  await all;
  expect(state).toEqual({ remaining: 3, acquired: 4 });
});

test('an aborted wait lets the next one through', async () => {
  const { state, quota } = fakeQuota();
  state.remaining = 0;
  const background = new BackgroundQuota(quota);
  const abort = new AbortController();
  const first = background.acquire('read', abort.signal);
  const second = background.acquire('read');
  abort.abort();
  await expect(first).rejects.toThrow('aborted');
  state.remaining = 6;
  await second;
  expect(state.acquired).toBe(1);
});
