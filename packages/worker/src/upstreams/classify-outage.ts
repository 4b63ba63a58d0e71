import { ShopeeError } from '@shopee-webhook/shopee';
import { RejectedOrderError, UpstreamUnavailableError } from '../consumer/errors.ts';
import type { Outage } from './call-through-breaker.ts';
import { SheetUnavailableError } from '../sheets/writer/sheet-row.ts';

/** Whether an error tells that Shopee, or this shop's access to it, cannot serve us now; undefined when it does not. */
export function classifyShopError(error: unknown, now: number = Date.now()): Outage | undefined {
  if (error instanceof UpstreamUnavailableError) {
    return { reason: error.reason, ...(error.retryAfterMs === undefined ? {} : { retryAt: now + error.retryAfterMs }) };
  }
  if (!(error instanceof ShopeeError) || isUndocumented(error)) return undefined;
  switch (error.kind) {
    case 'not-found':
    case 'bad-request':
      return undefined;
    case 'retry-later':
      return { reason: 'outage', retryAt: error.retryAt };
    case 'retry-tomorrow':
      return { reason: 'daily-limit', retryAt: error.retryAt };
    case 'refresh-token':
    case 'reauthorize':
      return { reason: 'not-authorized' };
    case 'operator':
      return { reason: 'operator-must-act' };
  }
}

/**
 * Whether an outage may be one order's doing, for Shopee itself said "later" (`error_inner`, a 5xx). Not the way to it, nor
 * a limit, which are everybody's.
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
 * Throws what a call about one order alone was answered, after the shop served that order otherwise: then "later" and a
 * missing permission are this order's error, for its shop must not wait for it.
 */
export function rethrowOrderSpecific(error: unknown): never {
  const isOperators = error instanceof ShopeeError && error.kind === 'operator';
  if (isOperators || (mayBeOrderSpecific(error) && !isUndocumented(error))) throw new RejectedOrderError(error);
  throw error;
}

/** An `error` that Shopee documents nowhere: perhaps this order's doing, so its repeats are counted. */
function isUndocumented(error: ShopeeError): boolean {
  return !error.isDocumented && (error.httpStatus ?? 200) < 500 && error.httpStatus !== 429 && error.httpStatus !== 408;
}

/** The same for a spreadsheet. */
export function classifySheetError(error: unknown, now: number = Date.now()): Outage | undefined {
  if (!(error instanceof SheetUnavailableError)) return undefined;
  return { reason: 'outage', retryAt: error.retryAfterMs === undefined ? undefined : now + error.retryAfterMs };
}
