import { NotAPushError, ShopeeError } from '@shopee-webhook/shopee';
import type { Outcome } from '@shopee-webhook/store';
import {
  errorText,
  OrderNotFoundError,
  OvertakenError,
  PermanentError,
  RefusedOrderError,
  SideUnavailableError,
} from '../errors.ts';
import { shopOutageOf } from '../outages/side-outages.ts';

export interface RetryPolicy {
  /** Counted retries before a dead letter. */
  maxRetries: number;
  /** From 0 to 1. */
  random: () => number;
  /** ms epoch. */
  now: () => number;
}

const firstBackoffMs = 5000;
const longestBackoffMs = 300_000;
/** For a side that cannot serve us and does not say until when. */
const laterMs = 15_000;

/**
 * What becomes of a delivery whose handling failed; the only place that decides it. `attempt` counts from 1.
 *
 * - The other side said "later" (network, 5xx, rate limit, quota, a token being renewed, an unknown shop): retry, not
 *   counted, at the time it named.
 * - The message can never succeed: dead letter at once.
 * - Anything else (an order that is not there, a row that stays newer, data that does not fit): counted retries with
 *   exponential backoff and full jitter, then dead letter.
 */
export function outcomeOf(error: unknown, attempt: number, policy: RetryPolicy): Outcome {
  const text = errorText(error);
  const later = laterOf(error, policy);
  if (later !== undefined) {
    return { kind: 'retry', delayMs: later.delayMs, reason: later.reason, error: text, countsAsFailure: false };
  }
  const reason = reasonOf(error);
  if (isPermanent(error) || attempt > policy.maxRetries) return { kind: 'dead-letter', reason, error: text };
  return { kind: 'retry', delayMs: backoffMs(attempt, policy.random), reason, error: text, countsAsFailure: true };
}

/** Full jitter: anything from nothing to the whole backoff, so that what failed together does not return together. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(attempt - 1, 20)));
}

/** When to try again, if it is a side that cannot serve us and not the message. */
function laterOf(error: unknown, policy: RetryPolicy): { delayMs: number; reason: string } | undefined {
  const outage = shopOutageOf(error, policy.now());
  if (outage === undefined) return undefined;
  const jittered = Math.round(laterMs * (0.5 + policy.random() / 2));
  const delayMs = outage.retryAt === undefined ? jittered : Math.max(0, Math.round(outage.retryAt - policy.now()));
  const side = error instanceof SideUnavailableError ? ` ${error.side}` : '';
  return { delayMs, reason: `${outage.why}${side}` };
}

function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || error instanceof NotAPushError;
}

/** A short word to filter dead letters by. */
function reasonOf(error: unknown): string {
  if (error instanceof PermanentError) return error.reason;
  if (error instanceof NotAPushError) return 'not-a-push';
  if (error instanceof OrderNotFoundError) return 'order-not-found';
  if (error instanceof OvertakenError) return 'overtaken';
  if (error instanceof RefusedOrderError) return `shopee-${error.cause.kind}`;
  if (error instanceof ShopeeError) return `shopee-${error.kind}`;
  return 'handler-error';
}
