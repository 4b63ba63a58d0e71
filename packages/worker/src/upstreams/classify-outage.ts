import { systemClock } from '@shopee-webhook/runtime';
import { ShopeeError } from '@shopee-webhook/shopee';
import { SheetUnavailableError } from '@shopee-webhook/sheets';
import { RejectedOrderError, UpstreamUnavailableError } from './errors.ts';
import type { Outage } from './call-through-breaker.ts';

/** The outage of Shopee, or of this shop's access to it, that an error indicates; undefined if it indicates none. */
export function classifyShopError(error: unknown): Outage | undefined {
  if (error instanceof UpstreamUnavailableError) {
    return { reason: error.reason, retryAfterMs: error.retryAfterMs };
  }
  if (!(error instanceof ShopeeError) || isUndocumented(error)) return undefined;
  switch (error.kind) {
    case 'not-found':
    case 'bad-request':
      return undefined;
    case 'retry-later':
      return { reason: 'outage', retryAfterMs: remainingMs(error.retryAt) };
    case 'retry-tomorrow':
      return { reason: 'daily-limit', retryAfterMs: remainingMs(error.retryAt) };
    case 'refresh-token':
    case 'reauthorize':
      return { reason: 'not-authorized' };
    case 'configuration':
    case 'unrouted':
      return { reason: 'operator-must-act' };
  }
}

/**
 * Whether one order may have caused the outage: Shopee itself responded "later" (`error_inner`, a 5xx). Network errors and
 * rate limits concern all orders.
 */
export function mayBeOrderSpecific(error: unknown): error is ShopeeError {
  return (
    error instanceof ShopeeError &&
    error.kind === 'retry-later' &&
    error.httpStatus !== undefined &&
    error.httpStatus !== 429 &&
    error.code !== 'error_rate_limit'
  );
}

/**
 * Rethrows the error of a call about a single order after Shopee served the shop: "later" and a missing permission are
 * then this order's error, so that its shop does not wait for it.
 */
export function rethrowOrderSpecific(error: unknown): never {
  const isOperators = error instanceof ShopeeError && error.kind === 'configuration';
  if (isOperators || (mayBeOrderSpecific(error) && !isUndocumented(error))) throw new RejectedOrderError(error);
  throw error;
}

/** An `error` that Shopee does not document: possibly caused by this order, so its retries are counted. */
function isUndocumented(error: ShopeeError): boolean {
  return !error.isDocumented && (error.httpStatus ?? 200) < 500 && error.httpStatus !== 429 && error.httpStatus !== 408;
}

/** The outage of a spreadsheet that an error indicates. */
export function classifySheetError(error: unknown): Outage | undefined {
  if (!(error instanceof SheetUnavailableError)) return undefined;
  return { reason: 'outage', retryAfterMs: error.retryAfterMs };
}

/** Shopee names a time of day; waiting for it must not depend on a clock that steps. */
function remainingMs(retryAt: number | undefined): number | undefined {
  return retryAt === undefined ? undefined : Math.max(0, retryAt - systemClock.wallMs());
}
