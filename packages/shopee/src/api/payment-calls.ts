import { isRecord } from '../push/json.ts';
import { malformedResponse, parseResponse, unwrap } from './response-parser.ts';
import { type EscrowListPage, escrowListSchema } from './response-schemas.ts';
import { bisectOnMissing } from './bisect.ts';
import { type Escrow, escrowSchema } from './escrow.ts';
import type { ApiResponse, Send, ShopAuth } from './transport.ts';

/** Escrows released in a time; unix seconds. */
export interface EscrowListQuery {
  from: number;
  to: number;
  /** From 1. */
  pageNo?: number | undefined;
  /** At most 100. */
  pageSize?: number | undefined;
}

const detailPath = '/api/v2/payment/get_escrow_detail';
const batchPath = '/api/v2/payment/get_escrow_detail_batch';
const listPath = '/api/v2/payment/get_escrow_list';

/** One order's escrow. Throws ShopeeError `not-found` when there is none yet. */
export async function getEscrowDetail(send: Send, shop: ShopAuth, sn: string): Promise<Escrow> {
  const response = await send({ method: 'GET', path: detailPath, shop, query: { order_sn: sn } });
  const escrow = parseResponse(escrowSchema, unwrap(response), detailPath);
  // This call leaves `order_adjustment` out when nothing was adjusted.
  escrow.order_income.has_adjustments = true;
  return escrow;
}

/**
 * The escrows of at most 50 orders; an order that has none yet is absent. The page documents a GET, the gateway takes only
 * a POST with JSON (measured August 2026).
 */
export async function getEscrowDetails(
  send: Send,
  shop: ShopAuth,
  sns: readonly string[],
): Promise<Map<string, Escrow>> {
  const escrows = await bisectOnMissing(sns, async (some) =>
    parseEscrows(await send({ method: 'POST', path: batchPath, shop, body: { order_sn_list: some } })),
  );
  return new Map(escrows.map((escrow) => [escrow.order_sn, escrow]));
}

/** One page of released escrows: the only place that says when the money was released. */
export async function getEscrowList(send: Send, shop: ShopAuth, query: EscrowListQuery): Promise<EscrowListPage> {
  const response = await send({
    method: 'GET',
    path: listPath,
    shop,
    query: {
      release_time_from: query.from,
      release_time_to: query.to,
      page_no: query.pageNo ?? 1,
      page_size: query.pageSize ?? 100,
    },
  });
  return parseResponse(escrowListSchema, unwrap(response), listPath);
}

/** Two documented shapes: `response` is the list, or `escrow_detail_list` stands at the top with an error per order. */
function parseEscrows(response: ApiResponse): Escrow[] {
  const payload = unwrap(response);
  const list: unknown = [response['response'], payload['escrow_detail_list']].find(Array.isArray);
  if (response['response'] === null) return [];
  if (!Array.isArray(list)) {
    throw malformedResponse('no list of escrows', batchPath);
  }
  return list.filter(isRecord).flatMap((entry) => {
    const escrow = isRecord(entry['escrow_detail']) ? entry['escrow_detail'] : entry;
    // For an order whose escrow is to come there is an error, or an income without any field.
    return isRecord(escrow['order_income']) && Object.keys(escrow['order_income']).length > 0
      ? [parseResponse(escrowSchema, escrow, batchPath)]
      : [];
  });
}
