import { expect, test } from 'vitest';
import { needsRefresh } from './token-expiry.ts';

const hour = 3_600_000;
const tokens = { accessToken: 'a', updatedAt: 0, accessExpiresAt: 4 * hour };

test('a token is refreshed after three quarters of its lifetime and before nine tenths', () => {
  expect(needsRefresh(tokens, 3 * hour - 1)).toBe(false);
  expect(needsRefresh(tokens, 3.6 * hour)).toBe(true);
});

test('tokens issued together are not all due together', () => {
  const many = Array.from({ length: 100 }, (_, at) => ({ ...tokens, accessToken: `token-${String(at)}` }));
  const due = many.filter((one) => needsRefresh(one, 3.2 * hour));
  expect(due.length).toBeGreaterThan(20);
  expect(due.length).toBeLessThan(80);
});

test('a token of unknown age is due at once', () => {
  expect(needsRefresh({ ...tokens, accessExpiresAt: 0, updatedAt: 5 * hour }, 5 * hour)).toBe(true);
});

test('a short-lived token is refreshed within its lifetime', () => {
  const short = { accessToken: 'a', updatedAt: 0, accessExpiresAt: 60_000 };
  expect(needsRefresh(short, 30_000)).toBe(false);
  expect(needsRefresh(short, 55_000)).toBe(true);
});
