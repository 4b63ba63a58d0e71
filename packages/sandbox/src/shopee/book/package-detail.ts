import { apiFixture, objectIn } from '../fixture.ts';
import type { JsonObject } from '../json.ts';
import type { ShopeeSettings } from '../settings.ts';
import { maskingFor } from './masking.ts';
import type { OrderBook } from './order-book.ts';
import { shipByOf } from './order-life.ts';
import { linesOfPackage, logisticsStatusOf, orderDetailOf, weightOf } from './order-detail.ts';
import { packageNumbersOf, trackingNumberOf, type OrderRecord } from './order-record.ts';

const sample = firstOf(objectIn(apiFixture('order.get_package_detail.doc-shape'), 'response')['package_list']);

/** The order and part of a package number of ours. */
export function packageOf(book: OrderBook, packageNumber: string): { record: OrderRecord; part: number } | undefined {
  const digits = Number(/^OFG(\d{15})$/.exec(packageNumber)?.[1] ?? Number.NaN) - 100_000_000_000_000;
  const record = Number.isNaN(digits) ? undefined : book.at(Math.floor(digits / 2));
  if (record === undefined) return undefined;
  const part = packageNumbersOf(record, book.factsOf(record).split).indexOf(packageNumber);
  return part < 0 ? undefined : { record, part };
}

/** The tracking number of package `part`, or '' before the shipment was arranged. */
export function trackingOf(book: OrderBook, record: OrderRecord, part: number): string {
  return record.arrangedTime === 0 ? '' : trackingNumberOf(record, book.factsOf(record).carrier.prefix, part);
}

/** One entry of get_package_detail; undefined when the shop has no such package. */
export function packageDetailOf(
  book: OrderBook,
  packageNumber: string,
  shopId: number,
  masking: ShopeeSettings['masking'],
): JsonObject | undefined {
  const found = packageOf(book, packageNumber);
  if (found === undefined || found.record.shopId !== shopId) return undefined;
  const { record, part } = found;
  const facts = book.factsOf(record);
  return {
    ...sample,
    order_sn: record.sn,
    package_number: packageNumber,
    fulfillment_status: logisticsStatusOf(record.status, record),
    update_time: record.updateTime,
    logistics_channel_id: facts.carrier.channelId,
    shipping_carrier: facts.carrier.name,
    days_to_ship: facts.daysToShip,
    ship_by_date: shipByOf(record, facts),
    pending_terms: [],
    pending_description: [],
    tracking_number: trackingOf(book, record, part),
    pickup_done_time: record.pickupTime,
    is_split_up: facts.split,
    is_shipment_arranged: record.arrangedTime > 0,
    parcel_chargeable_weight_gram: weightOf(facts),
    recipient_address: orderDetailOf(book, record, maskingFor(record, masking))['recipient_address'],
    item_list: linesOfPackage(facts, part).map((line) => ({
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
