import { ShopeeError, type OrderDetail, type Push, type ShopeeClient } from '@shopee-webhook/shopee';
import { classifyShopError, rethrowOrderSpecific } from '../upstreams/classify-outage.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import { trackingNumbersFrom } from './push-fields.ts';

export interface TrackingDeps {
  shopee: Pick<ShopeeClient, 'getTrackingNumber'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
}

/**
 * The tracking numbers of an order: what its pushes told (code 4). An order that is sent in several packages has a push
 * for each, perhaps hours apart, so then Shopee is asked for all of them; the cell would else hold the last one only.
 */
export async function fetchTrackingNumbers(
  { shopee, accessTokens }: TrackingDeps,
  order: OrderDetail,
  pushes: readonly Push[],
): Promise<string[]> {
  const fromPushes = trackingNumbersFrom(pushes);
  const packages = order.package_list.map((parcel) => parcel.package_number).filter((number) => number !== undefined);
  if (fromPushes.length === 0 || packages.length < 2) return fromPushes;
  const numbers: string[] = [];
  for (const number of packages) {
    try {
      const tracking = await accessTokens.withToken(order.shop_id, (auth) =>
        shopee.getTrackingNumber(auth, order.order_sn, number),
      );
      if (tracking.tracking_number) numbers.push(tracking.tracking_number);
    } catch (error) {
      // A package without a number yet is refused in several ways, also as "being allocated"; its own push will come.
      const refused = error instanceof ShopeeError && (error.code.endsWith('error_param') || error.kind === 'configuration');
      if (!refused && classifyShopError(error) !== undefined) rethrowOrderSpecific(error);
    }
  }
  return [...new Set([...numbers, ...fromPushes])];
}
