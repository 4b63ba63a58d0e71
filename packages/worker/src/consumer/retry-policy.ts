import { MalformedPushError, ShopeeError } from '@shopee-webhook/shopee';
import type { Outcome } from '@shopee-webhook/store';
import {
  errorText,
  OrderNotFoundError,
  StaleVersionError,
  PermanentError,
  RejectedOrderError,
  UpstreamUnavailableError,
} from '../upstreams/errors.ts';
import { classifyShopError } from '../upstreams/classify-outage.ts';

export interface RetryPolicy {
  /** Counted retries before a dead letter. */
  maxRetries: number;
  /** From 0 to 1. */
  random: () => number;
}

const initialBackoffMs = 5000;
const maxBackoffMs = 300_000;
/** For an upstream that is unavailable and does not say for how long. */
const defaultDeferMs = 15_000;

/**
 * The outcome of a failed delivery; the only place that decides it. `attempt` counts from 1.
 *
 * - The upstream is unavailable (network, 5xx, rate limit, quota, a token refresh, an unknown shop): retry, not counted, at
 *   the time it named.
 * - The message can never succeed: dead letter at once.
 * - Anything else (an order not found, a row that stays newer, invalid data): counted retries with exponential backoff and
 *   full jitter, then dead letter.
 */
export function decideOutcome(error: unknown, attempt: number, policy: RetryPolicy): Outcome {
  const text = errorText(error);
  const deferred = deferral(error, policy);
  if (deferred !== undefined) {
    return { kind: 'retry', delayMs: deferred.delayMs, reason: deferred.reason, error: text, countsAsFailure: false };
  }
  const reason = failureReason(error);
  if (isPermanent(error) || attempt > policy.maxRetries) return { kind: 'dead-letter', reason, error: text };
  return { kind: 'retry', delayMs: backoffMs(attempt, policy.random), reason, error: text, countsAsFailure: true };
}

/** Full jitter: anything from zero to the whole backoff, so that what failed together is not retried together. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(maxBackoffMs, initialBackoffMs * 2 ** Math.min(attempt - 1, 20)));
}

/** Delay and reason of a deferral, if an upstream is unavailable and the message is not at fault. */
function deferral(error: unknown, policy: RetryPolicy): { delayMs: number; reason: string } | undefined {
  const outage = classifyShopError(error);
  if (outage === undefined) return undefined;
  const jittered = Math.round(defaultDeferMs * (0.5 + policy.random() / 2));
  const delayMs = Math.max(0, Math.round(outage.retryAfterMs ?? jittered));
  const upstream = error instanceof UpstreamUnavailableError ? ` ${error.upstream}` : '';
  return { delayMs, reason: `${outage.reason}${upstream}` };
}

function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof MalformedPushError;
}

/** A short code to filter dead letters by. */
function failureReason(error: unknown): string {
  if (error instanceof PermanentError) return error.reason;
  if (error instanceof MalformedPushError) return 'not-a-push';
  if (error instanceof OrderNotFoundError) return 'order-not-found';
  if (error instanceof StaleVersionError) return 'version-conflict';
  if (error instanceof RejectedOrderError) return `shopee-${error.cause.kind}`;
  if (error instanceof ShopeeError) return `shopee-${error.kind}`;
  return 'handler-error';
}
