import { unwrap, parseResponse } from './response-parser.ts';
import {
  type ReturnDetail,
  type ReturnListPage,
  type ShopInfo,
  type TrackingInfo,
  type TrackingNumber,
  returnListSchema,
  returnSchema,
  shopInfoSchema,
  trackingInfoSchema,
  trackingNumberSchema,
} from './response-schemas.ts';
import type { Send, ShopAuth } from './transport.ts';

/** Returns by time, unix seconds, at most 15 days apart. */
export interface ReturnListQuery {
  /** From 0. */
  pageNo?: number | undefined;
  pageSize?: number | undefined;
  updatedFrom?: number | undefined;
  updatedTo?: number | undefined;
  createdFrom?: number | undefined;
  createdTo?: number | undefined;
}

/** A package of an order; only split orders need the package's number. */
export interface PackageRef {
  orderSn: string;
  packageNumber?: string | undefined;
}

const infoPath = '/api/v2/shop/get_shop_info';
const numberPath = '/api/v2/logistics/get_tracking_number';
const trackingPath = '/api/v2/logistics/get_tracking_info';
const returnPath = '/api/v2/returns/get_return_detail';
const returnsPath = '/api/v2/returns/get_return_list';

/** The shop's name, region, and when its authorization ends. */
export async function getShopInfo(send: Send, shop: ShopAuth): Promise<ShopInfo> {
  return parseResponse(shopInfoSchema, unwrap(await send({ method: 'GET', path: infoPath, shop })), infoPath);
}

/** A package's tracking number, empty until the carrier gave one. */
export async function getTrackingNumber(send: Send, shop: ShopAuth, ref: PackageRef): Promise<TrackingNumber> {
  const query = {
    ...packageQuery(ref),
    response_optional_fields: 'first_mile_tracking_number,last_mile_tracking_number',
  };
  return parseResponse(
    trackingNumberSchema,
    unwrap(await send({ method: 'GET', path: numberPath, shop, query })),
    numberPath,
  );
}

/** Where a package is; the descriptions are in the local language. */
export async function getTrackingInfo(send: Send, shop: ShopAuth, ref: PackageRef): Promise<TrackingInfo> {
  const query = packageQuery(ref);
  return parseResponse(
    trackingInfoSchema,
    unwrap(await send({ method: 'GET', path: trackingPath, shop, query })),
    trackingPath,
  );
}

/** One return. */
export async function getReturnDetail(send: Send, shop: ShopAuth, returnSn: string): Promise<ReturnDetail> {
  const response = await send({ method: 'GET', path: returnPath, shop, query: { return_sn: returnSn } });
  return parseResponse(returnSchema, unwrap(response), returnPath);
}

/** One page of returns. */
export async function getReturnList(send: Send, shop: ShopAuth, query: ReturnListQuery): Promise<ReturnListPage> {
  const response = await send({
    method: 'GET',
    path: returnsPath,
    shop,
    query: {
      page_no: query.pageNo ?? 0,
      page_size: query.pageSize ?? 50,
      update_time_from: query.updatedFrom,
      update_time_to: query.updatedTo,
      create_time_from: query.createdFrom,
      create_time_to: query.createdTo,
    },
  });
  return parseResponse(returnListSchema, unwrap(response), returnsPath);
}

/** An empty `package_number` is rejected, so it is left out. */
function packageQuery({ orderSn, packageNumber }: PackageRef): Record<string, string | undefined> {
  return { order_sn: orderSn, package_number: packageNumber === '' ? undefined : packageNumber };
}
