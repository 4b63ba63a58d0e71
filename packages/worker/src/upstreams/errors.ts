import type { ShopeeError } from '@shopee-webhook/shopee';

/**
 * An upstream (a shop's API, a spreadsheet) cannot serve us now, through no fault of the message: it is redelivered
 * later and the delivery does not count against its retries.
 */
export class UpstreamUnavailableError extends Error {
  override readonly name = 'UpstreamUnavailableError';
  /** `shopee:<shop>` or `sheet:<spreadsheet>`. */
  readonly upstream: string;
  /** A code for statistics and filters: `outage`, `rate-limit`, `daily-limit`, `deferred`, `unknown-shop`… */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(upstream: string, reason: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(`${upstream}: ${reason}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.upstream = upstream;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No delivery of this message can succeed: it becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** The dead letter's reason. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Shopee's response does not contain the order. It may a moment later. */
export class OrderNotFoundError extends Error {
  override readonly name = 'OrderNotFoundError';

  constructor(orderSn: string, options?: ErrorOptions) {
    super(`Shopee has no order ${orderSn} for this shop`, options);
  }
}

/** Shopee serves the shop but fails on this one order: its retries are counted. */
export class RejectedOrderError extends Error {
  override readonly name = 'RejectedOrderError';
  override readonly cause: ShopeeError;

  constructor(cause: ShopeeError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** The sheet holds a newer version of the order, so data that only the push carries could not be written. */
export class StaleVersionError extends Error {
  override readonly name = 'StaleVersionError';

  constructor(orderSn: string) {
    super(`the row of order ${orderSn} is newer than Shopee's response`);
  }
}

/** An event processed without a queue failed through its own fault; it is not redelivered. */
export class ProcessingFailedError extends Error {
  override readonly name = 'ProcessingFailedError';

  constructor(cause: unknown) {
    super(errorText(cause), { cause });
  }
}

/** The messages of an error and its causes, without stacks, for a dead letter or an activity entry. */
export function errorText(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (!messages.includes(at.message)) messages.push(at.message);
  }
  return (messages.length > 0 ? messages.join(': ') : String(error)).slice(0, 1000);
}
