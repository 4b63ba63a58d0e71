import type { OrderContent } from './order-content.ts';
import { packageNumbersOf, trackingNumberOf } from './order-record.ts';
import type { OrderRecord, PushBody, ReturnRecord } from './order-record.ts';

/** Code 3, order_status_push. */
export function statusPush(record: OrderRecord): PushBody {
  const { sn, status, scenario, updateTime } = record;
  const data = { items: [], ordersn: sn, status, completed_scenario: scenario, update_time: updateTime };
  return { data, shop_id: record.shopId, code: 3, timestamp: updateTime };
}

/** Code 4, order_trackingno_push: one for each package; it has no update_time. */
export function trackingPushes(record: OrderRecord, content: OrderContent): PushBody[] {
  return packageNumbersOf(record, content.split).map((packageNumber, part) => ({
    data: {
      ordersn: record.sn,
      forder_id: String(1_000_000_000_000_000_000n + BigInt(record.index)),
      package_number: packageNumber,
      tracking_no: trackingNumberOf(record, content.carrier.prefix, part),
    },
    shop_id: record.shopId,
    code: 4,
    timestamp: record.updateTime,
  }));
}

/** Code 30, package_fulfillment_status_push. */
export function packagePushes(record: OrderRecord, content: OrderContent, status: string): PushBody[] {
  return packageNumbersOf(record, content.split).map((packageNumber) => ({
    data: {
      ordersn: record.sn,
      package_number: packageNumber,
      fulfillment_status: status,
      update_time: record.updateTime,
    },
    shop_id: record.shopId,
    code: 30,
    timestamp: record.updateTime,
  }));
}

/** Code 15, shipping_document_status_push; the sample's spelling, or the parameter table's (`order_sn`). */
export function documentPush(record: OrderRecord, content: OrderContent, tableSpelling = false): PushBody {
  const [packageNumber] = packageNumbersOf(record, content.split);
  const sn = tableSpelling ? { order_sn: record.sn } : { ordersn: record.sn };
  const data = { ...sn, package_number: packageNumber, status: 'READY' };
  return { data, shop_id: record.shopId, code: 15, timestamp: record.updateTime };
}

/** Code 8, reserved_stock_change_push, when an order takes or returns promotion stock. */
export function stockPush(
  record: OrderRecord,
  content: OrderContent,
  action: 'place_order' | 'cancel_order',
): PushBody[] {
  return content.lines
    .filter((line) => line.promotionType === 'flash_sale')
    .map((line) => {
      const [left, right] = action === 'place_order' ? [100, 100 - line.quantity] : [100 - line.quantity, 100];
      const data = {
        shop_id: record.shopId,
        item_id: line.product.itemId,
        variation_id: line.modelId,
        changed_values: [{ name: 'reserved_stock', old: left, new: right }],
        promotion_type: 'flash_sale',
        promotion_id: line.promotionId,
        action,
        ordersn: record.sn,
        update_time: record.updateTime,
      };
      return { data, shop_id: record.shopId, code: 8, timestamp: record.updateTime };
    });
}

/** Code 29, return_updates_push: spelled `order_sn`, and without an update_time beside it. */
export function returnPush(entry: ReturnRecord, before: string): PushBody {
  const data = {
    order_sn: entry.orderSn,
    return_sn: entry.sn,
    updated_values: [
      { update_field: 'return_status', old_value: before, new_value: entry.status, update_time: entry.updateTime },
    ],
  };
  return { data, shop_id: entry.shopId, code: 29, timestamp: entry.updateTime };
}

/** Code 47, package_info_push: the time to ship was extended; the envelope is a second later, as in Shopee's sample. */
export function packageInfoPush(
  record: OrderRecord,
  content: OrderContent,
  shipBy: { old: number; new: number },
): PushBody {
  const [packageNumber] = packageNumbersOf(record, content.split);
  const data = {
    changed_fields: ['ship_by_date'],
    old: { logistics_channel_id: content.carrier.channelId, ship_by_date: shipBy.old },
    new: { logistics_channel_id: content.carrier.channelId, ship_by_date: shipBy.new },
    order_sn: record.sn,
    package_number: packageNumber,
    update_time: record.updateTime,
  };
  return { data, shop_id: record.shopId, code: 47, timestamp: record.updateTime + 1 };
}
