import { ShopeeError, type OrderDetail, type Push, type ShopeeClient } from '@shopee-webhook/shopee';
import { shopOutageOf, throwOfOneOrder } from '../outages/side-outages.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import { trackingNumbersOf } from './push-facts.ts';

export interface TrackingOptions {
  shopee: Pick<ShopeeClient, 'getTrackingNumber'>;
  keeper: Pick<TokenKeeper, 'use'>;
}

/**
 * The tracking numbers of an order: what its pushes told (code 4). An order that is sent in several packages has a push
 * for each, perhaps hours apart, so then Shopee is asked for all of them; the cell would else hold the last one only.
 */
export async function trackingOf(
  { shopee, keeper }: TrackingOptions,
  order: OrderDetail,
  pushes: readonly Push[],
): Promise<string[]> {
  const told = trackingNumbersOf(pushes);
  const packages = order.package_list.map((parcel) => parcel.package_number).filter((number) => number !== undefined);
  if (told.length === 0 || packages.length < 2) return told;
  const numbers: string[] = [];
  for (const number of packages) {
    try {
      const tracking = await keeper.use(order.shop_id, (auth) =>
        shopee.getTrackingNumber(auth, order.order_sn, number),
      );
      if (tracking.tracking_number) numbers.push(tracking.tracking_number);
    } catch (error) {
      // A package without a number yet is refused in several ways, also as "being allocated"; its own push will come.
      const refused = error instanceof ShopeeError && (error.code.endsWith('error_param') || error.kind === 'operator');
      if (!refused && shopOutageOf(error) !== undefined) throwOfOneOrder(error);
    }
  }
  return [...new Set([...numbers, ...told])];
}
