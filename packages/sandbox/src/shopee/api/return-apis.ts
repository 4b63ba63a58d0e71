import type { OrderBook } from '../book/order-book.ts';
import { returnDetailOf, returnEntryOf } from '../book/return-detail.ts';
import type { JsonObject } from '../json.ts';
import { integerIn, shopOf, textIn, type Api, type Call } from './api.ts';
import { Refusal, wrongParameter } from './refusals.ts';

const day = 86_400;
const latest = 4_294_967_295;

/** Returns and refunds. */
export function returnApis(book: OrderBook): Api[] {
  return [
    { method: 'GET', path: '/returns/get_return_detail', kind: 'shop', handle: (call) => detail(book, call) },
    { method: 'GET', path: '/returns/get_return_list', kind: 'shop', handle: (call) => list(book, call) },
  ];
}

function detail(book: OrderBook, call: Call): JsonObject {
  const entry = book.findReturn(textIn(call.query, 'return_sn'));
  if (entry === undefined || entry.shopId !== shopOf(call).shopId) {
    throw new Refusal('error_not_found', 'Wrong parameters, detail: the return is not found.');
  }
  return { response: returnDetailOf(book, entry) };
}

function list(book: OrderBook, call: Call): JsonObject {
  const { query } = call;
  const pageNo = integerIn(query, 'page_no', { min: 0, max: 1_000_000 });
  const pageSize = integerIn(query, 'page_size', { min: 1, max: 100 });
  const created = windowIn(query, 'create_time');
  const updated = windowIn(query, 'update_time');
  const { shopId } = shopOf(call);
  const all = [...book.returns()].filter(
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
    response: { more: all.length > (pageNo + 1) * pageSize, return: page.map((entry) => returnEntryOf(book, entry)) },
  };
}

function windowIn(query: Call['query'], name: string): { from: number; to: number } {
  const from = integerIn(query, `${name}_from`, { min: 0, max: latest, otherwise: 0 });
  const to = integerIn(query, `${name}_to`, { min: 0, max: latest, otherwise: latest });
  const given = query[`${name}_from`] !== undefined || query[`${name}_to`] !== undefined;
  if (given && (from > to || to - from > 15 * day)) throw wrongParameter(`${name} allows at most 15 days`);
  return { from, to };
}
