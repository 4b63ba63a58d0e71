import { expect, test } from 'vitest';
import type { EventStep, ActivityType } from '@shopee-webhook/contracts/dashboard-api';
import { toAttempts } from './attempts.ts';

function steps(...names: ActivityType[]): EventStep[] {
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
  expect(toAttempts(steps('queued', 'taken', 'retried', 'taken', 'fetched', 'written', 'handled'))).toMatchObject([
    { number: 1, outcome: 'retried', ms: 100, reason: 'rate-limit' },
    { number: 2, outcome: 'handled', ms: 300 },
  ]);
});

test('an attempt without an outcome is running', () => {
  expect(toAttempts(steps('queued', 'taken', 'fetched'))).toMatchObject([{ outcome: 'running', ms: null }]);
});

test('a requeue ends the attempt of a dead consumer', () => {
  expect(toAttempts(steps('taken', 'requeued', 'taken', 'dead-lettered'))).toMatchObject([
    { outcome: 'requeued' },
    { outcome: 'dead-lettered' },
  ]);
});

test('an event that was never taken has no attempts', () => {
  expect(toAttempts(steps('queued', 'duplicate', 'discarded'))).toEqual([]);
});
