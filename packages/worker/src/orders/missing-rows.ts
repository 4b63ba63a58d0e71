import type { Queue } from '@shopee-webhook/store';
import type { MissingRows } from '../sheets/sheet-writer.ts';

export interface MissingRowsOptions {
  queue: Pick<Queue, 'enqueue'>;
  /** A code whose events bring their order into the sheet. */
  orderEventCode: number;
  maxRetries: number;
  now?: () => number;
}

/**
 * Puts the orders of rows that are gone from a sheet into the queue, so that they are fetched and written again. Rejects
 * when one could not be queued; telling them twice costs a fetch and changes nothing. Rows of returns come back with
 * the next event of their return: their key does not name the order.
 */
export function refreshMissing(options: MissingRowsOptions): (missing: MissingRows) => Promise<void> {
  const { queue, orderEventCode, maxRetries, now = Date.now } = options;
  return async ({ tab, keys }) => {
    if (tab === 'Returns') return;
    const orders = new Map(keys.map((key) => key.split(':', 2)).map(([shop, sn]) => [`${shop}:${sn}`, { shop, sn }]));
    const timestamp = Math.floor(now() / 1000);
    for (const { shop, sn } of orders.values()) {
      // The shop's id as digits: it may be beyond what a JSON number of ours can hold.
      const push = `{"code":${orderEventCode},"shop_id":${shop},"timestamp":${timestamp},"data":{"ordersn":${JSON.stringify(sn)}}}`;
      await queue.enqueue(push, { source: 'refresh', maxRetries });
    }
  };
}
