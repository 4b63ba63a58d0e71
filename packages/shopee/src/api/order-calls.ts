import { z } from 'zod';
import { unwrap, parseResponse } from './response-parser.ts';
import { type OrderListPage, type PackageDetail, orderListSchema, packageDetailSchema } from './response-schemas.ts';
import { bisectOnMissing } from './bisect.ts';
import type { Send, ShopAuth } from './transport.ts';
import { type OrderDetail, optionalOrderFields, orderDetailSchema } from './order-detail.ts';
import { rowsArray } from './coercions.ts';

/** What to list: times are unix seconds, at most 15 days apart. */
export interface OrderListQuery {
  from: number;
  to: number;
  field: 'create_time' | 'update_time';
  /** The previous page's `next_cursor`. */
  cursor?: string | undefined;
  /** 1 to 100. */
  pageSize?: number | undefined;
}

const detailPath = '/api/v2/order/get_order_detail';
const listPath = '/api/v2/order/get_order_list';
const packagePath = '/api/v2/order/get_package_detail';

/** The orders with every optional field, at most 50; those that Shopee does not know are absent. */
export async function getOrderDetail(send: Send, shop: ShopAuth, sns: readonly string[]): Promise<OrderDetail[]> {
  return await bisectOnMissing(sns, async (some) => {
    const query = {
      order_sn_list: some.join(','),
      request_order_status_pending: true,
      response_optional_fields: optionalOrderFields.join(','),
    };
    const response = await send({ method: 'GET', path: detailPath, shop, query });
    const { order_list: orders } = parseResponse(
      z.object({ order_list: rowsArray(orderDetailSchema) }),
      unwrap(response),
      detailPath,
    );
    return orders.map((order) => ({ ...order, shop_id: shop.shopId }));
  });
}

/** One page of order numbers in a window of at most 15 days, every status. */
export async function getOrderList(send: Send, shop: ShopAuth, query: OrderListQuery): Promise<OrderListPage> {
  const response = await send({
    method: 'GET',
    path: listPath,
    shop,
    query: {
      time_range_field: query.field,
      time_from: query.from,
      time_to: query.to,
      page_size: query.pageSize ?? 100,
      cursor: query.cursor ?? '',
      response_optional_fields: 'order_status',
      request_order_status_pending: true,
    },
  });
  return parseResponse(orderListSchema, unwrap(response), listPath);
}

/** Packages by their number, at most 50. */
export async function getPackageDetail(
  send: Send,
  shop: ShopAuth,
  numbers: readonly string[],
): Promise<PackageDetail[]> {
  const query = { package_number_list: numbers.join(',') };
  const response = await send({ method: 'GET', path: packagePath, shop, query });
  return parseResponse(z.object({ package_list: rowsArray(packageDetailSchema) }), unwrap(response), packagePath)
    .package_list;
}
