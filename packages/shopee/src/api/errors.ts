import type { ErrorClassification, ShopeeErrorKind } from './error-kinds.ts';

export type { ShopeeErrorKind } from './error-kinds.ts';

/** What a ShopeeError is made of. */
export interface ShopeeErrorDetails extends ErrorClassification {
  /** Shopee's `error` without the prefix `common.`, or our own word: `network`, `timeout`, `not-json`, `malformed-response`, `http-<status>`. */
  code: string;
  /** Shopee's words, without anything secret. */
  detail: string;
  path: string;
  httpStatus?: number | undefined;
  requestId?: string | undefined;
  /** When a repeat may succeed, ms epoch. */
  retryAt?: number | undefined;
}

/**
 * A call to Shopee that failed. It carries neither bodies nor tokens, and on purpose no `cause`: axios keeps the whole
 * request, with its tokens, in its errors.
 */
export class ShopeeError extends Error {
  override name = 'ShopeeError';
  readonly kind: ShopeeErrorKind;
  /** False for an `error` that is in no list of Shopee's: the kind is then a guess, and repeats should be counted. */
  readonly isDocumented: boolean;
  readonly code: string;
  readonly path: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAt: number | undefined;

  constructor(details: ShopeeErrorDetails) {
    super(`${details.path}: ${details.code}${details.detail === '' ? '' : `: ${details.detail}`}`);
    this.kind = details.kind;
    this.isDocumented = details.isDocumented;
    this.code = details.code;
    this.path = details.path;
    this.httpStatus = details.httpStatus;
    this.requestId = details.requestId;
    this.retryAt = details.retryAt;
  }
}

/** The next 00:00 in UTC+8 after `now` (ms), when the daily call limit starts afresh. */
export function nextMidnightUtc8(now: number): number {
  const day = 86_400_000;
  const offset = 8 * 3_600_000;
  return (Math.floor((now + offset) / day) + 1) * day - offset;
}
