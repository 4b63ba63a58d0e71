import { expect, test } from 'vitest';
import type { EventStep, StepName } from '@shopee-webhook/forwarder/api-types';
import { attemptsOf } from './attempts.ts';

function steps(...names: StepName[]): EventStep[] {
  return names.map((step, index) => ({
    at: index * 100,
    step,
    ms: null,
    attempt: null,
    row: null,
    reason: step === 'retried' ? 'rate-limit' : null,
    error: null,
  }));
}

test('a retry is an attempt of its own', () => {
  expect(attemptsOf(steps('queued', 'taken', 'retried', 'taken', 'fetched', 'written', 'handled'))).toMatchObject([
    { number: 1, outcome: 'retried', ms: 100, reason: 'rate-limit' },
    { number: 2, outcome: 'handled', ms: 300 },
  ]);
});

test('what is still in hand is running', () => {
  expect(attemptsOf(steps('queued', 'taken', 'fetched'))).toMatchObject([{ outcome: 'running', ms: null }]);
});

test('a message that a dead consumer held comes to an end by being given back', () => {
  expect(attemptsOf(steps('taken', 'returned', 'taken', 'dead-lettered'))).toMatchObject([
    { outcome: 'returned' },
    { outcome: 'dead-lettered' },
  ]);
});

test('an event that was never taken has no attempts', () => {
  expect(attemptsOf(steps('queued', 'duplicate', 'discarded'))).toEqual([]);
});
