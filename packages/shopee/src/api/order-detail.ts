import { z } from 'zod';
import { flag, id, ids, key, arrayOf, optional, number, text, strings, time } from './coercions.ts';

// Field names, types and optional fields: Shopee's page v2.order.get_order_detail. All prices here are per unit.

const item = z.object({
  item_id: id,
  item_name: text,
  item_sku: text,
  model_id: id,
  model_name: text,
  model_sku: text,
  model_quantity_purchased: number,
  model_original_price: number,
  /** 0 by design for items of a bundle deal; their price is only in the escrow. */
  model_discounted_price: number,
  wholesale: flag,
  weight: number,
  add_on_deal: flag,
  main_item: flag,
  add_on_deal_id: id,
  promotion_type: text,
  promotion_id: id,
  promotion_list: arrayOf(z.object({ promotion_type: text, promotion_id: id })),
  /** Shared by the items of one bundle. */
  order_item_id: id,
  line_item_id: id,
  promotion_group_id: id,
  image_info: optional(z.object({ image_url: text })),
  product_location_id: ids,
  is_prescription_item: flag,
  is_b2c_owned_item: flag,
  hot_listing_item: flag,
  active_qty: number,
  cancel_requested_qty: number,
  cancelled_qty: number,
  return_requested_qty: number,
  returned_qty: number,
});

const address = z.object({
  name: text,
  phone: text,
  town: text,
  district: text,
  city: text,
  state: text,
  region: text,
  zipcode: text,
  full_address: text,
});

const packageItem = z.object({
  item_id: id,
  model_id: id,
  model_quantity: number,
  order_item_id: id,
  promotion_group_id: id,
  product_location_id: ids,
});

const orderPackage = z.object({
  package_number: text,
  logistics_status: text,
  logistics_channel_id: id,
  shipping_carrier: text,
  allow_self_design_awb: flag,
  item_list: arrayOf(packageItem),
  /** Named so on the wire; the page says `parcel_chargeable_weight`. */
  parcel_chargeable_weight_gram: number,
  parcel_chargeable_weight: number,
  group_shipment_id: id,
  virtual_contact_number: text,
  package_query_number: text,
  sorting_group: text,
});

const invoice = z.object({
  number: text,
  series_number: text,
  access_key: text,
  issue_date: time,
  total_value: number,
  products_total_value: number,
  tax_code: text,
  status: text,
  pending_reason: text,
});

const payment = z.object({
  payment_method: text,
  payment_processor_register: text,
  card_brand: text,
  transaction_id: text,
  payment_amount: number,
});

export const orderDetailSchema = z.object({
  order_sn: key,
  region: text,
  currency: text,
  cod: flag,
  /** Only after payment. */
  total_amount: number,
  pending_terms: strings,
  pending_description: strings,
  /** An open set: never reject one that is not known. */
  order_status: text,
  shipping_carrier: text,
  checkout_shipping_carrier: text,
  payment_method: text,
  estimated_shipping_fee: number,
  actual_shipping_fee: number,
  actual_shipping_fee_confirmed: flag,
  reverse_shipping_fee: number,
  message_to_seller: text,
  create_time: time,
  update_time: time,
  /** For cash on delivery it lies after `pickup_done_time`. */
  pay_time: time,
  pickup_done_time: time,
  days_to_ship: number,
  ship_by_date: time,
  note: text,
  note_update_time: time,
  buyer_user_id: id,
  buyer_username: text,
  buyer_cpf_id: text,
  buyer_cancel_reason: text,
  cancel_by: text,
  cancel_reason: text,
  recipient_address: optional(address),
  goods_to_declare: flag,
  item_list: arrayOf(item),
  package_list: arrayOf(orderPackage),
  dropshipper: text,
  dropshipper_phone: text,
  split_up: flag,
  fulfillment_flag: text,
  invoice_data: optional(invoice),
  payment_info: arrayOf(payment),
  order_chargeable_weight_gram: number,
  edt_from: time,
  edt_to: time,
  booking_sn: text,
  advance_package: flag,
  return_request_due_date: time,
  is_buyer_shop_collection: flag,
  is_international: flag,
  hot_listing_order: flag,
  can_full_cancel_order: flag,
  can_partial_cancel_order: flag,
});

/** An order as `get_order_detail` gives it, with the shop that was asked. */
export type OrderDetail = z.infer<typeof orderDetailSchema> & { shop_id: string };
export type OrderItem = z.infer<typeof item>;
export type OrderPackage = z.infer<typeof orderPackage>;

/** Every optional field; one that is not requested is absent from the response. */
export const optionalOrderFields: readonly string[] = [
  'buyer_user_id',
  'buyer_username',
  'estimated_shipping_fee',
  'recipient_address',
  'actual_shipping_fee',
  'goods_to_declare',
  'note',
  'note_update_time',
  'item_list',
  'pay_time',
  'dropshipper',
  'dropshipper_phone',
  'split_up',
  'buyer_cancel_reason',
  'cancel_by',
  'cancel_reason',
  'actual_shipping_fee_confirmed',
  'buyer_cpf_id',
  'fulfillment_flag',
  'pickup_done_time',
  'package_list',
  'shipping_carrier',
  'payment_method',
  'total_amount',
  'invoice_data',
  'order_chargeable_weight_gram',
  'return_request_due_date',
  'edt',
  'payment_info',
  'international_label',
];
