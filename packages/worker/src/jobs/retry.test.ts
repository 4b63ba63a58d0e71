import { ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { retryTransient } from './retry.ts';

const { signal } = new AbortController();

function rejection(kind: ShopeeError['kind'], retryAt?: number): ShopeeError {
  return new ShopeeError({ kind, isDocumented: true, code: 'x', detail: '', path: '/p', retryAt });
}

/** Fails so often, then gives 'page'. */
function failing(times: number, error: unknown) {
  const calls = { made: 0 };
  const call = async () => {
    calls.made += 1;
    if (calls.made <= times) throw error;
    return 'page';
  };
  return { calls, call };
}

test('a transient outage is retried, up to eight calls', async () => {
  const { calls, call } = failing(7, rejection('retry-later'));
  expect(await retryTransient(call, { signal, initialBackoffMs: 0 })).toBe('page');
  expect(calls.made).toBe(8);
  const longer = failing(8, rejection('retry-later'));
  await expect(retryTransient(longer.call, { signal, initialBackoffMs: 0 })).rejects.toThrow('/p: x');
});

test('the daily limit is waited for until it resets, however often', async () => {
  const { calls, call } = failing(20, rejection('retry-tomorrow', Date.now()));
  expect(await retryTransient(call, { signal })).toBe('page');
  expect(calls.made).toBe(21);
});

test.each(['reauthorize', 'configuration', 'bad-request'] as const)(
  'a permanent reason (%s) is not retried',
  async (kind) => {
    const { calls, call } = failing(1, rejection(kind));
    await expect(retryTransient(call, { signal, initialBackoffMs: 0 })).rejects.toThrow('/p: x');
    expect(calls.made).toBe(1);
  },
);

test('a stop ends the wait', async () => {
  const ending = new AbortController();
  const { call } = failing(1, rejection('retry-tomorrow', Date.now() + 3_600_000));
  const waited = retryTransient(call, { signal: ending.signal });
  ending.abort();
  await expect(waited).rejects.toThrow('/p: x');
});
