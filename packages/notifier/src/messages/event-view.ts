import type { Push } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import type { OrderView } from './order-view.ts';

/** A parsed event with everything that messages show. */
export interface EventView {
  event: EventNotification;
  push: Push;
  /** The push's data, redacted. */
  data: Record<string, unknown>;
  order: OrderView | undefined;
  orderSn: string | undefined;
  /** The order's or the shop's. */
  region: string | undefined;
  zone: string;
  status: string | undefined;
  previousStatus: string | undefined;
  shopName: string | undefined;
}
