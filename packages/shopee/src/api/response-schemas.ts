import { z } from 'zod';
import { isRecord } from '../push/json.ts';
import { flag, id, ids, key, arrayOf, optional, number, optionalRows, text, strings, time } from './coercions.ts';

export const orderListSchema = z.object({
  order_list: optionalRows(z.object({ order_sn: key, order_status: text, booking_sn: text })),
  more: flag,
  next_cursor: text,
});

export const escrowListSchema = z.object({
  escrow_list: optionalRows(z.object({ order_sn: key, payout_amount: number, escrow_release_time: time })),
  more: flag,
});

export const shopInfoSchema = z.object({
  shop_name: text,
  region: text,
  /** BANNED, FROZEN or NORMAL. */
  status: text,
  is_cb: flag,
  is_sip: flag,
  merchant_id: id,
  auth_time: time,
  /** When the authorization ends. */
  expire_time: time,
});

export const trackingNumberSchema = z.object({
  /** Empty until the carrier gave one; Shopee says to ask again every five minutes. */
  tracking_number: text,
  first_mile_tracking_number: text,
  last_mile_tracking_number: text,
  plp_number: text,
  hint: text,
});

export const trackingInfoSchema = z.object({
  order_sn: text,
  package_number: text,
  logistics_status: text,
  /** Its `logistics_status` is another set of words than the one above. */
  tracking_info: arrayOf(z.object({ update_time: time, description: text, logistics_status: text })),
});

export const packageDetailSchema = z.object({
  order_sn: text,
  package_number: key,
  fulfillment_status: text,
  update_time: time,
  logistics_channel_id: id,
  shipping_carrier: text,
  tracking_number: text,
  ship_by_date: time,
  pickup_done_time: time,
  is_split_up: flag,
});

const returnItem = z.object({
  item_id: id,
  model_id: id,
  name: text,
  item_sku: text,
  variation_sku: text,
  amount: number,
  item_price: number,
  refund_amount: number,
});

const returnFields = z.object({
  return_sn: key,
  order_sn: text,
  status: text,
  reason: text,
  text_reason: text,
  refund_amount: number,
  amount_before_discount: number,
  currency: text,
  create_time: time,
  update_time: time,
  due_date: time,
  return_ship_due_date: time,
  return_seller_due_date: time,
  tracking_number: text,
  needs_logistics: flag,
  logistics_status: text,
  reverse_logistic_status: text,
  negotiation_status: text,
  seller_proof_status: text,
  seller_compensation_status: text,
  /** Only in the detail. */
  compensation_amount: number,
  /** RRBOC before, RRAOC after the order was completed. */
  return_refund_type: text,
  /** 0 return and refund, 1 refund only. */
  return_solution: number,
  user: optional(z.object({ username: text })),
  image: strings,
  item: arrayOf(returnItem),
});

/** The detail nests three states that the list prints flat; both come out flat. */
export const returnSchema = z.preprocess((value) => {
  if (!isRecord(value)) return value;
  const nested = ['negotiation', 'seller_proof', 'seller_compensation'].map((name) => value[name]).filter(isRecord);
  return Object.assign({}, ...nested, value) as unknown;
}, returnFields);

export const returnListSchema = z.object({ return: optionalRows(returnSchema), more: flag });

export const lostPushSchema = z.object({ shop_id: id, code: number, timestamp: time, data: z.unknown() });

export const lostPushesSchema = z.object({
  push_message_list: z
    .array(lostPushSchema)
    .nullish()
    .transform((list) => list ?? []),
  has_next_page: flag,
  last_message_id: id,
});

export const pushConfigSchema = z.object({
  callback_url: text,
  live_push_status: text,
  suspended_time: time,
  blocked_shop_id: ids,
  push_config_on_list: ids,
  push_config_off_list: ids,
});

export const shopsByPartnerSchema = z.object({
  authed_shop_list: arrayOf(z.object({ shop_id: id, region: text, auth_time: time, expire_time: time })),
  more: flag,
});

export const ipRangesSchema = z.object({ ip_list: strings });

export const tokenSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expire_in: number,
  shop_id: id,
  merchant_id: id,
  shop_id_list: ids,
  merchant_id_list: ids,
});

export type OrderListPage = z.infer<typeof orderListSchema>;
export type EscrowListPage = z.infer<typeof escrowListSchema>;
export type ShopInfo = z.infer<typeof shopInfoSchema>;
export type TrackingNumber = z.infer<typeof trackingNumberSchema>;
export type TrackingInfo = z.infer<typeof trackingInfoSchema>;
export type PackageDetail = z.infer<typeof packageDetailSchema>;
export type ReturnDetail = z.infer<typeof returnSchema>;
export type ReturnListPage = z.infer<typeof returnListSchema>;
