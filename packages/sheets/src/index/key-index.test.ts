import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { KeyIndex } from './key-index.ts';

test('blank rows and what is no key are skipped, and the next row is below the last key', () => {
  const index = new KeyIndex(testSchema.isKey);
  index.extend(2, ['1:a', '', null, 'total', '1:b']);
  expect([index.get('1:a'), index.get('1:b'), index.nextRow, index.size]).toEqual([2, 6, 7, 2]);
});

test('what another writer has added is taken in', () => {
  const index = new KeyIndex(testSchema.isKey);
  index.extend(2, ['1:a', '1:b']);
  expect(index.appendKeys(['1:b', '1:c', '1:d'])).toBe(true);
  expect([index.get('1:c'), index.get('1:d'), index.nextRow]).toEqual([4, 5, 6]);
});

test('when rows were moved, what was added may stand anywhere', () => {
  const index = new KeyIndex(testSchema.isKey);
  index.extend(2, ['1:a', '1:b', '1:c']);
  // A row above was deleted, and a new one is where the last one was.
  expect(index.appendKeys(['1:new'])).toBe(false);
  // The rows were sorted.
  expect(index.appendKeys(['1:c', '1:a'])).toBe(false);
  expect(index.size).toBe(3);
});

test('a key in several rows is noted with all of them', () => {
  const index = new KeyIndex(testSchema.isKey);
  index.extend(2, ['1:a', '1:b', '1:a', '1:a']);
  expect(index.duplicates).toEqual(new Map([['1:a', new Set([2, 4, 5])]]));
  expect([index.get('1:a'), index.nextRow]).toEqual([2, 6]);
});
