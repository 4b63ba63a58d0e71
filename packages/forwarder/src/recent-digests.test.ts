import { expect, test } from 'vitest';
import { RecentDigests } from './recent-digests.ts';

test('knows the latest digests and forgets old ones, by number and by age', () => {
  let now = 0;
  const recent = new RecentDigests({ most: 2, maxAgeMs: 1_000, now: () => now });
  for (const digest of ['a', 'b', 'c', 'd', 'e']) recent.add(digest);
  expect(['a', 'b', 'c', 'd', 'e'].filter((digest) => recent.has(digest))).toEqual(['c', 'd', 'e']);
  now += 1_001;
  recent.add('f');
  now += 1_001;
  recent.add('g');
  expect(['e', 'f', 'g'].filter((digest) => recent.has(digest))).toEqual(['f', 'g']);
});
