import type { Logger } from '@shopee-webhook/runtime';
import type { ErasureRequests } from '@shopee-webhook/store';
import type { FetchResult } from './order-source.ts';

/** Redacts the buyers of erased orders from every fetched order. */
export class ErasedBuyers {
  readonly #store: Pick<ErasureRequests, 'listOrderSns'> | undefined;
  readonly #logger: Logger;
  #sns: ReadonlySet<string> = new Set();

  constructor(deps: { store: Pick<ErasureRequests, 'listOrderSns'> | undefined; logger: Logger }) {
    this.#store = deps.store;
    this.#logger = deps.logger;
  }

  /** Loads the erasure requests; at the start and every half minute. */
  async refresh(): Promise<void> {
    if (this.#store === undefined) return;
    const sns = new Set(await this.#store.listOrderSns());
    if (sns.size > this.#sns.size) this.#logger.info({ count: sns.size }, 'erasure requests loaded');
    this.#sns = sns;
  }

  has(orderSn: string): boolean {
    return this.#sns.has(orderSn);
  }

  /** The same orders, without personal data where the buyer requested erasure. */
  redact(orders: Map<string, FetchResult>): Map<string, FetchResult> {
    if (this.#sns.size === 0) return orders;
    return new Map([...orders].map(([sn, fetched]) => [sn, this.#sns.has(sn) ? redactBuyer(fetched) : fetched]));
  }
}

function redactBuyer(fetched: FetchResult): FetchResult {
  if ('error' in fetched) return fetched;
  const {
    buyer_username: _username,
    recipient_address: _address,
    message_to_seller: _message,
    note: _note,
    buyer_cancel_reason: _reason,
    ...order
  } = fetched.order;
  return { ...fetched, order };
}
