import { expect, test } from 'vitest';
import { KeyIndex } from './key-index.ts';

test('blank rows are skipped and the next row is below the last key', () => {
  const index = new KeyIndex();
  index.extend(2, ['a', '', null, 'b']);
  expect([index.get('a'), index.get('b'), index.next, index.size]).toEqual([2, 5, 6, 2]);
});

test('a tail read adds what another writer has added', () => {
  const index = new KeyIndex();
  index.extend(2, ['a']);
  index.extend(3, ['b', 'c']);
  expect([index.get('c'), index.next]).toEqual([4, 5]);
});

test('a key in several rows is noted with all of them', () => {
  const index = new KeyIndex();
  index.extend(2, ['a', 'b', 'a', 'a']);
  expect(index.repeated).toEqual(new Map([['a', new Set([2, 4, 5])]]));
  expect([index.get('a'), index.next]).toEqual([2, 6]);
});
