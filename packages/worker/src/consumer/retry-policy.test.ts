import { MalformedPushError, ShopeeError, type ShopeeErrorKind } from '@shopee-webhook/shopee';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  OrderNotFoundError,
  StaleVersionError,
  PermanentError,
  UpstreamUnavailableError,
} from '../upstreams/errors.ts';
import { backoffMs, decideOutcome } from './retry-policy.ts';

const policy = { maxRetries: 3, random: () => 1 };

function shopeeError(
  kind: ShopeeErrorKind,
  more: { isDocumented?: boolean; retryAt?: number; httpStatus?: number } = {},
) {
  return new ShopeeError({ kind, isDocumented: true, code: 'error_x', detail: 'words', path: '/api/v2/x', ...more });
}

describe('an unavailable upstream', () => {
  test.each(['retry-later', 'retry-tomorrow', 'configuration', 'reauthorize', 'refresh-token'] as const)(
    '%s is retried and never counted',
    (kind) => {
      const outcome = decideOutcome(shopeeError(kind), 99, policy);
      expect(outcome).toMatchObject({ kind: 'retry', countsAsFailure: false });
    },
  );

  test('the daily limit defers until Shopee’s midnight and uses up no retry', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 10, 0, 0) });
    onTestFinished(() => void vi.useRealTimers());
    const midnight = Date.UTC(2026, 10, 23, 16, 0, 0);
    const outcome = decideOutcome(shopeeError('retry-tomorrow', { retryAt: midnight }), 1, policy);
    expect(outcome).toMatchObject({ kind: 'retry', delayMs: 6 * 3_600_000, reason: 'daily-limit' });
  });

  test('a deferred message waits as long as its circuit breaker says, and its reason names the upstream', () => {
    const error = new UpstreamUnavailableError('sheet:abc', 'deferred', { retryAfterMs: 1234 });
    expect(decideOutcome(error, 1, policy)).toEqual({
      kind: 'retry',
      delayMs: 1234,
      reason: 'deferred sheet:abc',
      error: 'sheet:abc: deferred',
      countsAsFailure: false,
    });
  });

  test('a 5xx with an undocumented error is an outage, not the message’s fault', () => {
    const outcome = decideOutcome(shopeeError('retry-later', { isDocumented: false, httpStatus: 503 }), 99, policy);
    expect(outcome).toMatchObject({ kind: 'retry', countsAsFailure: false });
  });
});

describe('the message’s own fault', () => {
  test('a body that is not a push is a dead letter at once', () => {
    expect(decideOutcome(new MalformedPushError('no integer code'), 1, policy)).toMatchObject({
      kind: 'dead-letter',
      reason: 'not-a-push',
    });
  });

  test('a row that Google rejects is a dead letter at once, with Google’s error', () => {
    expect(decideOutcome(new PermanentError('sheet-rejected', 'too long'), 1, policy)).toEqual({
      kind: 'dead-letter',
      reason: 'sheet-rejected',
      error: 'too long',
    });
  });

  test('an order not found is retried three times, then dead-lettered', () => {
    const outcomes = [1, 2, 3, 4].map((attempt) => decideOutcome(new OrderNotFoundError('X'), attempt, policy));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'retry', 'dead-letter']);
    expect(outcomes[0]).toMatchObject({ countsAsFailure: true, delayMs: 5000 });
    expect(outcomes[3]).toMatchObject({ reason: 'order-not-found' });
  });

  test('an order whose row stays newer is dead-lettered too', () => {
    expect(decideOutcome(new StaleVersionError('X'), 1, policy)).toMatchObject({
      kind: 'retry',
      countsAsFailure: true,
    });
    expect(decideOutcome(new StaleVersionError('X'), 4, policy)).toMatchObject({
      kind: 'dead-letter',
      reason: 'version-conflict',
    });
  });

  test('an undocumented error of a healthy Shopee is counted', () => {
    const outcome = decideOutcome(shopeeError('retry-later', { isDocumented: false, httpStatus: 200 }), 4, policy);
    expect(outcome).toMatchObject({ kind: 'dead-letter' });
  });

  test('a bug of ours is counted and reported with its causes', () => {
    const error = new Error('outer', { cause: new TypeError('inner') });
    expect(decideOutcome(error, 4, policy)).toEqual({
      kind: 'dead-letter',
      reason: 'handler-error',
      error: 'outer: inner',
    });
  });
});

test('backoff doubles up to five minutes, with full jitter', () => {
  expect([1, 2, 3, 4, 10, 1000].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
    5000, 10_000, 20_000, 40_000, 300_000, 300_000,
  ]);
  expect(backoffMs(3, () => 0)).toBe(0);
});
