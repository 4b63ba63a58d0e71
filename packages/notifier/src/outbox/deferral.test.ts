import { expect, it } from 'vitest';
import { Deferrals } from './deferral.ts';

it('drops redelivered ones only, while more than 50,000 are deferred', () => {
  const defer = new Deferrals();
  for (let at = 0; at <= 50_000; at += 1) expect(defer.defer(`n${at}`).kind).toBe('retry');
  expect(defer.defer('n0')).toEqual({ kind: 'ack' });
  expect(defer.defer('n1')).toMatchObject({ kind: 'retry', countsAsFailure: false });
  expect(defer.defer('new').kind).toBe('retry');
  defer.remove('n2');
  expect(defer.defer('n3').kind).toBe('retry');
});
