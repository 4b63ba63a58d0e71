import type { ActivityEntry } from '@shopee-webhook/store';
import type { FetchedOrder } from './order-row.ts';

type OrderActivityFields = Pick<ActivityEntry, 'status' | 'region' | 'currency' | 'total' | 'net' | 'placed'>;

/** What the dashboard counts the day's takings from; nothing of the buyer. */
export function orderActivityFields({ order, escrow }: Pick<FetchedOrder, 'order' | 'escrow'>): OrderActivityFields {
  const income = escrow?.order_income;
  const placed = order.create_time;
  return {
    status: order.order_status,
    region: order.region,
    currency: order.currency,
    total: order.total_amount,
    net: income?.escrow_amount_after_adjustment ?? income?.escrow_amount,
    placed: placed === undefined ? undefined : placed * 1000,
  };
}
