import type { OrderStore } from '../orders/order-store.ts';
import { logisticsStatusOf } from '../orders/order-detail.ts';
import { packageNumbersOf, type OrderRecord } from '../orders/order-record.ts';
import { trackingOf } from '../orders/package-detail.ts';
import type { JsonObject } from '../data/json.ts';
import { shopOf, requiredText, type Api, type Call } from './api.ts';
import { apiError } from './api-errors.ts';

/** Tracking numbers and what happened to parcels. */
export function logisticsApis(orders: OrderStore): Api[] {
  return [
    { method: 'GET', path: '/logistics/get_tracking_number', kind: 'shop', handle: (call) => number(orders, call) },
    { method: 'GET', path: '/logistics/get_tracking_info', kind: 'shop', handle: (call) => info(orders, call) },
  ];
}

function number(orders: OrderStore, call: Call): JsonObject {
  const { record, part } = parcelOf(orders, call);
  const trackingNumber = trackingOf(orders, record, part);
  const hint = trackingNumber === '' ? { hint: 'The tracking number is being allocated, please try again later.' } : {};
  return { response: { tracking_number: trackingNumber, first_mile_tracking_number: '', ...hint } };
}

function info(orders: OrderStore, call: Call): JsonObject {
  const { record, packageNumber } = parcelOf(orders, call);
  if (record.pickupTime === 0) throw apiError('logistics.error_status_limit');
  const delivered = ['TO_CONFIRM_RECEIVE', 'COMPLETED', 'TO_RETURN'].includes(record.status);
  // The status of a step is from another list than the one above it.
  const steps = [
    {
      update_time: record.pickupTime,
      description: 'Parcel has been picked up by courier',
      logistics_status: 'PICKED_UP',
    },
    ...(delivered
      ? [{ update_time: record.updateTime, description: 'Parcel has been delivered', logistics_status: 'DELIVERED' }]
      : []),
  ];
  return {
    response: {
      order_sn: record.sn,
      package_number: packageNumber,
      logistics_status: logisticsStatusOf(record.status, record),
      tracking_info: steps,
    },
  };
}

/** The parcel requested; a split order has two, so the package number must say which. */
function parcelOf(orders: OrderStore, call: Call): { record: OrderRecord; packageNumber: string; part: number } {
  const record = orders.find(requiredText(call.query, 'order_sn'));
  if (record === undefined || record.shopId !== shopOf(call).shopId) throw apiError('logistics.invalid_error');
  const numbers = packageNumbersOf(record, orders.contentOf(record).split);
  const requested = call.query['package_number'];
  if (requested === '') throw apiError('logistics.package_not_exist');
  if (requested === undefined && numbers.length > 1) throw apiError('logistics.package_number_not_exist');
  const part = requested === undefined ? 0 : numbers.indexOf(requested);
  if (part < 0) throw apiError('logistics.package_not_exist');
  return { record, packageNumber: numbers[part] ?? '', part };
}
