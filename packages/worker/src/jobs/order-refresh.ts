import { systemClock } from '@shopee-webhook/runtime';
import { MalformedPushError, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import { newMessageId, type Delivery, type MessageSource, type Queue } from '@shopee-webhook/store';
import type { EventRouter } from '../consumer/event-router.ts';
import { ProcessingFailedError } from '../upstreams/errors.ts';
import { classifyShopError } from '../upstreams/classify-outage.ts';

/** An order to refetch and rewrite. */
export interface OrderRef {
  shopId: string;
  sn: string;
  /** As far as known; the current one is fetched. */
  status?: string | undefined;
  /** Its payout by get_escrow_list; `releasedAt` in unix seconds. */
  payout?: { amount: number; releasedAt: number } | undefined;
}

export interface OrderRefreshDeps {
  /** Absent with REDIS_ENABLED=false: orders are then processed at once. */
  queue: Pick<Queue, 'enqueue'> | undefined;
  router: Pick<EventRouter, 'processOne'>;
  maxRetries: number;
  /** Codes of events that write their order. */
  orderEventCodes: () => readonly number[];
}

/** The text of a push as Shopee would send it for this order, with our time. */
export function syntheticPush(
  { shopId, sn, status = '', payout }: OrderRef,
  { code = 3, now = systemClock.wallMs() }: { code?: number | undefined; now?: number } = {},
): string {
  const timestamp = Math.floor(now / 1000);
  const paid = payout === undefined ? {} : { payout_amount: payout.amount, escrow_release_time: payout.releasedAt };
  const data = JSON.stringify({ ordersn: sn, status, update_time: timestamp, items: [], ...paid });
  // The shop id is inserted as text: as a number it may exceed 2^53.
  return `{"code":${code},"shop_id":${shopId},"timestamp":${timestamp},"data":${data}}`;
}

/** A delivery that was never in Redis. */
export function syntheticDelivery(payloadText: string, source: MessageSource): Delivery {
  const metadata = { enqueued_at: systemClock.wallMs(), retry_count: 0, max_retries: 0, source };
  return {
    id: `${source}-${newMessageId()}`,
    raw: payloadText,
    payloadText,
    metadata,
    attempt: 1,
    consumer: '',
  };
}

/** Writes orders without a push from Shopee: they take the same path as a push. */
export class OrderRefresh {
  readonly #options: OrderRefreshDeps;

  constructor(options: OrderRefreshDeps) {
    this.#options = options;
  }

  /**
   * Resolves when the order is durably queued; without Redis, when it is written. Rejects with a ProcessingFailedError
   * when it cannot be written through its own fault.
   */
  async refreshOrder(order: OrderRef, source: MessageSource): Promise<void> {
    const codes = this.#options.orderEventCodes();
    const code = codes.includes(3) ? 3 : codes[0];
    await this.enqueuePush(syntheticPush(order, { code }), source);
  }

  /** Enqueues a whole push. With `digest`, one that was accepted before is not queued again. */
  async enqueuePush(pushText: string, source: MessageSource, digest?: string): Promise<'enqueued' | 'duplicate'> {
    const { queue, router, maxRetries } = this.#options;
    if (queue !== undefined) {
      const { kind } = await queue.enqueue(pushText, {
        maxRetries,
        source,
        activity: activityFields(pushText),
        ...(digest === undefined ? {} : { digest }),
      });
      return kind;
    }
    const handling = await router.processOne(syntheticDelivery(pushText, source));
    if (handling.kind === 'failed') {
      throw classifyShopError(handling.error) === undefined
        ? new ProcessingFailedError(handling.error)
        : handling.error;
    }
    return 'enqueued';
  }
}

/** The push's fields for its first activity entry; none for what is not a push. */
function activityFields(pushText: string): { code?: number; shop?: string | undefined; sn?: string | undefined } {
  try {
    const push = parsePush(pushText);
    return { code: push.code, shop: push.shopId, sn: orderSnOf(push) };
  } catch (error) {
    if (error instanceof MalformedPushError) return {};
    throw error;
  }
}
