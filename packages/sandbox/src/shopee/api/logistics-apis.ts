import type { OrderBook } from '../book/order-book.ts';
import { logisticsStatusOf } from '../book/order-detail.ts';
import { packageNumbersOf, type OrderRecord } from '../book/order-record.ts';
import { trackingOf } from '../book/package-detail.ts';
import type { JsonObject } from '../json.ts';
import { shopOf, textIn, type Api, type Call } from './api.ts';
import { Refusal, refusal } from './refusals.ts';

/** Tracking numbers and what happened to parcels. */
export function logisticsApis(book: OrderBook): Api[] {
  return [
    { method: 'GET', path: '/logistics/get_tracking_number', kind: 'shop', handle: (call) => number(book, call) },
    { method: 'GET', path: '/logistics/get_tracking_info', kind: 'shop', handle: (call) => info(book, call) },
  ];
}

function number(book: OrderBook, call: Call): JsonObject {
  const { record, part } = parcelOf(book, call);
  const trackingNumber = trackingOf(book, record, part);
  const hint = trackingNumber === '' ? { hint: 'The tracking number is being allocated, please try again later.' } : {};
  return { response: { tracking_number: trackingNumber, first_mile_tracking_number: '', ...hint } };
}

function info(book: OrderBook, call: Call): JsonObject {
  const { record, packageNumber } = parcelOf(book, call);
  if (record.pickupTime === 0) throw new Refusal('logistics.error_status_limit', 'The order is not shipped yet.');
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

/** The parcel asked for; a split order has two, so the package number must say which. */
function parcelOf(book: OrderBook, call: Call): { record: OrderRecord; packageNumber: string; part: number } {
  const record = book.find(textIn(call.query, 'order_sn'));
  if (record === undefined || record.shopId !== shopOf(call).shopId) throw refusal('logistics.invalid_error');
  const numbers = packageNumbersOf(record, book.factsOf(record).split);
  const asked = call.query['package_number'];
  if (asked === '') throw new Refusal('logistics.error_param', 'package_number is empty.');
  if (asked === undefined && numbers.length > 1) throw refusal('logistics.package_number_not_exist');
  const part = asked === undefined ? 0 : numbers.indexOf(asked);
  if (part < 0) throw refusal('logistics.invalid_error');
  return { record, packageNumber: numbers[part] ?? '', part };
}
