import { expect, test } from 'vitest';
import { describeReason } from '../../packages/forwarder/src/dashboard/events/dead-letter-reasons.ts';
import { MalformedPushError, ShopeeError, type ShopeeErrorKind } from '../../packages/shopee/src/index.ts';
import {
  OrderNotFoundError,
  PermanentError,
  RejectedOrderError,
  StaleVersionError,
} from '../../packages/worker/src/upstreams/errors.ts';
import { decideOutcome } from '../../packages/worker/src/consumer/retry-policy.ts';

const shopeeError = (kind: ShopeeErrorKind) =>
  new ShopeeError({ kind, isDocumented: true, code: 'error_x', detail: '', path: '/api/v2/x' });

test.each([
  new PermanentError('no-shop', ''),
  new PermanentError('sheet-rejected', ''),
  new MalformedPushError(''),
  new OrderNotFoundError('A1'),
  new StaleVersionError('A1'),
  new RejectedOrderError(shopeeError('retry-later')),
  new RejectedOrderError(shopeeError('configuration')),
  shopeeError('not-found'),
  shopeeError('bad-request'),
  new Error('unexpected'),
])('the dashboard describes the reason of a dead letter: %s', (error) => {
  const { reason } = decideOutcome(error, 99, { maxRetries: 3, random: () => 1 }) as { reason: string };
  expect(describeReason(reason)).not.toBe(describeReason('no such reason'));
});
