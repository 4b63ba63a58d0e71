import type { ShopeeError } from '@shopee-webhook/shopee';

/**
 * An outside side (a shop's API, a spreadsheet) cannot serve us now, through no fault of the message: it is handed
 * out again later and the delivery does not count against its retries.
 */
export class UpstreamUnavailableError extends Error {
  override readonly name = 'SideUnavailableError';
  /** `shopee:<shop>` or `sheet:<spreadsheet>`. */
  readonly upstream: string;
  /** A word for statistics and filters: `outage`, `rate-limit`, `daily-limit`, `parked`, `unknown-shop`… */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(side: string, why: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(`${side}: ${why}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.upstream = side;
    this.reason = why;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** No delivery of this message can ever succeed: it goes to the dead letters at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** The dead letter's reason. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Shopee answered and the order was not among what it gave. Perhaps it is there a moment later. */
export class OrderNotFoundError extends Error {
  override readonly name = 'OrderNotFoundError';

  constructor(orderSn: string, options?: ErrorOptions) {
    super(`Shopee knows no order ${orderSn} of this shop`, options);
  }
}

/** Shopee serves the shop and stumbles over this one order: its repeats are counted. */
export class RejectedOrderError extends Error {
  override readonly name = 'RefusedOrderError';
  override readonly cause: ShopeeError;

  constructor(cause: ShopeeError) {
    super(cause.message);
    this.cause = cause;
  }
}

/** The sheet holds a newer version of the order, so that what only its push tells could not be written beside it. */
export class StaleVersionError extends Error {
  override readonly name = 'OvertakenError';

  constructor(orderSn: string) {
    super(`the row of order ${orderSn} is newer than what Shopee says of it`);
  }
}

/** A push that was handled at once, for there is no queue, failed through its own fault: nobody hands it out again. */
export class ProcessingFailedError extends Error {
  override readonly name = 'NotHandledError';

  constructor(cause: unknown) {
    super(errorText(cause), { cause });
  }
}

/** The words of an error and of what caused it, without stacks, for a dead letter or an activity step. */
export function errorText(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (!messages.includes(at.message)) messages.push(at.message);
  }
  return (messages.length > 0 ? messages.join(': ') : String(error)).slice(0, 1000);
}
