import type { OrderStore } from '../orders/order-store.ts';
import { returnDetailOf, returnEntryOf } from '../orders/return-detail.ts';
import type { JsonObject } from '../data/json.ts';
import { integerParam, shopOf, requiredText, type Api, type Call } from './api.ts';
import { ApiError } from './api-errors.ts';

const day = 86_400;
const latest = 4_294_967_295;

/** Returns and refunds. */
export function returnApis(orders: OrderStore): Api[] {
  return [
    { method: 'GET', path: '/returns/get_return_detail', kind: 'shop', handle: (call) => detail(orders, call) },
    { method: 'GET', path: '/returns/get_return_list', kind: 'shop', handle: (call) => list(orders, call) },
  ];
}

function detail(orders: OrderStore, call: Call): JsonObject {
  const entry = orders.findReturn(requiredText(call.query, 'return_sn'));
  if (entry === undefined || entry.shopId !== shopOf(call).shopId) {
    throw new ApiError('error_data', "The return you queried doesn't exist.");
  }
  return { response: returnDetailOf(orders, entry) };
}

function list(orders: OrderStore, call: Call): JsonObject {
  const { query } = call;
  const pageNo = integerParam(query, 'page_no', { min: 0, max: 1_000_000 });
  const pageSize = integerParam(query, 'page_size', { min: 1, max: 100 });
  const created = windowIn(query, 'create_time');
  const updated = windowIn(query, 'update_time');
  const { shopId } = shopOf(call);
  const all = [...orders.returns()].filter(
    (entry) =>
      entry.shopId === shopId &&
      (query['status'] ?? entry.status) === entry.status &&
      entry.createTime >= created.from &&
      entry.createTime <= created.to &&
      entry.updateTime >= updated.from &&
      entry.updateTime <= updated.to,
  );
  const page = all.slice(pageNo * pageSize, (pageNo + 1) * pageSize);
  // The list's key is `return`, in the singular.
  return {
    response: { more: all.length > (pageNo + 1) * pageSize, return: page.map((entry) => returnEntryOf(orders, entry)) },
  };
}

// As the page prints them.
const tooLong = {
  create_time: 'The period between create_time_from and created_time_of must not more than 15 days.',
  update_time: 'The period between update_time_from and update_time_to must not more than 15 days.',
};

function windowIn(query: Call['query'], name: keyof typeof tooLong): { from: number; to: number } {
  const from = integerParam(query, `${name}_from`, { min: 0, max: latest, otherwise: 0 });
  const to = integerParam(query, `${name}_to`, { min: 0, max: latest, otherwise: latest });
  const isGiven = query[`${name}_from`] !== undefined || query[`${name}_to`] !== undefined;
  if (isGiven && from >= to) throw new ApiError('error_param', `The ${name}_to should be later than ${name}_from.`);
  if (isGiven && to - from > 15 * day) throw new ApiError('error_param', tooLong[name]);
  return { from, to };
}
