import { expect, it } from 'vitest';
import { PutOff } from './put-off.ts';

it('throws away those that come again, and nothing new, while more than 50,000 are put off', () => {
  const putOff = new PutOff();
  for (let at = 0; at <= 50_000; at += 1) expect(putOff.outcomeFor(`n${at}`).kind).toBe('retry');
  expect(putOff.outcomeFor('n0')).toEqual({ kind: 'ack' });
  expect(putOff.outcomeFor('n1')).toMatchObject({ kind: 'retry', countsAsFailure: false });
  expect(putOff.outcomeFor('new').kind).toBe('retry');
  putOff.forget('n2');
  expect(putOff.outcomeFor('n3').kind).toBe('retry');
});
