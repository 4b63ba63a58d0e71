import { expect, test } from 'vitest';
import { CallRate } from './call-rate.ts';

test('calls are counted per kind over one minute', () => {
  let now = 1_000_000;
  const rate = new CallRate<'read' | 'write'>(() => now);
  rate.add('read');
  now += 30_000;
  rate.add('read');
  rate.add('write');
  expect([rate.count('read'), rate.count('write')]).toEqual([2, 1]);
  now += 31_000;
  expect([rate.count('read'), rate.count('write')]).toEqual([1, 1]);
  now += 31_000;
  expect([rate.count('read'), rate.count('write')]).toEqual([0, 0]);
});
