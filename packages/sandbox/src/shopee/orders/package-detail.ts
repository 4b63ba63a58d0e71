import { apiFixture, objectIn } from '../data/fixture.ts';
import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import { maskingFor } from './masking.ts';
import type { OrderStore } from './order-store.ts';
import { shipByOf } from './order-lifecycle.ts';
import { linesOfPackage, logisticsStatusOf, orderDetailOf, weightOf } from './order-detail.ts';
import { packageNumbersOf, trackingNumberOf, type OrderRecord } from './order-record.ts';

const sample = firstOf(objectIn(apiFixture('order.get_package_detail.doc-shape'), 'response')['package_list']);

/** The order and part of a package number of ours. */
export function packageOf(
  orders: OrderStore,
  packageNumber: string,
): { record: OrderRecord; part: number } | undefined {
  const digits = Number(/^OFG(\d{15})$/.exec(packageNumber)?.[1] ?? Number.NaN) - 100_000_000_000_000;
  const record = Number.isNaN(digits) ? undefined : orders.at(Math.floor(digits / 2));
  if (record === undefined) return undefined;
  const part = packageNumbersOf(record, orders.contentOf(record).split).indexOf(packageNumber);
  return part < 0 ? undefined : { record, part };
}

/** The tracking number of package `part`, or '' before the shipment was arranged. */
export function trackingOf(orders: OrderStore, record: OrderRecord, part: number): string {
  return record.arrangedTime === 0 ? '' : trackingNumberOf(record, orders.contentOf(record).carrier.prefix, part);
}

/** One entry of get_package_detail; undefined when the shop has no such package. */
export function packageDetailOf(
  orders: OrderStore,
  packageNumber: string,
  shopId: number,
  masking: ShopeeSettings['masking'],
): JsonObject | undefined {
  const found = packageOf(orders, packageNumber);
  if (found === undefined || found.record.shopId !== shopId) return undefined;
  const { record, part } = found;
  const content = orders.contentOf(record);
  return {
    ...sample,
    order_sn: record.sn,
    package_number: packageNumber,
    fulfillment_status: logisticsStatusOf(record.status, record),
    update_time: record.updateTime,
    logistics_channel_id: content.carrier.channelId,
    shipping_carrier: content.carrier.name,
    days_to_ship: content.daysToShip,
    ship_by_date: shipByOf(record, content),
    pending_terms: [],
    pending_description: [],
    tracking_number: trackingOf(orders, record, part),
    pickup_done_time: record.pickupTime,
    is_split_up: content.split,
    is_shipment_arranged: record.arrangedTime > 0,
    parcel_chargeable_weight_gram: weightOf(content),
    recipient_address: orderDetailOf(orders, record, maskingFor(record, masking))['recipient_address'],
    item_list: linesOfPackage(content, part).map((line) => ({
      item_id: line.product.itemId,
      model_id: line.modelId,
      item_sku: line.product.sku,
      model_sku: line.modelSku,
      model_quantity: line.quantity,
      order_item_id: line.orderItemId,
      promotion_group_id: line.promotionType === 'bundle_deal' ? 1 : 0,
      product_location_id: 'Z',
      consultation_id: '',
    })),
  };
}

function firstOf(list: unknown): JsonObject {
  const [first] = Array.isArray(list) ? (list as JsonObject[]) : [];
  if (first === undefined) throw new Error('the fixture has no entry');
  return first;
}
