import { expect, test } from 'vitest';
import { DedupCache } from './dedup-cache.ts';

test('knows the latest digests and forgets old ones, by number and by age', () => {
  let now = 0;
  const cache = new DedupCache({ maxEntries: 2, maxAgeMs: 1_000, now: () => now });
  for (const digest of ['a', 'b', 'c', 'd', 'e']) cache.add(digest);
  expect(['a', 'b', 'c', 'd', 'e'].filter((digest) => cache.has(digest))).toEqual(['c', 'd', 'e']);
  now += 1_001;
  cache.add('f');
  now += 1_001;
  cache.add('g');
  expect(['e', 'f', 'g'].filter((digest) => cache.has(digest))).toEqual(['f', 'g']);
});

test('forgets a digest after twice the age although none is added, however rarely it is asked', () => {
  let now = 0;
  const recent = new DedupCache({ maxAgeMs: 1_000, now: () => now });
  recent.add('a');
  now = 1_900;
  expect(recent.has('a')).toBe(true);
  now = 2_000;
  expect(recent.has('a')).toBe(false);
  recent.add('b');
  now = 9_000;
  expect(recent.has('b')).toBe(false);
});

test('a repeat does not make a digest known for longer', () => {
  let now = 0;
  const recent = new DedupCache({ maxAgeMs: 1_000, now: () => now });
  recent.add('a');
  now = 1_500;
  recent.add('a');
  now = 2_000;
  expect(recent.has('a')).toBe(false);
});
