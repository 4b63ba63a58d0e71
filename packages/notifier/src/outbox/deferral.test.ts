import { expect, it } from 'vitest';
import { Deferrals } from './deferral.ts';

it('drops redelivered ones only, while more than 50,000 are deferred', () => {
  const putOff = new Deferrals();
  for (let at = 0; at <= 50_000; at += 1) expect(putOff.defer(`n${at}`).kind).toBe('retry');
  expect(putOff.defer('n0')).toEqual({ kind: 'ack' });
  expect(putOff.defer('n1')).toMatchObject({ kind: 'retry', countsAsFailure: false });
  expect(putOff.defer('new').kind).toBe('retry');
  putOff.remove('n2');
  expect(putOff.defer('n3').kind).toBe('retry');
});
